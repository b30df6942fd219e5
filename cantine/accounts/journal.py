"""The journal: who changed what, when, before and after."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from cantine.accounts import small_counts
from cantine.accounts.access import Grants
from cantine.accounts.models import JournalEntry, User

PAGE = 100
ERASED = "effacé"

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


def lines_about(session: Session, kitchen: str, subject: str, key: str) -> Sequence[Line]:
    """Changes of one thing of a kitchen, oldest first; it counts nobody."""
    query = (
        select(JournalEntry, User.name)
        .outerjoin(User, col(User.id) == col(JournalEntry.user_id))
        .where(JournalEntry.kitchen == kitchen, JournalEntry.subject == subject, JournalEntry.key == key)
        .order_by(col(JournalEntry.id))
    )
    return [_line(entry, name or "cantine", ()) for entry, name in session.exec(query)]


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


def about(session: Session, key: str) -> Sequence[JournalEntry]:
    """Every change of one thing, whoever made it, oldest first."""
    return session.exec(
        select(JournalEntry).where(JournalEntry.key == key).order_by(col(JournalEntry.id))
    ).all()


def last_changes(session: Session, start: str) -> dict[str, datetime]:
    """When each thing whose key begins so was last changed."""
    query = select(JournalEntry.key, func.max(JournalEntry.at)).where(col(JournalEntry.key).startswith(start))
    return dict(session.exec(query.group_by(JournalEntry.key)).all())


def erase(session: Session, key: str, names: Collection[str]) -> None:
    """Forget what some fields of one thing were, in every line: who changed them and when stay."""
    for entry in about(session, key):
        entry.before, entry.after = _without(entry.before, names), _without(entry.after, names)
        session.add(entry)


def _without(text: str, names: Collection[str]) -> str:
    fields = _fields(text)
    if not set(fields) & set(names):
        return text
    return _text({name: ERASED if name in names and value else value for name, value in fields.items()})


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
