"""Data that contradict themselves are told to the kitchen in French, before any search."""

from datetime import time

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.errors import CantineError
from cantine.kitchens.models import Kitchen
from cantine.planning.build import build_instance
from tests.cantine.plans import FIRST
from tests.cantine.site import OWN


def test_a_credit_under_the_staples_is_refused_with_its_reason(marais_engine: Engine) -> None:
    """Two cents a meal do not pay oil and salt: the sentence says so, no search starts."""
    with Session(marais_engine) as session:
        session.get_one(Kitchen, OWN).budget_ttc_cents = 2
        with pytest.raises(CantineError) as refusal:
            build_instance(session, OWN, FIRST, 4, "equilibre", FIRST, time.min)
    assert "2 centimes par repas ne paient pas l'épicerie de base" in refusal.value.message
    assert "Value error" not in refusal.value.message
