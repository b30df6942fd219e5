"""The door: who is asking, is the session still fresh, may they open this page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, flash, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import access, people
from cantine.accounts.models import ROLES, User
from cantine.errors import ForbiddenError, NotFoundError

SEEN = "seen"
BEFORE_A_PASSWORD = {"accounts.password", "accounts.sign_out", "accounts.alive", "static", "font"}
ROLE_WORDS: Mapping[str, str] = {
    "chef": "chef de cuisine",
    "acheteur": "acheteur",
    "gestionnaire": "gestionnaire (secrétaire général)",
    "departement": "département",
    "administrateur": "administrateur",
}


@dataclass(frozen=True)
class Person(UserMixin):
    """Who is signed in: no database row, so templates cannot write."""

    id: int
    name: str
    login: str
    epoch: int
    must_change: bool
    grants: frozenset[tuple[str, str]]

    def get_id(self) -> str:
        """Number and epoch: raising the epoch ends every session."""
        return f"{self.id}:{self.epoch}"

    def may(self, endpoint: str, kitchen: str | None = None) -> bool:
        """Whether this person may open ``endpoint`` for ``kitchen``."""
        return access.allowed(endpoint, self.grants, kitchen)

    def works_as(self, role: str, kitchen: str) -> bool:
        """Whether this person holds ``role`` for ``kitchen``."""
        return any(one == role and place in {kitchen, access.EVERYWHERE} for one, place in self.grants)

    @property
    def kitchens(self) -> set[str]:
        """Kitchens this person works for."""
        return access.own_kitchens(self.grants)

    @property
    def role_words(self) -> str:
        """Roles in words, for the top of the page."""
        roles = sorted({role for role, _ in self.grants}, key=ROLES.index)
        return ", ".join(ROLE_WORDS[role] for role in roles) or "sans rôle"


def init_guard(app: Flask) -> None:
    """Flask-Login, then one check before every view: deny unless the table allows."""
    manager = LoginManager(app)
    manager.session_protection = None  # a kitchen's phone changes address all day; the cookie is signed
    manager.user_loader(_load)
    app.before_request(_check)
    app.context_processor(lambda: {"person": person_or_none()})


def person_or_none() -> Person | None:
    """Who is signed in, if anyone."""
    return cast(Person, current_user._get_current_object()) if current_user.is_authenticated else None  # noqa: SLF001 -- Werkzeug's own way out of a proxy


def person() -> Person:
    """Who is signed in; the guard has let nobody else through."""
    found = person_or_none()
    if found is None:
        raise ForbiddenError
    return found


def enter(user: User) -> None:
    """Open a session, forgetting whatever the browser held before."""
    session.clear()
    login_user(_person(user, frozenset()))
    _touch()


def leave() -> None:
    """End the session."""
    logout_user()
    session.clear()


def require(endpoint: str, kitchen: str | None) -> None:
    """Refuse unless the person may open ``endpoint`` for ``kitchen`` (for pages without it in their address).

    Raises:
        ForbiddenError: they may not.
    """
    if not person().may(endpoint, kitchen):
        raise ForbiddenError


def current_kitchen() -> str | None:
    """The kitchen of the page, else the last one looked at, else the person's first one."""
    asked = (request.view_args or {}).get("kitchen")
    someone = person_or_none()
    if asked or someone is None:
        return asked
    names = web.kitchen_names()
    last = session.get("kitchen")
    if last in names and someone.may("menus.grid", last):
        return cast(str, last)
    return min((code for code in someone.kitchens if code in names), default=None)


def _load(identity: str) -> Person | None:
    number, _, epoch = identity.partition(":")
    user = web.db().get(User, int(number))
    if user is None or not user.active or str(user.session_epoch) != epoch:
        return None
    if user.demo and web.config().production:
        return None
    return _person(user, people.grants_of(web.db(), user.id or 0))


def _person(user: User, grants: frozenset[tuple[str, str]]) -> Person:
    return Person(user.id or 0, user.name, user.login, user.session_epoch, user.must_change, grants)


def _check() -> Response | None:
    """Public, signed in, fresh, with their own password, allowed: in this order."""
    endpoint = request.endpoint
    if endpoint is None:
        return None
    rule = access.ACCESS.get(endpoint)
    if rule is None:
        raise ForbiddenError
    if rule.public:
        return None
    someone = person_or_none()
    if someone is None or _idle():
        return _to_sign_in(was_in=someone is not None)
    if not rule.quiet:
        _touch()
    if someone.must_change and endpoint not in BEFORE_A_PASSWORD:
        return redirect(url_for("accounts.password"), 303)
    kitchen = (request.view_args or {}).get("kitchen")
    if not access.holds(rule, someone.grants, kitchen):
        raise ForbiddenError
    if kitchen is not None:
        _know(kitchen)
    return None


def _know(kitchen: str) -> None:
    if kitchen not in web.kitchen_names():
        raise NotFoundError(f"La cuisine « {kitchen} » n'existe pas.")
    web.remember_kitchen(kitchen)


def _touch() -> None:
    session[SEEN] = int(web.now().timestamp())


def _idle() -> bool:
    seen = session.get(SEEN, 0)
    return bool(web.now().timestamp() - seen > web.config().idle_minutes * 60)


def _to_sign_in(*, was_in: bool) -> Response:
    """The door; a script asking from within a page gets 401 and reloads the page, which then comes here."""
    if was_in:
        leave()
        flash(
            "Vous avez été déconnecté après un moment sans activité. Ce que vous aviez saisi est gardé.",
            "warn",
        )
    if "X-Fragment" in request.headers:
        return Response("Connexion fermée.", 401)
    wanted = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("accounts.sign_in", next=wanted), 303)


def may(endpoint: str, kitchen: str | None = None) -> bool:
    """For templates: show only what the person may do, among the pages that exist."""
    someone = person_or_none()
    return endpoint in current_app.view_functions and someone is not None and someone.may(endpoint, kitchen)
