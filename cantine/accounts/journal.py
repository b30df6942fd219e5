"""The journal: who changed what, when, before and after."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from cantine.accounts import small_counts
from cantine.accounts.access import Grants
from cantine.accounts.models import JournalEntry, User

PAGE = 100

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Line:
    """One change as shown: who, when, on what, and each field that moved."""

    at: datetime
    who: str
    subject: str
    key: str
    changes: tuple[tuple[str, str, str], ...]


def record(
    session: Session,
    *,
    user_id: int | None,
    kitchen: str,
    subject: str,
    key: str,
    before: object,
    after: object,
    now: datetime,
) -> None:
    """Keep one change; ``before`` and ``after`` are text, or anything JSON can hold."""
    session.add(
        JournalEntry(
            at=now,
            user_id=user_id,
            kitchen=kitchen,
            subject=subject,
            key=key,
            before=_text(before),
            after=_text(after),
        )
    )


def lines(session: Session, kitchen: str, *, grants: Grants, page: int = 1) -> Sequence[Line]:
    """Changes of a kitchen, latest first; small counts only for those who need them."""
    query = (
        select(JournalEntry, User.name)
        .outerjoin(User, col(User.id) == col(JournalEntry.user_id))
        .where(JournalEntry.kitchen == kitchen)
        .order_by(col(JournalEntry.at).desc(), col(JournalEntry.id).desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return [_line(entry, name or "cantine", grants) for entry, name in session.exec(query)]


def latest(session: Session, subject: str, key: str) -> Line | None:
    """The last change of one thing, to tell a colleague's name on a conflict."""
    query = (
        select(JournalEntry, User.name)
        .outerjoin(User, col(User.id) == col(JournalEntry.user_id))
        .where(JournalEntry.subject == subject, JournalEntry.key == key)
        .order_by(col(JournalEntry.id).desc())
        .limit(1)
    )
    found = session.exec(query).first()
    return _line(found[0], found[1] or "cantine", ()) if found else None


def _line(entry: JournalEntry, who: str, grants: Grants) -> Line:
    before, after = _fields(entry.before), _fields(entry.after)
    changes = tuple(
        (name, *_shown(before.get(name), after.get(name), hidden=_hidden(entry, name, grants)))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    )
    return Line(entry.at, who, entry.subject, entry.key, changes)


def _hidden(entry: JournalEntry, name: str, grants: Grants) -> bool:
    """Small counts, and the diners that would give them away by difference."""
    declared = entry.subject == "effectif" or entry.key.startswith("diners/")
    return not small_counts.may_read(small_counts.PAI if declared else name, grants, entry.kitchen)


def _shown(before: Value, after: Value, *, hidden: bool) -> tuple[str, str]:
    return (small_counts.HIDDEN, small_counts.HIDDEN) if hidden else (_word(before), _word(after))


def _word(value: Value) -> str:
    if value is None or value == "":
        return "rien"
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _fields(text: str) -> Mapping[str, Value]:
    """Fields of a kept value; a plain text is one nameless field."""
    try:
        value = json.loads(text)
    except ValueError:
        return {"": text}
    return value if isinstance(value, dict) else {"": text if value else ""}
