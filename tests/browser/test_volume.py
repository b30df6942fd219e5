"""A volume of food and a change of dish in a real browser: keyboard, phone, no fault of axe."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.menus.models import Dish
from tests.browser.conftest import SizedPage
from tests.browser.test_pages import faults_on_both
from tests.cantine.site import OWN, Site

PAGE = f"/cuisines/{OWN}/menus/volume"
ASKED = f"{PAGE}?aliment=poireau&kg=60&du=2027-01-11&au=2027-01-22"
SWAP = f"/cuisines/{OWN}/menus/changer?date=2027-01-19&composante=plat&rang=1"


@pytest.fixture
def planned(served: tuple[Site, str], put_menus: Callable[[Engine], None]) -> Site:
    """The site with menus and purchases in place for the own kitchen."""
    put_menus(served[0].engine)
    return served[0]


def test_volume_and_orders_are_accessible(open_browser: SizedPage, planned: Site) -> None:
    """WCAG 2.2 AA by axe, nothing too wide: the form, its answers, the detail of the orders open."""
    assert planned
    page = open_browser(("chef", OWN))
    found = {}
    for url in (PAGE, ASKED, f"{PAGE}?aliment=chou", f"{PAGE}?aliment=zzz", SWAP):
        page.goto(url)
        for detail in page.locator(".ct-alt__orders summary").all():
            detail.click()
        if faulty := faults_on_both(page):
            found[url] = faulty
    assert found == {}


def test_a_volume_goes_on_the_menu_by_keyboard(open_browser: SizedPage, planned: Site) -> None:
    """Type the food, Enter, then « Mettre au menu »: the dish is kept, one button takes it back."""
    page = open_browser(("chef", OWN))
    page.goto(PAGE)
    page.get_by_label("Aliment").fill("poireaux")
    page.get_by_label("Kilos").fill("60")
    page.get_by_label("Du").fill("2027-01-11")
    page.get_by_label("Au", exact=True).fill("2027-01-22")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name=re.compile("^Mettre au menu : ")).first
    button.focus()
    recipe = button.get_attribute("value")
    page.keyboard.press("Enter")
    expect(page.get_by_text("il est gardé")).to_be_visible()
    with Session(planned.engine) as session:
        kept = session.exec(select(Dish).where(Dish.kitchen == OWN, Dish.recipe == recipe, Dish.locked)).all()
        assert [dish.chosen_by for dish in kept] == ["chef"]
        assert date(2027, 1, 11) <= kept[0].date <= date(2027, 1, 22)
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("C'est annulé")).to_be_visible()


def test_the_orders_of_a_change_open_by_keyboard(open_browser: SizedPage, planned: Site) -> None:
    """Each alternative says what to order; the detail opens with the keyboard; one is chosen."""
    page = open_browser(("chef", OWN))
    page.goto(SWAP)
    first = page.locator(".ct-alt li").first
    expect(first.locator(".ct-alt__orders")).to_contain_text(re.compile("commander|stock"))
    detail = page.locator(".ct-alt__orders summary").first
    detail.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ct-alt__orders details[open] li").first).to_be_visible()
    choice = page.get_by_role("button", name=re.compile("^Choisir ")).first
    recipe = choice.get_attribute("value")
    choice.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("C'est votre choix")).to_be_visible()
    with Session(planned.engine) as session:
        assert session.get_one(Dish, (OWN, date(2027, 1, 19), "plat", 1)).recipe == recipe
