"""Fixtures of the site."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cantine.accounts.views import limiter
from cantine.db import make_engine
from tests.cantine.site import Site, make_site
from tests.conftest import make_config


@pytest.fixture
def bought_engine(home: Path, bought_database: Path) -> Iterator[Engine]:
    """An SQLite database with menus and purchases in place."""
    shutil.copy(bought_database, home / "cantine.db")
    engine = make_engine(make_config(home).database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def bought_site(home: Path, bought_engine: Engine) -> Site:
    """The site, with menus and purchases in place."""
    return _site(home, bought_engine)


@pytest.fixture
def site(home: Path, marais_engine: Engine) -> Site:
    """The site of the invented département."""
    return _site(home, marais_engine)


def _site(home: Path, engine: Engine) -> Site:
    made = make_site(make_config(home), engine)
    with made.app.app_context():
        limiter.reset()
    return made
