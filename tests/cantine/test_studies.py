"""Comparison and plans to choose from: the button, the worker, the page, the proposal kept."""

import html
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.errors import ConflictError, NotFoundError
from cantine.menus.models import Dish
from cantine.planning import comparison, dots, frontiers, runs, study
from cantine.planning.build import build_instance
from cantine.planning.in_force import GONE, IN_FORCE, SHORT, InPlace, force_of, in_place
from cantine.planning.models import PlannedPurchase, Run
from optim.check import violations
from optim.compare import Comparison
from optim.figures import Figures, figures
from optim.plan import Result
from optim.points import Point
from optim.repair import InForce
from tests.cantine.plans import FIRST, accept_plan, finished_run
from tests.cantine.site import NOW, OTHER, OWN, Site
from tests.cantine.test_runs import consumer, wait_for
from tests.conftest import make_config

BASE = f"/cuisines/{OWN}"


def told(cost: float, local: float, egalim: float, co2e: float = 1.5) -> Figures:
    """Figures of a plan."""
    return Figures(
        meals=100,
        cost_cents_per_meal=cost,
        cost_ttc_cents_per_meal=cost,
        purchases_cents=0,
        share_local=local,
        share_egalim=egalim,
        share_bio=0,
        co2e_kg_per_meal=co2e,
        surplus_cents=0,
    )


def put_frontier(site: Site, here: InPlace | None = None) -> int:
    """A finished search of two plans: the same menus, said to be dear, then cheap and local."""
    with Session(site.engine) as session:
        run = finished_run(session, OWN)
        plan = Result.model_validate_json(run.result).plan
        assert plan is not None
        points = [Point(plan, told(190, 0.1, 0.1)), Point(plan, told(210, 0.4, 0.3, 1.2))]
        run.findings = json.dumps(frontiers.findings_of(points, here))
        run.kind, run.result = frontiers.KIND, ""
        session.add(run)
        session.commit()
        return run.id or 0


@pytest.fixture
def chief(site: Site) -> FlaskClient:
    """The chief's browser."""
    return site.signed_in("chef")


@pytest.fixture
def rung(site: Site) -> list[int]:
    """Runs whose doorbell was rung."""
    calls: list[int] = []
    site.app.extensions["ring"] = calls.append
    return calls


def journal_of(site: Site) -> list[tuple[str, str]]:
    """Subject and outcome of every line of the journal of the kitchen."""
    with Session(site.engine) as session:
        asked = select(JournalEntry).where(JournalEntry.kitchen == OWN)
        return [(line.subject, line.after) for line in session.exec(asked)]


@pytest.mark.parametrize(("page", "kind"), [("comparaison", "comparaison"), ("plans", "frontiere")])
def test_asked_for_followed_and_stopped(
    site: Site, chief: FlaskClient, rung: list[int], page: str, kind: str
) -> None:
    """The button writes a run, rings, is in the journal; its panel polls; it stops; nothing else starts."""
    assert "<form" in chief.get(f"{BASE}/{page}").text
    answer = chief.post(f"{BASE}/{page}", data={"repas": "8", "du": FIRST.isoformat()})
    assert answer.headers["Location"] == f"{BASE}/{page}"
    with Session(site.engine) as session:
        run = session.exec(select(Run)).one()
    assert (run.kind, run.services, run.state) == (kind, 8, "attente")
    assert rung == [run.id]
    shown = chief.get(f"{BASE}/{page}").text
    assert f'data-poll="{BASE}/calculs/{run.id}"' in shown
    assert chief.post(f"{BASE}/proposer", data={"repas": "8"}).status_code == 409
    part = chief.get(f"{BASE}/calculs/{run.id}", headers={"X-Fragment": "1"}).text
    assert "Arrêter et voir" in part
    assert "<html" not in part
    chief.post(f"{BASE}/calculs/{run.id}/arreter")
    subject = "comparaison" if kind == "comparaison" else "plans au choix"
    assert journal_of(site) == [(subject, "demandée"), (subject, "arrêt demandé")]
    part = chief.get(f"{BASE}/calculs/{run.id}", headers={"X-Fragment": "1"}).text
    assert f'data-go="{BASE}/{page}"' in part


def test_a_duration_out_of_the_list_is_refused(chief: FlaskClient, rung: list[int]) -> None:
    """A day of computing cannot be asked for, nor sixty-one meals."""
    assert chief.post(f"{BASE}/plans", data={"repas": "8", "duree": "86400"}).status_code == 400
    assert chief.post(f"{BASE}/plans", data={"repas": "61"}).status_code == 400
    assert rung == []


