"""People: accounts, passwords, roles, the end of an account."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, delete, select

from cantine.accounts import journal
from cantine.accounts.models import ROLES, Draft, Grant, User
from cantine.errors import CantineError, ConfigError, NotFoundError

HASHER = PasswordHasher()
NOBODY = HASHER.hash(secrets.token_urlsafe())
"""Checked when the login is unknown, so that an answer takes the same time."""
SHORTEST, LONGEST = 10, 200
USUAL = {"1234567890", "0123456789", "azertyuiop", "motdepasse", "password", "qwertyuiop", "cantine"}
DEMO_PASSWORD = "cantine-demo-2027"  # noqa: S105 -- printed on purpose, refused in production
DEMO_PEOPLE = (
    ("chef", "Chef de démonstration"),
    ("acheteur", "Acheteur de démonstration"),
    ("gestionnaire", "Gestionnaire de démonstration"),
    ("departement", "Département, démonstration"),
    ("administrateur", "Administrateur de démonstration"),
)
WIDE_ROLES = {"departement", "administrateur"}
"""Roles held for the whole département, whichever kitchen they were asked for."""


def password_fault(password: str, login: str) -> str | None:
    """What to say of a password that would be guessed, None when it is good."""
    plain = password.lower().replace(" ", "").replace("-", "")
    if len(password) < SHORTEST:
        return f"Il faut au moins {SHORTEST} caractères. Trois ou quatre mots au hasard vont bien."
    if len(password) > LONGEST:
        return f"Pas plus de {LONGEST} caractères."
    if plain in USUAL or any(plain == word * (len(plain) // len(word)) for word in USUAL):
        return "Ce mot de passe est trop courant. Essayez trois ou quatre mots au hasard."
    if len(set(plain)) < SHORTEST // 2:
        return "Ce mot de passe répète trop les mêmes caractères."
    if login and login.split("@", maxsplit=1)[0] in plain:
        return "Le mot de passe ne doit pas contenir votre identifiant."
    return None


def authenticate(
    session: Session, login: str, password: str, *, now: datetime, production: bool
) -> User | None:
    """The person of this login and password, or None; demo accounts are closed in production."""
    user = session.exec(select(User).where(User.login == login.strip().lower())).first()
    if not _verifies(user.password_hash if user else NOBODY, password) or user is None:
        return None
    if not user.active or (production and user.demo):
        return None
    if HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = HASHER.hash(password)
    user.last_seen_at = now
    session.add(user)
    return user


def verify(session: Session, user_id: int, password: str) -> bool:
    """Whether ``password`` is this person's."""
    return _verifies(get(session, user_id).password_hash, password)


def get(session: Session, user_id: int, *, hold: bool = False) -> User:
    """The person of this number; ``hold`` makes whoever else changes their rights wait for the commit.

    Raises:
        NotFoundError: nobody.
    """
    # Without the key: a line of the journal may still name this person meanwhile.
    user = session.get(User, user_id, with_for_update={"key_share": True} if hold else None)
    if user is None:
        raise NotFoundError("Cette personne n'existe pas, ou plus.")
    return user


def grants_of(session: Session, user_id: int) -> frozenset[tuple[str, str]]:
    """Role and kitchen of every right held."""
    return frozenset(
        (row.role, row.kitchen) for row in session.exec(select(Grant).where(Grant.user_id == user_id))
    )


def listing(session: Session) -> Sequence[tuple[User, Sequence[Grant]]]:
    """Everyone with their rights, by name."""
    users = session.exec(select(User).where(col(User.anonymised_at).is_(None)).order_by(User.name)).all()
    held: dict[int, list[Grant]] = {}
    for grant_row in session.exec(select(Grant).order_by(Grant.role, Grant.kitchen)):
        held.setdefault(grant_row.user_id, []).append(grant_row)
    return [(user, held.get(user.id or 0, [])) for user in users]


def create(session: Session, *, login: str, name: str, now: datetime, demo: bool = False) -> tuple[User, str]:
    """A new person and the temporary password to hand over.

    Raises:
        CantineError: the login is taken.
    """
    login = login.strip().lower()
    if session.exec(select(User).where(User.login == login)).first():
        raise CantineError(f"L'identifiant « {login} » est déjà pris.")
    password = temporary_password()
    user = User(
        login=login, name=name.strip(), password_hash=HASHER.hash(password), created_at=now, demo=demo
    )
    session.add(user)
    session.flush()
    return user, password


def temporary_password() -> str:
    """Easy to read aloud: three groups of four letters and digits without look-alikes."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def change_password(session: Session, user_id: int, password: str) -> User:
    """Set a person's own password; their other sessions end."""
    user = get(session, user_id)
    user.password_hash = HASHER.hash(password)
    user.must_change = False
    user.session_epoch += 1
    session.add(user)
    return user


def reset_password(session: Session, user_id: int, *, by: int | None, now: datetime) -> str:
    """A new temporary password; every session of the person ends."""
    user = get(session, user_id)
    password = temporary_password()
    user.password_hash = HASHER.hash(password)
    user.must_change = True
    user.session_epoch += 1
    session.add(user)
    _note(session, by, user, "", "mot de passe en usage", "mot de passe provisoire", now)
    return password


