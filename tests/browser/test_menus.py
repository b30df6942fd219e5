"""The week, the grid, the proposal, the orders and a fiche recette in a real browser."""

import json
import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.menus.models import Dish
from tests.browser.conftest import PHONE, WIDE, SizedPage, enter
from tests.browser.test_pages import faults, faults_on_both
from tests.cantine.plans import finished_run, told
from tests.cantine.site import OWN, Site

DAY = "2027-01-05"
MENUS = f"/cuisines/{OWN}/menus"
PLACE = f"date={DAY}&composante=plat&rang=1"


@pytest.fixture
def planned(served: tuple[Site, str], put_menus: Callable[[Engine], None]) -> Site:
    """The site with menus and purchases in place for the own kitchen."""
    put_menus(served[0].engine)
    return served[0]


def run_in(site: Site, state: str) -> int:
    """A run waiting for the chief, or still searching."""
    with Session(site.engine) as session:
        run = finished_run(session, OWN)
        if state == "calcul":
            run.state, run.result, run.progress = state, "", json.dumps(told(34.0))
        session.add(run)
        session.commit()
        return run.id or 0


def recipe_of(site: Site) -> str:
    """The plat of the day."""
    with Session(site.engine) as session:
        place = (Dish.kitchen == OWN, Dish.date == date.fromisoformat(DAY), Dish.slot == "plat")
        return session.exec(select(Dish.recipe).where(*place)).one()


def test_every_state_of_the_pages_is_accessible(open_browser: SizedPage, planned: Site) -> None:
    """WCAG 2.2 AA by axe, nothing too wide, on a desk and on a phone."""
    page = open_browser(("chef", OWN))
    found = {}
    for url in (
        f"/cuisines/{OWN}/semaine",
        f"/cuisines/{OWN}/semaine?date=2027-02-22",
        MENUS,
        f"{MENUS}?vue=allergenes&semaine=toutes",
        f"{MENUS}/changer?{PLACE}",
        f"{MENUS}?jour={DAY}",
        f"/cuisines/{OWN}/proposer",
        f"/cuisines/{OWN}/a-commander",
        f"/fiches/{recipe_of(planned)}",
    ):
        page.goto(url)
        if faulty := faults_on_both(page):
            found[url] = faulty
    assert found == {}


@pytest.mark.parametrize("state", ["calcul", "fini"])
def test_a_proposal_is_accessible_on_a_phone(open_browser: SizedPage, planned: Site, state: str) -> None:
    """While it searches, and once it waits for a decision; ``test_walk.py`` looks at both on a desk."""
    number = run_in(planned, state)
    page = open_browser(("chef", OWN), size=PHONE)
    page.goto(MENUS if state == "calcul" else f"{MENUS}?proposition={number}")
    assert faults(page) == []


def test_arrow_keys_move_in_the_grid(open_browser: SizedPage, planned: Site) -> None:
    """From one dish to the next, without the mouse."""
    assert planned
    page = open_browser(("chef", OWN))
    page.goto(MENUS)
    page.locator("#ac-2027-01-04-plat-1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#ac-{DAY}-plat-1")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(f"#ac-{DAY}-entree-1")).to_be_focused()


def test_changing_a_dish_by_keyboard_keeps_the_place(open_browser: SizedPage, planned: Site) -> None:
    """Enter opens the panel and takes the focus there; the choice brings it back to the dish."""
    page = open_browser(("chef", OWN))
    page.goto(MENUS)
    before = recipe_of(planned)
    page.locator(f"#ac-{DAY}-plat-1").focus()
    page.keyboard.press("Enter")
    title = page.get_by_role("heading", name="Changer le plat")
    expect(title).to_be_focused()
    page.get_by_role("button", name=re.compile("^Choisir ")).first.focus()
    page.keyboard.press("Enter")
    expect(title).to_have_count(0)
    expect(page.locator(f"#ac-{DAY}-plat-1")).to_be_focused()
    expect(page.locator(f"#c-{DAY}-plat-1")).to_contain_text("Votre choix")
    assert recipe_of(planned) != before


