"""The site of an invented département, as a test sees it: people of every role, and their browsers."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.accounts import guard, people
from cantine.accounts.models import Grant, User
from cantine.app import create_app
from cantine.clock import utc_now
from cantine.config import Config
from cantine.db import transaction

OWN, OTHER = "PORT-BRUME", "SALINES"
NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
PASSWORD = "trois mots au hasard"
HASH = people.HASHER.hash(PASSWORD)


@dataclass
class Site:
    """The running site of a test."""

    app: Flask
    engine: Engine

    def person(self, *grants: tuple[str, str], login: str = "", **columns: object) -> int:
        """Add somebody with these rights; return their number."""
        with transaction(self.engine) as session:
            values = {"name": "Camille Essai", "must_change": False, "created_at": NOW, **columns}
            login = login or f"personne-{len(session.exec(people.select(User.id)).all())}"
            user = User(login=login, password_hash=HASH, **values)
            session.add(user)
            session.flush()
            assert user.id is not None
            session.add_all(Grant(user_id=user.id, role=role, kitchen=kitchen) for role, kitchen in grants)
            return user.id

    def browser(self, user_id: int | None = None, *, seen: datetime | None = None) -> FlaskClient:
        """A browser, signed in as ``user_id``, last active at ``seen``."""
        client = self.app.test_client()
        if user_id is not None:
            with Session(self.engine) as session:
                epoch = people.get(session, user_id).session_epoch
            with client.session_transaction() as cookie:
                cookie["_user_id"] = f"{user_id}:{epoch}"
                cookie[guard.SEEN] = int((seen or utc_now()).timestamp())
        return client

    def signed_in(self, role: str, kitchen: str = OWN) -> FlaskClient:
        """A browser of a new person with one right."""
        return self.browser(self.person((role, kitchen)))


def make_site(config: Config, engine: Engine, *, csrf: bool = False) -> Site:
    """The site for a test, without the tokens of forms unless asked."""
    app = create_app(config, engine)
    app.config["WTF_CSRF_ENABLED"] = csrf
    return Site(app, engine)
