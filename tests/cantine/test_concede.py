"""A way out is a button: what is given up goes with a new proposal, its panel and the journal."""

import html
import json
import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.menus.models import Dish, Service
from cantine.planning.concede import eased, given_up
from cantine.planning.models import Run
from cantine.recipes.models import Recipe
from optim.concessions import label_of
from optim.instance import Instance
from optim.plan import Concession, Plan, Result, Status, Way, Worth
from tests.cantine.plans import FIRST, finished_run
from tests.cantine.site import OWN, Site

DAY = date(2027, 1, 5)
BASE = f"/cuisines/{OWN}"


@pytest.fixture
def rung(site: Site) -> list[int]:
    """Runs whose doorbell was rung."""
    calls: list[int] = []
    site.app.extensions["ring"] = calls.append
    return calls


def fewer(rule: str, amount: int) -> Concession:
    """So many steps of a rule."""
    return Concession(rule=rule, amount=amount, label=label_of(rule, amount), sentence="Il en manque.")


@pytest.fixture
def stuck(site: Site, put_menus: Callable[[Engine], None]) -> int:
    """A search without result, three ways out: money, a fish, a kept dish."""
    put_menus(site.engine)
    with Session(site.engine) as session:
        dish = session.get_one(Dish, (OWN, DAY, "plat", 1))
        dish.locked = True
        name = session.get_one(Recipe, dish.recipe).name
        run = finished_run(session, OWN)
        let_go = Concession(
            rule="garder",
            decisions=((DAY, dish.recipe),),
            label=f"ne plus garder {name}",
            sentence="À revoir.",
        )
        plan = Plan(dishes=())
        reached = Worth(cost_ttc_cents_per_meal=231.4, share_local=0.18, share_egalim=0.24)
        ways = tuple(
            Way(concessions=concessions, plan=plan, worth=reached)
            for concessions in ((fewer("budget", 7),), (fewer("F09", 1),), (let_go,))
        )
        budget = "Crédit nourriture : il manque 0,07 € par repas."
        run.result = Result(status=Status.INFEASIBLE, conflicts=(budget,), ways=ways).model_dump_json()
        session.add(run)
        session.commit()
        return run.id or 0


def forms(page: str) -> list[str]:
    """The forms of the ways out."""
    return re.findall(r'<form method="post" action="[^"]*/accorder".*?</form>', page, re.DOTALL)


def last_run(session: Session) -> Run:
    """The newest run."""
    run = session.exec(select(Run).order_by(col(Run.id).desc())).first()
    assert run is not None
    return run


def test_each_way_is_a_button(site: Site, stuck: int) -> None:
    """In kitchen words, what its plan costs and brings, the law and the credit each with their caution."""
    assert stuck
    found = [
        html.unescape(form) for form in forms(site.signed_in("chef").get(f"{BASE}/menus?du={FIRST}").text)
    ]
    assert len(found) == 3
    assert "+0,07 € par repas</button>" in found[0]
    assert "Au-delà du crédit nourriture" in found[0]
    credit = "2,31\u00a0€ TTC par repas</b> (crédit "
    assert all(
        credit in form and "local 18\u00a0%, durable et de qualité 24\u00a0%" in form for form in found
    )
    assert "Accepter 1 poisson de moins</button>" in found[1]
    assert "restera marquée rompue" in found[1]
    assert f'name="version-{DAY}"' in found[2]
    buyer = site.signed_in("acheteur").get(f"{BASE}/menus?du={FIRST}").text
    assert forms(buyer) == []


def test_a_button_asks_again_with_what_is_given_up(site: Site, stuck: int, rung: list[int]) -> None:
    """The same question, a fish less; told on the panel and in the journal; the old one is set aside."""
    chief = site.signed_in("chef")
    assert chief.post(f"{BASE}/propositions/{stuck}/accorder", data={"voie": "1"}).status_code == 303
    with Session(site.engine) as session:
        run, old = last_run(session), session.get_one(Run, stuck)
        assert (run.services, run.profile, run.time_limit) == (old.services, old.profile, old.time_limit)
        assert json.loads(run.request)["relaxed"] == {"F09": 1}
        assert (run.state, old.decision, rung) == ("attente", "ecarte", [run.id])
        line = session.exec(
            select(JournalEntry).where(JournalEntry.key == f"{run.id}, à partir du {FIRST}")
        ).one()
        assert "rien" in line.before
        assert "accepter 1 poisson de moins" in line.after
        assert line.user_id is not None
    page = html.unescape(chief.get(f"{BASE}/menus?du={FIRST}").text)
    assert "Accordé pour cette recherche : accepter 1 poisson de moins" in page


def test_concessions_add_up(site: Site, stuck: int, rung: list[int]) -> None:
    """What was given up before stays given up."""
    with Session(site.engine) as session:
        run = session.get_one(Run, stuck)
        run.request = json.dumps({"relaxed": {"temps": 5}})
        session.add(run)
        session.commit()
    site.signed_in("chef").post(f"{BASE}/propositions/{stuck}/accorder", data={"voie": "1"})
    with Session(site.engine) as session:
        run = last_run(session)
        assert json.loads(run.request)["relaxed"] == {"temps": 5, "F09": 1}
        assert given_up(run) == (label_of("F09", 1), label_of("temps", 5))
    assert rung


def test_a_kept_dish_is_let_go_by_its_way(site: Site, stuck: int, rung: list[int]) -> None:
    """The dish is free, the day has a new version; somebody else's change refuses it."""
    chief = site.signed_in("chef")
    with Session(site.engine) as session:
        version = session.get_one(Service, (OWN, DAY)).version
    send = {"voie": "2", f"version-{DAY}": str(version + 1)}
    assert chief.post(f"{BASE}/propositions/{stuck}/accorder", data=send).status_code == 409
    assert rung == []
    send[f"version-{DAY}"] = str(version)
    assert chief.post(f"{BASE}/propositions/{stuck}/accorder", data=send).status_code == 303
    with Session(site.engine) as session:
        assert not session.get_one(Dish, (OWN, DAY, "plat", 1)).locked
        assert given_up(last_run(session))[0].startswith("ne plus garder")
    assert len(rung) == 1


NONSENSE = [{}, {"voie": "9"}, {"voie": "-1"}, {"voie": "x"}, {"voie": "0", "version-hier": "1"}]


@pytest.mark.parametrize("data", NONSENSE)
def test_nonsense_starts_nothing(site: Site, stuck: int, rung: list[int], data: dict[str, str]) -> None:
    """No such way, no such day: a kind refusal."""
    answer = site.signed_in("chef").post(f"{BASE}/propositions/{stuck}/accorder", data=data)
    assert answer.status_code in {400, 409}
    assert rung == []


def test_the_question_is_eased_by_the_request(site: Site) -> None:
    """Only what was asked is given up."""
    with Session(site.engine) as session:
        instance = Instance.model_validate_json(finished_run(session, OWN).instance)
    assert eased(instance, {}) is instance
    assert eased(instance, {"relaxed": {"F09": 2}}).relaxed == {"F09": 2}
