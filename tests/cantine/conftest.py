"""Fixtures of the site."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from cantine.accounts.views import limiter
from tests.cantine.site import Site, make_site
from tests.conftest import make_config


@pytest.fixture
def site(home: Path, marais_engine: Engine) -> Site:
    """The site of the invented département."""
    made = make_site(make_config(home), marais_engine)
    with made.app.app_context():
        limiter.reset()
    return made
