"""From a validated week to what families read, in a real browser."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlmodel import select

from cantine.db import transaction
from cantine.egalim.models import YearTotal
from cantine.menus import edit
from cantine.menus.models import Dish, Service
from cantine.menus.versions import Stamp
from cantine.recipes.models import Recipe
from optim.terms import Slot
from tests.browser.conftest import PHONE, WIDE, SizedPage
from tests.browser.test_pages import faults, faults_on_both
from tests.cantine.plans import FIRST
from tests.cantine.site import NOW, OWN, Site

PUBLIC, PUBLISH = f"/menus-publics/{OWN}", f"/cuisines/{OWN}/publier"


def swap_main(engine: Engine, day: date) -> None:
    """Another plat, chosen by nobody in particular."""
    with transaction(engine) as session:
        now = session.get_one(Dish, (OWN, day, "plat", 1)).recipe
        other = session.exec(select(Recipe.code).where(Recipe.slot == "plat", Recipe.code != now)).first()
        version = session.get_one(Service, (OWN, day)).version
        edit.swap(session, OWN, (day, Slot.PLAT, 1), other or "", Stamp(None, NOW, FIRST, version))


def year(engine: Engine) -> None:
    """What was bought in 2026."""
    with transaction(engine) as session:
        parts = {"egalim_ht": 400, "bio_ht": 100, "meat_fish_ht": 300, "meat_fish_egalim_ht": 150}
        values = {name: Decimal(part) for name, part in {"total_ht": 1000, **parts}.items()}
        session.add(YearTotal(kitchen=OWN, year=2026, until=date(2026, 12, 31), **values))


def test_a_validated_week_is_read_by_families(
    open_browser: SizedPage, served: tuple[Site, str], put_menus: Callable[[Engine], None]
) -> None:
    """Validated, told, changed, validated again: each page, on a desk and on a phone."""
    engine = served[0].engine
    put_menus(engine)
    year(engine)
    chef, family = open_browser(("chef", OWN)), open_browser(size=PHONE)
    family.goto(PUBLIC)
    expect(family.get_by_text("Les menus de cette semaine ne sont pas encore publiés.")).to_have_count(2)
    chef.goto(f"/cuisines/{OWN}/menus")
    chef.get_by_role("button", name="Valider").first.click()
    expect(chef.get_by_text("Semaine validée")).to_be_visible()
    family.reload()
    expect(family.get_by_text("Les menus de cette semaine ne sont pas encore publiés.")).to_have_count(1)
    swap_main(engine, FIRST)
    family.reload()
    expect(family.get_by_text("Le menu annoncé est en cours de changement.")).to_be_visible()
    chef.goto(f"/cuisines/{OWN}/menus")
    chef.get_by_role("button", name="Valider").first.click()
    expect(chef.get_by_text("Semaine validée")).to_be_visible()
    family.reload()
    expect(family.get_by_text("changé le")).to_have_count(1)
    found = {"public": faults(family), "validated": faults_on_both(chef)}
    family.set_viewport_size(WIDE)
    found["public, wide"] = faults(family)
    chef.get_by_role("link", name="Publier", exact=True).first.click()
    found["publish"] = faults_on_both(chef)
    chef.get_by_role("link", name="PRONOTE").click()
    found["pronote"] = faults_on_both(chef)
    chef.get_by_role("button", name="Copier").click()
    expect(chef.get_by_role("status").last).to_have_text("Copié.")
    assert {page: told for page, told in found.items() if told} == {}
