"""« En place » beside « proposé »: the same meals, the same money; and a short proposal on screen."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select

from cantine.accounts.models import JournalEntry
from cantine.errors import ConflictError
from cantine.menus.models import Service
from cantine.planning import runs
from cantine.planning.board import load_board
from cantine.planning.build import build_instance
from cantine.planning.compare import served_by, served_in_place, told_of
from cantine.planning.models import PlannedPurchase, PlannedUse, Run
from cantine.planning.panel import run_panel
from cantine.planning.save import save_plan
from optim.instance import Instance
from optim.plan import Plan, Result
from tests.cantine.plans import FIRST, accept_plan, finished_run, simple_plan
from tests.cantine.site import NOW, OWN, Site
from tests.cantine.test_planning_views import text_of


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département."""
    with Session(marais_engine) as session:
        yield session


def asked(session: Session, services: int) -> tuple[Instance, Plan]:
    """A question and a simple answer."""
    instance = build_instance(session, OWN, FIRST, services, "equilibre", FIRST)
    return instance, simple_plan(instance)


def test_once_accepted_both_columns_are_equal(session: Session) -> None:
    """What was proposed is what is in place: to the cent, and to the point."""
    instance, plan = asked(session, 10)
    proposed = served_by(instance, plan)
    save_plan(session, OWN, instance, plan)
    session.flush()
    dates = [service.date for service in instance.horizon]
    now = served_in_place(session, OWN, dates, FIRST)
    assert now is not None
    assert (now.meals, now.services) == (proposed.meals, proposed.services)
    # Needs are rounded up to the gram in a plan.
    assert now.per_meal == pytest.approx(proposed.per_meal, rel=1e-3)
    assert now.share("local") == pytest.approx(proposed.share("local"), abs=1e-3)
    assert now.share("egalim") == pytest.approx(proposed.share("egalim"), abs=1e-3)


def test_menus_that_nothing_was_bought_for_are_told_so(session: Session) -> None:
    """The cheapest offers of the day are not purchases, and the panel does not pretend."""
    instance, plan = asked(session, 6)
    save_plan(session, OWN, instance, plan)
    session.flush()
    dates = [service.date for service in instance.horizon]
    session.execute(delete(PlannedUse).where(col(PlannedUse.date).in_(dates[:3])))
    mixed = served_in_place(session, OWN, dates, FIRST)
    alone = served_in_place(session, OWN, dates[:3], FIRST)
    assert mixed is not None
    assert alone is not None
    assert mixed.priced.startswith("achats prévus, prix estimé pour ")
    assert alone.priced == "au prix du jour"
    assert served_in_place(session, OWN, [date(2027, 3, 1)], FIRST) is None


def test_only_the_asked_meals_are_compared(session: Session) -> None:
    """Four meals asked among ten: the kept six count in neither column."""
    instance, plan = asked(session, 10)
    save_plan(session, OWN, instance, plan)
    session.flush()
    short, again = asked(session, 4)
    told = served_by(short, again)
    assert len(short.kept) == 6
    assert told.services == 4
    assert told.meals == sum(service.meals for service in short.horizon[:4])


def test_the_preview_is_priced_by_the_proposal_and_the_rest_by_its_purchases(session: Session) -> None:
    """Days of the proposal from its own purchases, the other days from theirs: nothing is guessed."""
    run = finished_run(session, OWN, 10)
    result = Result.model_validate_json(run.result)
    assert result.plan is not None
    instance = Instance.model_validate_json(run.instance)
    board = load_board(session, OWN, FIRST, FIRST, proposal=run)
    assert board is not None
    assert sum(board.values[day].estimated for day in result.plan.by_day) == 0
    bought = sum(
        p.packs * instance.offer[p.offer].price_cents
        for p in result.plan.purchases
        if p.delivery.year == FIRST.year and p.delivery <= board.block.last
    )
    assert board.year.bought.total == bought
    assert board.year.parts == ((bought, "prévus"),)


def short_run(session: Session) -> Run:
    """A proposal of four meals inside ten planned ones, waiting for the chief."""
    accept_plan(session, OWN, 10)
    run = finished_run(session, OWN, 4)
    instance = Instance.model_validate_json(run.instance)
    plan = Result.model_validate_json(run.result).plan
    assert plan is not None
    told = json.loads(run.progress)
    told["kept"] = sorted(day.isoformat() for day in instance.kept)
    told["asked"] = told_of(served_by(instance, plan))
    run.progress = json.dumps(told)
    session.add(run)
    session.flush()
    return run


def test_a_short_proposal_says_what_it_keeps(site: Site) -> None:
    """The panel, the message after « Accepter » and the journal name the menus that stay."""
    with Session(site.engine) as session:
        number = short_run(session).id
        session.commit()
    chief = site.signed_in("chef")
    page = text_of(chief.get(f"/cuisines/{OWN}/menus?proposition={number}").text)
    assert "Les menus du lun. 11 janv. au" in page
    assert "ne changent pas. Leurs achats sont prévus avec ceux-ci." in page
    assert "Proposé : 4 repas, ses propres achats." in page
    answer = chief.post(f"/cuisines/{OWN}/propositions/{number}/accepter", follow_redirects=True)
    assert "n'ont pas changé ; leurs achats sont refaits avec ceux-ci." in text_of(answer.text)
    with Session(site.engine) as session:
        entries = session.exec(select(JournalEntry.after).where(JournalEntry.subject == "proposition")).all()
        assert any(after.startswith("accepte ; menus du lun. 11 janv.") for after in entries)
        assert session.exec(select(PlannedPurchase)).first() is not None


def test_a_day_kept_and_changed_meanwhile_refuses_the_plan(session: Session) -> None:
    """Its purchases would be those of another menu."""
    run = short_run(session)
    late = max(Instance.model_validate_json(run.instance).kept)
    session.get_one(Service, (OWN, late)).version += 1
    session.flush()
    with pytest.raises(ConflictError, match=f"{late:%d/%m}"):
        runs.accept(session, run, None, NOW, FIRST)


def test_the_time_is_up_and_the_reason_comes(session: Session) -> None:
    """Without a plan at the end of the time, the panel says that it looks for the reason."""
    run = finished_run(session, OWN, 4)
    run.state, run.result = "calcul", ""
    run.progress = json.dumps({"seconds": 61.2, "objective_cents": None})
    assert run_panel(session, run, None).explaining
    run.progress = json.dumps({"seconds": 41.2, "objective_cents": None})
    assert not run_panel(session, run, None).explaining
