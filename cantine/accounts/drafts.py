"""What somebody typed and has not saved: kept when the shared PC signs out, offered back after."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from cantine.accounts.models import Draft
from cantine.errors import CantineError

LARGEST = 200_000
KEPT = timedelta(days=30)


def keep(session: Session, user_id: int, form: str, fields: dict[str, str], *, now: datetime) -> None:
    """Keep the fields of a form; ``form`` is the path of its page.

    Raises:
        CantineError: it is not the path of a page, or it is too long.
    """
    content = json.dumps(fields, ensure_ascii=False)
    if not form.startswith("/") or not form.isprintable() or len(content) > LARGEST:
        raise CantineError("Cette saisie ne peut pas être gardée.")
    draft = session.get(Draft, (user_id, form)) or Draft(user_id=user_id, form=form, content="", saved_at=now)
    draft.content, draft.saved_at = content, now
    session.add(draft)


def find(session: Session, user_id: int, form: str) -> Draft | None:
    """What was typed on this page."""
    return session.get(Draft, (user_id, form))


def waiting(session: Session, user_id: int) -> Sequence[Draft]:
    """Everything typed and not saved, latest first."""
    return session.exec(
        select(Draft).where(Draft.user_id == user_id).order_by(col(Draft.saved_at).desc())
    ).all()


def forget(session: Session, user_id: int, form: str) -> None:
    """The form was saved, or the person does not want it back."""
    session.exec(delete(Draft).where(col(Draft.user_id) == user_id, col(Draft.form) == form))


def forget_form(session: Session, form: str) -> None:
    """What anybody typed on this page goes: what it is about was erased."""
    session.exec(delete(Draft).where(col(Draft.form) == form))


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop what nobody came back for."""
    session.exec(delete(Draft).where(col(Draft.saved_at) < now - KEPT))