def test_a_proposal_is_no_study_and_another_kitchen_has_its_own(site: Site, chief: FlaskClient) -> None:
    """The stop of studies does not stop proposals; a run of one kitchen is not found in another."""
    with Session(site.engine) as session:
        number = finished_run(session, OWN).id
        session.commit()
    assert chief.post(f"{BASE}/calculs/{number}/arreter").status_code == 404
    boss = site.signed_in("departement", "")
    assert boss.get(f"/cuisines/{OTHER}/calculs/{number}").status_code == 404


def test_every_plan_is_drawn_linked_and_listed(site: Site, chief: FlaskClient) -> None:
    """Two plans: two links in the drawing, two rows of the same figures, and the chosen one beside."""
    put_frontier(site)
    page = chief.get(f"{BASE}/plans?plan=2&mesure=co2e").text
    assert "2\u00a0plans au choix" in page
    assert re.findall(r'id="point-(\d)"', page) == ["1", "2"]
    assert re.findall(r">Plan (\d)</a>", page) == ["1", "2"]
    assert "Garder ce plan" in page
    assert 'aria-label="Plan 2 : 2,10\u00a0€, local 40\u00a0%' in page
    assert "Garder ce plan" not in site.signed_in("acheteur").get(f"{BASE}/plans?plan=2").text


HERE = told(200, 0.2, 0.1, 1.4)
BESIDE = {
    "compared": (InPlace(None, HERE), "n'est battu par aucun autre", True),
    "beaten": (InPlace(None, told(215, 0.3, 0.3)), "Le plan 2 fait au moins aussi bien", True),
    "broken": (InPlace(None, HERE, ("Il manque un plat.",)), "ne compte pas : il manque un plat", True),
    "unread": (
        InPlace(None, None, ("les achats ne suffisent pas",)),
        "n'est pas dessiné : les achats",
        False,
    ),
    "none": (None, "rien à comparer", False),
}


@pytest.mark.parametrize("name", BESIDE)
def test_the_plan_in_place_stands_beside(site: Site, chief: FlaskClient, name: str) -> None:
    """Its own mark, its word and its row, at its rank; where it is no answer, the reason."""
    here, words, drawn = BESIDE[name]
    put_frontier(site, here)
    page = html.unescape(chief.get(f"{BASE}/plans").text)
    assert words in page
    assert page.count('class="ct-front__word"') == (len(dots.FRAMES) if drawn else 0)
    ranks = re.findall(r">(Plan \d)</a>|> (En place)</th>", page)
    names = [one or other for one, other in ranks]
    assert ("En place" in names) is drawn
    if name == "compared":
        assert names == ["Plan 1", "En place", "Plan 2"]
        assert 'aria-label="Plan en place : 2,00\u00a0€, local 20\u00a0%' in page


def test_the_plan_in_place_is_read_as_an_answer(marais_engine: Engine) -> None:
    """It has the figures of its own dishes and orders; a meal without menu, or a food short, is said."""
    with Session(marais_engine) as session:
        run = accept_plan(session, OWN)
        instance = build_instance(session, OWN, FIRST, 19, "equilibre", FIRST)
        force = force_of(session, OWN, instance)
        rows = session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == OWN))
        planned = {(row.offer, row.delivery): row.packs for row in rows}
        plan = Result.model_validate_json(run.result).plan
    assert plan is not None
    request = {IN_FORCE: force.model_dump(mode="json")}
    here = in_place(instance, request)
    assert here is not None
    assert here.plan is not None
    assert set(here.plan.dishes) == set(plan.dishes)
    assert here.plan.purchases
    assert all(planned[p.offer, p.delivery] >= p.packs for p in here.plan.purchases)
    assert here.figures == figures(instance, here.plan)
    assert here.faults == tuple(dict.fromkeys(v.message.rstrip(".") for v in violations(instance, here.plan)))
    assert (here.lawful is None) is bool(here.faults)
    short = in_place(instance, {IN_FORCE: force.model_copy(update={"orders": ()}).model_dump(mode="json")})
    assert short == InPlace(None, None, (SHORT,))
    first, *others = force.dishes
    gone = first.model_copy(update={"recipe": "rien"})
    lost = in_place(instance, {IN_FORCE: InForce(dishes=(gone, *others)).model_dump(mode="json")})
    assert lost == InPlace(None, None, (GONE,))
    fewer = [dish for dish in force.dishes if dish.date > FIRST]
    assert in_place(instance, {IN_FORCE: InForce(dishes=tuple(fewer)).model_dump(mode="json")}) is None
    assert in_place(instance, {}) is None