def test_a_change_is_undone_by_one_button(open_browser: SizedPage, planned: Site) -> None:
    """« Annuler » beside the message, by keyboard; the focus comes back to the dish."""
    page = open_browser(("chef", OWN))
    page.goto(f"{MENUS}/changer?{PLACE}")
    before = recipe_of(planned)
    page.get_by_role("button", name=re.compile("^Choisir ")).first.click()
    undo = page.get_by_role("button", name="Annuler")
    expect(undo).to_be_visible()
    assert recipe_of(planned) != before
    assert faults(page) == []
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("C'est annulé")).to_be_visible()
    expect(page.locator(f"#ac-{DAY}-plat-1")).to_be_focused()
    assert recipe_of(planned) == before
    page.get_by_role("button", name="Rétablir").click()
    expect(page.locator(f"#c-{DAY}-plat-1")).to_contain_text("Votre choix")


def test_closing_the_panel_brings_the_focus_back(open_browser: SizedPage, planned: Site) -> None:
    """The cross leads back to the dish."""
    assert planned
    page = open_browser(("chef", OWN))
    page.goto(f"{MENUS}/changer?{PLACE}")
    page.get_by_role("link", name="Fermer").click()
    expect(page.locator(f"#ac-{DAY}-plat-1")).to_be_focused()


def test_searching_a_recipe_while_typing(open_browser: SizedPage, planned: Site) -> None:
    """The list follows the typing; the field keeps the focus."""
    assert planned
    page = open_browser(("chef", OWN))
    page.goto(f"{MENUS}/changer?{PLACE}")
    page.get_by_label("Chercher une recette").press_sequentially("zzz")
    expect(page.locator("#alternatives")).to_contain_text("Aucune recette ne correspond à « zzz »")
    expect(page.get_by_label("Chercher une recette")).to_be_focused()


def test_a_phone_lists_the_dishes_of_each_day(open_browser: SizedPage, planned: Site) -> None:
    """No table to scroll sideways; a touch on the name opens the alternatives."""
    assert planned
    page = open_browser(("chef", OWN), size=PHONE)
    page.goto(MENUS)
    expect(page.locator("table.ct-wide").first).to_be_hidden()
    name = page.locator(f"#am-{DAY}-plat-1")
    expect(name).to_be_visible()
    name.click()
    expect(page.get_by_role("heading", name="Changer le plat")).to_be_in_viewport()


def test_the_essential_acts_work_without_script(
    chromium: Browser, served: tuple[Site, str], planned: Site
) -> None:
    """Keep, change, exclude: plain forms, plain links."""
    site, base = served
    site.person(("chef", OWN), login="sans-script")
    context = chromium.new_context(base_url=base, java_script_enabled=False, viewport=WIDE)
    page = context.new_page()
    enter(page, "sans-script")
    page.goto(MENUS)
    page.locator(f"#ac-{DAY}-plat-1").click()
    before = recipe_of(planned)
    page.get_by_role("button", name=re.compile("^Choisir ")).first.click()
    expect(page.get_by_text("C'est votre choix")).to_be_visible()
    assert recipe_of(planned) != before
    page.locator(f"#wj-{DAY}").click()
    page.get_by_label("Pourquoi").fill("grève")
    page.get_by_role("button", name="Exclure ce jour").click()
    expect(page.locator(f"#j-{DAY}")).to_contain_text("Sans service")
    context.close()


def test_a_print_of_the_grid_leaves_the_panels_out(open_browser: SizedPage, planned: Site) -> None:
    """The browser's own print shows the menus alone."""
    assert planned
    page = open_browser(("chef", OWN))
    page.goto(MENUS)
    page.emulate_media(media="print")
    expect(page.locator("#cote")).to_be_hidden()