def set_active(session: Session, user_id: int, *, active: bool, by: int | None, now: datetime) -> User:
    """Open or close an account; closing ends its sessions.

    Raises:
        CantineError: it would leave nobody to manage accounts.
    """
    user = get(session, user_id, hold=True)
    if not active:
        _keep_an_administrator(session, user_id)
        user.session_epoch += 1
    before, user.active = user.active, active
    session.add(user)
    _note(session, by, user, "", "actif" if before else "fermé", "actif" if active else "fermé", now)
    return user


def grant(session: Session, user_id: int, role: str, kitchen: str, *, by: int | None, now: datetime) -> None:
    """Give a role for a kitchen, or for the whole département (empty): always so for ``WIDE_ROLES``."""
    if role not in ROLES:
        raise CantineError(f"Le rôle « {role} » n'existe pas.")
    user = get(session, user_id, hold=True)
    kitchen = "" if role in WIDE_ROLES else kitchen
    if session.get(Grant, (user_id, role, kitchen)) is None:
        session.add(Grant(user_id=user_id, role=role, kitchen=kitchen))
        session.flush()
        _note(session, by, user, kitchen, "", role, now)


def revoke(session: Session, user_id: int, role: str, kitchen: str, *, by: int | None, now: datetime) -> None:
    """Take a role back.

    Raises:
        CantineError: it would leave nobody to manage accounts.
    """
    user = get(session, user_id, hold=True)
    row = session.get(Grant, (user_id, role, kitchen))
    if row is None:
        return
    if role == "administrateur":
        _keep_an_administrator(session, user_id)
    session.delete(row)
    _note(session, by, user, kitchen, role, "", now)


def anonymise(session: Session, user_id: int, *, by: int | None, now: datetime) -> None:
    """Forget who it was: the journal keeps the changes, not the person.

    Raises:
        CantineError: it would leave nobody to manage accounts.
    """
    user = get(session, user_id, hold=True)
    _keep_an_administrator(session, user_id)
    held = ", ".join(" ".join(one).strip() for one in sorted(grants_of(session, user_id)))
    session.exec(delete(Grant).where(col(Grant.user_id) == user_id))
    session.exec(delete(Draft).where(col(Draft.user_id) == user_id))
    user.login, user.name, user.password_hash = f"ancien-{user_id}", f"Ancien compte {user_id}", ""
    user.active, user.last_seen_at, user.anonymised_at = False, None, now
    user.session_epoch += 1
    session.add(user)
    _note(session, by, user, "", held or "sans droit", "anonymisé", now)


def create_demo_accounts(
    session: Session, now: datetime, *, kitchen: str, production: bool
) -> list[tuple[str, str, str, str]]:
    """One account per role for a demonstration kitchen: (login, password, role, kitchen).

    An account that exists already keeps its password and its rights; a login taken by a real
    person is left alone.

    Raises:
        ConfigError: in production.
    """
    if production:
        raise ConfigError("Les comptes de démonstration sont refusés en production.")
    made = []
    for role, name in DEMO_PEOPLE:
        place = "" if role in WIDE_ROLES else kitchen
        user = session.exec(select(User).where(User.login == role)).first()
        if user is None:
            user, _ = create(session, login=role, name=name, now=now, demo=True)
            user.must_change, user.password_hash = False, HASHER.hash(DEMO_PASSWORD)
            session.add(user)
            grant(session, user.id or 0, role, place, by=None, now=now)
        if user.demo:
            made.append((user.login, DEMO_PASSWORD, role, place))
    return made


def _verifies(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


def alone_to_manage(session: Session, user_id: int) -> bool:
    """Whether this person is the last administrator whose account is open."""
    others = session.exec(
        select(User.id)
        .join(Grant, col(Grant.user_id) == col(User.id))
        .where(Grant.role == "administrateur", col(User.active), User.id != user_id)
    ).first()
    holds = session.exec(
        select(Grant).where(Grant.user_id == user_id, Grant.role == "administrateur")
    ).first()
    return holds is not None and others is None


def _keep_an_administrator(session: Session, leaving: int) -> None:
    """Two administrators who send each other away at once wait for each other, then one is refused."""
    managers = select(Grant.user_id).where(Grant.role == "administrateur").order_by(col(Grant.user_id))
    session.exec(managers.with_for_update()).all()
    if alone_to_manage(session, leaving):
        raise CantineError("C'est le dernier administrateur : donnez d'abord ce rôle à quelqu'un d'autre.")


def _note(
    session: Session, by: int | None, user: User, kitchen: str, before: str, after: str, now: datetime
) -> None:
    """Rights go to the journal under the person's number: names stay in one table."""
    journal.record(
        session,
        user_id=by,
        kitchen=kitchen,
        subject="droit",
        key=f"compte {user.id}",
        before=before,
        after=after,
        now=now,
    )
