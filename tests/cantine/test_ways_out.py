"""A search that found nothing offers to take back what the chief decided, then searches again."""

import html
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.menus.models import Ban, Dish, Service
from cantine.planning.models import Run
from cantine.recipes.models import Recipe
from optim.plan import Result, Status
from tests.cantine.plans import finished_run
from tests.cantine.site import OWN, Site

DAY, FREE = date(2027, 1, 5), date(2027, 1, 7)
BASE = f"/cuisines/{OWN}"
PLACE = (OWN, DAY, "plat", 1)


@pytest.fixture
def rung(site: Site) -> list[int]:
    """Runs whose doorbell was rung."""
    calls: list[int] = []
    site.app.extensions["ring"] = calls.append
    return calls


@pytest.fixture
def stuck(site: Site, put_menus: Callable[[Engine], None]) -> int:
    """Menus in place with decisions, and a search that found nothing because of one of them."""
    put_menus(site.engine)
    with Session(site.engine) as session:
        dish = session.get_one(Dish, PLACE)
        dish.locked = True
        session.get_one(Dish, (OWN, FREE, "plat", 1)).locked = True
        banned = session.exec(select(Recipe.code).where(Recipe.slot == "entree")).first()
        assert banned is not None
        session.add(Ban(kitchen=OWN, date=DAY, recipe=banned))
        off = session.get_one(Service, (OWN, date(2027, 1, 8)))
        off.status, off.note = "exclu", "grève"
        name = session.get_one(Recipe, dish.recipe).name
        run = finished_run(session, OWN)
        said = f"Plats gardés : à revoir pour {name[:1].lower()}{name[1:]} du mardi 5 janvier."
        budget = "Crédit nourriture : il manque 0,07 € par repas."
        run.result = Result(status=Status.INFEASIBLE, conflicts=(said, budget)).model_dump_json()
        session.add(run)
        session.commit()
        return run.id or 0


def offered(browser: FlaskClient) -> tuple[str, dict[str, list[str]]]:
    """The page, and what its form of ways out would send."""
    page = browser.get(f"{BASE}/menus?du=2027-01-04").text
    form = re.search(r'<form method="post" action="[^"]*/liberer".*?</form>', page, re.DOTALL)
    assert form, "no way out"
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form.group()):
        if 'type="checkbox"' not in tag or " checked" in tag:
            name, value = re.findall(r'name="([^"]+)" value="([^"]*)"', tag)[0]
            fields.setdefault(name, []).append(html.unescape(value))
    return html.unescape(page), fields


def test_the_page_names_what_stands_in_the_way(site: Site, stuck: int) -> None:
    """Dishes by name and day, the named one ticked; days without service; the credit."""
    assert stuck
    page, fields = offered(site.signed_in("gestionnaire"))
    assert fields["garde"] == ["2027-01-05~plat~1"]
    assert "ecarte" not in fields
    assert "2027-01-07~plat~1" in page
    assert "Remettre un service le vendredi 8 janvier" in page
    assert "Revoir le crédit nourriture" in page
    assert "votre gestionnaire" in html.unescape(
        site.signed_in("chef").get(f"{BASE}/menus?du=2027-01-04").text
    )


def test_releasing_searches_again_with_the_same_question(site: Site, stuck: int, rung: list[int]) -> None:
    """The ticked dish is free, the others stay kept, and a new search starts with what was given up."""
    chief, given = site.signed_in("chef"), '{"relaxed": {"F09": 1}}'
    with Session(site.engine) as session:
        session.get_one(Run, stuck).request = given
        session.commit()
    _, fields = offered(chief)
    assert chief.post(f"{BASE}/propositions/{stuck}/liberer", data=fields).status_code == 303
    with Session(site.engine) as session:
        assert not session.get_one(Dish, PLACE).locked
        assert session.get_one(Dish, (OWN, FREE, "plat", 1)).locked
        run = session.exec(select(Run).order_by(col(Run.id).desc())).first()
        assert run is not None
        old = session.get_one(Run, stuck)
        assert (run.services, run.profile, run.time_limit) == (old.services, old.profile, old.time_limit)
        assert (run.state, old.decision, rung) == ("attente", "ecarte", [run.id])
        assert run.request == given


def test_a_banned_dish_comes_back_with_them(site: Site, stuck: int, rung: list[int]) -> None:
    """Both kinds of decision on one day are one change."""
    chief = site.signed_in("chef")
    page, fields = offered(chief)
    fields["ecarte"] = re.findall(r'name="ecarte" value="([^"]+)"', page)
    before = int(fields["version-2027-01-05"][0])
    chief.post(f"{BASE}/propositions/{stuck}/liberer", data=fields)
    with Session(site.engine) as session:
        assert session.exec(select(Ban).where(Ban.kitchen == OWN, Ban.date == DAY)).all() == []
        assert session.get_one(Service, (OWN, DAY)).version == before + 1
    assert rung


def test_nothing_ticked_or_changed_meanwhile_starts_nothing(site: Site, stuck: int, rung: list[int]) -> None:
    """A sentence, and the decisions stay."""
    chief = site.signed_in("chef")
    _, fields = offered(chief)
    none = chief.post(f"{BASE}/propositions/{stuck}/liberer", data={**fields, "garde": []})
    assert "Cochez au moins un plat" in html.unescape(chief.get(none.location).text)
    wrong = chief.post(f"{BASE}/propositions/{stuck}/liberer", data={**fields, "garde": "plat"})
    assert wrong.status_code == 400
    late = chief.post(f"{BASE}/propositions/{stuck}/liberer", data={**fields, "version-2027-01-05": "9"})
    assert late.status_code == 409
    assert "Un collègue a changé le menu du mardi 5 janvier" in html.unescape(late.text)
    with Session(site.engine) as session:
        assert session.get_one(Dish, PLACE).locked
    assert rung == []


def test_a_short_search_offers_more_time(site: Site) -> None:
    """Nothing found in a minute: three minutes, by one button."""
    with Session(site.engine) as session:
        run = finished_run(session, OWN)
        run.state, run.result, run.error = "echec", "", "La recherche n'a pas trouvé de menus."
        session.add(run)
        session.commit()
    page = site.signed_in("chef").get(f"{BASE}/menus?du=2027-01-04").text
    assert "Chercher 3 minutes" in page