def test_a_plan_kept_is_a_proposal_to_accept(site: Site, chief: FlaskClient) -> None:
    """« Garder ce plan » shows it in the grid; accepted, its dishes are the menus."""
    number = put_frontier(site)
    answer = chief.post(f"{BASE}/calculs/{number}/garder", data={"plan": "2"})
    kept = number + 1
    assert answer.headers["Location"].endswith(f"proposition={kept}")
    assert ("plans au choix", f"plan 2 gardé, proposition {kept}") in journal_of(site)
    assert "Vous regardez une proposition" in chief.get(answer.headers["Location"]).text
    chief.post(f"{BASE}/propositions/{kept}/accepter")
    with Session(site.engine) as session:
        run = runs.get_run(session, kept)
        plan = Result.model_validate_json(run.result).plan
        assert plan is not None
        assert (run.kind, run.decision) == ("proposition", "accepte")
        assert json.loads(run.request) == {"frontiere": number, "plan": 2}
        dishes = session.exec(select(Dish).where(Dish.kitchen == OWN, Dish.date >= FIRST)).all()
        assert {(d.date, d.recipe) for d in dishes} == {(d.date, d.recipe) for d in plan.dishes}
    assert chief.post(f"{BASE}/calculs/{number}/garder", data={"plan": "9"}).status_code == 404


def test_nothing_is_kept_while_a_search_is_open(site: Site) -> None:
    """A plan kept meanwhile would be lost behind the search: refused."""
    number = put_frontier(site)
    with Session(site.engine) as session:
        asked = study.Asked(OWN, FIRST, 8, "equilibre", 60)
        study.begin(session, comparison.KIND, asked, None, NOW)
        with pytest.raises(ConflictError, match="comparaison est déjà"):
            study.keep(session, runs.get_run(session, number), 1, None, NOW)
        with pytest.raises(NotFoundError):
            study.keep(session, runs.get_run(session, number), 3, None, NOW)


def test_gains_are_said_as_they_are() -> None:
    """30 points and 12.5 cents won; then a loss, and nothing found, said so."""
    won = Comparison(told(205, 0.1, 0.2), told(204, 0.4, 0.25), told(192.5, 0.1, 0.2))
    assert comparison.gains_of(won) == (
        "Sans dépenser plus : +30,0 points de local et +5,0 points de durable et de qualité.",
        "Sans baisser aucune des deux parts : 12,5 c de moins par repas, TTC.",
    )
    lost = Comparison(told(205, 0.1, 0.2), told(204, 0.1, 0.19), told(205, 0.1, 0.2))
    assert [words.split(" (")[0] for words in comparison.gains_of(lost)] == [
        "À coût égal, pas de gain trouvé sur les parts",
        "À parts égales, pas d'économie trouvée.",
    ]
    none = Comparison(told(205, 0.1, 0.2), None, None)
    assert all("n'a été trouvé" in words for words in comparison.gains_of(none))
    assert comparison.rows_of(none)[0].cells == ("2,05\u00a0€", "–", "–")


def test_dots_stand_where_their_figures_say() -> None:
    """Dearer is to the right, more local is higher, and two alike do not cover each other."""
    plans = [told(180, 0.1, 0), told(180, 0.1, 0), told(220, 0.5, 0)]
    choices = [frontiers.Choice(n, one) for n, one in enumerate(plans, start=1)]
    drawn = dots.draw(choices, dots.LOCAL)
    first, again, last = drawn.dots
    assert first.x == again.x < last.x
    assert last.y < first.y
    assert abs(first.y - again.y) >= 2 * dots.RADIUS
    assert [tick.word for tick in drawn.upwards] == [
        "10\u00a0%",
        "20\u00a0%",
        "30\u00a0%",
        "40\u00a0%",
        "50\u00a0%",
    ]
    assert dots.draw(choices[:1], dots.CO2E).dots[0].choice.number == 1


def run_kind(engine: Engine, home: Path, kind: str, seconds: int, until: str) -> Run:
    """A study of the first kitchen by a real worker, stopped once its progress says so."""
    with transaction(engine) as session:
        asked = study.Asked(OWN, FIRST, 8, "equilibre", seconds)
        number = study.begin(session, kind, asked, None, NOW).id or 0
    with consumer(make_config(home)):
        wait_for(engine, number, lambda run: run.state == "fini" or bool(re.search(until, run.progress)))
        with transaction(engine) as session:
            study.stop(session, runs.get_run(session, number), None, NOW)
        return wait_for(engine, number, lambda run: run.state not in runs.OPEN_STATES)


def test_a_worker_compares(marais_engine: Engine, home: Path) -> None:
    """Stopped once plans are looked for together: menus first are known, and shown so far."""
    run = run_kind(marais_engine, home, comparison.KIND, 60, '"step": [3-6]')
    assert (run.state, run.error) == ("fini", "")
    read = comparison.read(run)
    assert read is not None
    assert read.services == 8
    assert read.rows[0].cells[0] != "–"
    with Session(marais_engine) as session:
        last = comparison.last_finished(session, OWN)
    assert last is not None
    assert last.id == run.id
