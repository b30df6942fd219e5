"""The département on one screen: true counts from the menus and purchases in place."""

import html
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import load_settings
from cantine.menus.grid import load_days
from cantine.menus.models import Dish, Service
from cantine.planning.overview import Line, Spent, load_overview
from tests.cantine.plans import FIRST
from tests.cantine.site import OTHER, OWN, Site


@pytest.fixture
def planned(site: Site, put_menus: Callable[[Engine], None]) -> Site:
    """Menus and purchases in place for one kitchen out of three."""
    put_menus(site.engine)
    return site


def line(session: Session, code: str) -> Line:
    """One kitchen as the page reads it."""
    read = load_overview(session, load_settings(session), FIRST)
    return next(one for one in read.lines if one.code == code)


def test_the_counts_are_those_of_the_grid(planned: Site) -> None:
    """Same meals, same diners, same shares as the page of the menus of that kitchen."""
    with Session(planned.engine) as session:
        mine = line(session, OWN)
        days = load_days(session, get_kitchen(session, OWN), FIRST)
        meals = [day for day in days.meal_dates() if FIRST <= day < date(2027, 2, 1)]
        assert mine.diners == days.day(FIRST).meals
        assert sum(week.meals for week in mine.weeks) == len(meals)
        assert sum(week.planned for week in mine.weeks) == len(days.with_dishes & set(meals))
        assert mine.spent.total > 0
        assert [week.state for week in line(session, OTHER).weeks] == ["vide"] * 4


def test_the_value_follows_what_the_meals_take(planned: Site) -> None:
    """Shares never pass the whole; organic is part of what is labelled."""
    with Session(planned.engine) as session:
        spent = line(session, OWN).spent
        assert spent.bio <= spent.egalim <= spent.total
        assert spent.local <= spent.total
    assert Spent().share("egalim") is None
    assert Spent(Decimal(10), Decimal(3)).share("egalim") == pytest.approx(0.3)


def test_a_day_off_and_a_missing_menu_are_counted(planned: Site) -> None:
    """An excluded day is no meal; a day without dishes is missing, and is where to plan from."""
    with Session(planned.engine) as session:
        before = line(session, OWN)
        off, bare = date(2027, 1, 5), date(2027, 1, 7)
        session.get_one(Service, (OWN, off)).status = "exclu"
        for dish in session.exec(select(Dish).where(Dish.kitchen == OWN, Dish.date == bare)):
            session.delete(dish)
        session.flush()
        after = line(session, OWN)
        assert after.weeks[0].meals == before.weeks[0].meals - 1
        assert (after.missing, after.first_empty) == (before.missing + 1, bare)
        assert after.weeks[0].state == "entamee"


def test_the_ones_to_look_at_come_first(planned: Site) -> None:
    """Most meals without menu on top, the ready one last; the search knows communes, without accents."""
    with Session(planned.engine) as session:
        read = load_overview(session, load_settings(session), FIRST)
        assert read.found("")[-1].code == OWN
        commune = next(one.commune for one in read.lines if one.code == OTHER)
        assert OTHER in {one.code for one in read.found(commune.upper())}
        assert read.found("zzz") == []


def test_the_manager_reads_one_screen_with_next_steps(planned: Site) -> None:
    """Figures named as planned, each kitchen with its link; a chief does not come in."""
    manager = planned.signed_in("departement", "")
    page = html.unescape(manager.get("/departement").text)
    assert re.search(r"<b>\d+,\d\u00a0%</b><small>prévu, loi 50 %", page)
    assert f"/cuisines/{OTHER}/proposer?du=2027-01-0" in page
    assert "1 cuisine a des menus" in page.replace("\u00a0", " ")
    assert "Aucune cuisine ne porte ce nom" in manager.get("/departement?q=zzz").text
    assert "Proposer des menus" not in planned.signed_in("administrateur", "").get("/departement").text
    assert planned.signed_in("chef").get("/departement").status_code == 403


def test_a_manager_of_one_kitchen_still_opens_it(site: Site) -> None:
    """The département comes first only for those who hold nothing else."""
    person = site.person(("departement", ""), ("chef", OWN))
    assert site.browser(person).get("/").location == f"/cuisines/{OWN}/semaine"


def test_nothing_planned_says_so(site: Site) -> None:
    """No share out of nothing."""
    with Session(site.engine) as session:
        assert len(session.exec(select(Kitchen)).all()) > 1
    page = html.unescape(site.signed_in("departement", "").get("/departement").text)
    assert "Aucun menu n'est prévu" in page
    assert "aucun achat prévu" in page
