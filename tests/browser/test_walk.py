"""A chief's walk, from sign-in to the plan chosen: the real pages, the real worker, the real solver."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.kitchens.models import Kitchen
from cantine.menus.models import Dish
from cantine.planning import frontiers
from cantine.planning.models import Mishap, PlannedPurchase, Run
from cantine.planning.repair import changes_of, summary
from cantine.suppliers.prices import offer_code
from optim.check import violations
from optim.figures import figures
from optim.instance import Instance
from optim.plan import Plan, Result
from tests.browser.conftest import SizedPage
from tests.browser.test_pages import faults
from tests.cantine.plans import FIRST
from tests.cantine.site import OWN, Site
from tests.cantine.test_runs import consumer

START, MEALS = "2027-01-05", "3"
"""From tomorrow on: what comes today cannot be ordered elsewhere any more."""
BREADS = ("fournil-pain", "fournil-pain-bio")
KEPT, SWAPPED = "2027-01-05", "2027-01-07"
SHORT_CREDIT, CREDIT = 60, 240
"""Cents per meal: one for which nothing can be cooked, and that of the invented département."""
PATIENCE = 60_000
"""Milliseconds for a search; none is expected to take a quarter of it."""


@pytest.fixture
def worker(served: tuple[Site, str]) -> Iterator[Site]:
    """The site with its worker."""
    site, _ = served
    with consumer(site.app.config["CANTINE"]):
        yield site


def test_a_chief_walks_from_sign_in_to_the_plan_chosen(worker: Site, open_browser: SizedPage) -> None:
    """Plan, keep, ask why not, relax, swap, repair, choose among plans; axe on each page on the way."""
    page = open_browser(("chef", OWN))
    page.on("dialog", lambda dialog: dialog.accept())
    plan_from_the_week(page, worker)
    kept = keep_a_dish(page, worker)
    credit(worker, SHORT_CREDIT)
    ask_why_not(page)
    relax(page, worker)
    credit(worker, CREDIT)
    swap_a_dish(page, worker)
    repair_after_a_withdrawn_offer(page, worker)
    choose_among_plans(page, worker)
    assert recipe_at(worker, KEPT) == kept


def plan_from_the_week(page: Page, site: Site) -> None:
    """From the card of the week to menus in place."""
    expect(page).to_have_url(re.compile(f"/cuisines/{OWN}/semaine$"))
    assert faults(page) == []
    propose(page, look=True)
    stop_and_see(page)
    proposal(page)
    assert faults(page) == []
    accept(page, site)


def keep_a_dish(page: Page, site: Site) -> str:
    """The lock of one dish of the grid; its recipe."""
    lock = page.locator(f"#lc-{KEPT}-plat-1")
    page.locator(f"#c-{KEPT}-plat-1").hover()
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")
    expect(lock).to_be_focused()
    assert faults(page) == []
    return recipe_at(site, KEPT)


def ask_why_not(page: Page) -> None:
    """A proposal that the credit does not allow: no menus, the reason and ways out."""
    propose(page)
    expect(page.get_by_text("Crédit nourriture : il manque")).to_be_visible(timeout=PATIENCE)
    assert faults(page) == []


def relax(page: Page, site: Site) -> None:
    """The button of the way out that gives money: the search goes on from there and finds menus."""
    page.get_by_role("button", name=re.compile("€ par repas$")).first.click()
    stop_and_see(page)
    proposal(page, r"Accordé pour cette recherche : \+")
    run = accept(page, site)
    told = next(count for count in Result.model_validate_json(run.result).rules if count.rule == "budget")
    assert (told.limit, told.kept, told.note) == (SHORT_CREDIT, False, "écart accepté par le chef")
    with Session(site.engine) as session:
        lines = session.exec(select(JournalEntry.after)).all()
    assert any(line.startswith("accepte ; accordé : +") for line in lines)


def swap_a_dish(page: Page, site: Site) -> None:
    """« Changer » on another day: the best alternative, chosen."""
    before = recipe_at(site, SWAPPED)
    page.locator(f"#ac-{SWAPPED}-plat-1").click()
    expect(page.get_by_role("heading", name="Changer le plat")).to_be_focused()
    assert faults(page) == []
    choice = page.get_by_role("button", name=re.compile("^Choisir ")).first
    wanted = choice.get_attribute("value")
    choice.click()
    expect(page.get_by_text("C'est votre choix")).to_be_visible()
    assert recipe_at(site, SWAPPED) == wanted != before


def repair_after_a_withdrawn_offer(page: Page, site: Site) -> None:
    """« Un imprévu ? »: the bread is withdrawn; the repair buys another."""
    lost, before = bread_offer(site), menus(site)
    page.get_by_role("link", name="Un imprévu ?").click()
    page.get_by_role("link", name="Un produit est retiré").click()
    expect(page.get_by_role("heading", name="Un produit est retiré")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Produit prévu dans vos achats").select_option(lost)
    page.get_by_role("button", name="Chercher le plan qui change le moins").click()
    proposal(page, "est retiré")
    assert faults(page) == []
    run = accept(page, site)
    told = changes_of(run)
    assert told is not None
    assert told.orders
    assert "change" in summary(told)
    assert len(before - menus(site)) == len({change.about for change in told.dishes})
    assert lost not in {offer_code(purchase.offer) for purchase in plan_of(run).purchases}
    with Session(site.engine) as session:
        assert told.because == session.exec(select(Mishap)).one().note


def choose_among_plans(page: Page, site: Site) -> None:
    """Two plans found, stopped; the second looked at, kept, accepted."""
    page.get_by_role("link", name="Proposer des menus").click()
    page.get_by_role("link", name="Voir plusieurs plans au choix").click()
    expect(page.get_by_role("heading", name="Chercher plusieurs plans")).to_be_visible()
    assert faults(page) == []
    ask(page, "Chercher plusieurs plans")
    expect(page.get_by_text(re.compile("([2-9]|1[0-9]) plans à choisir"))).to_be_visible(timeout=PATIENCE)
    stop_and_see(page)
    page.locator("#point-2").click(timeout=PATIENCE)
    page.get_by_role("heading", name="Plan 2").wait_for()
    assert faults(page) == []
    check_choices(site)
    page.get_by_role("button", name="Garder ce plan").click()
    proposal(page)
    accept(page, site)


def propose(page: Page, *, look: bool = False) -> None:
    """Open the form beside the grid, fill it and send it; ``look`` at it and at the search with axe."""
    page.get_by_role("link", name="Proposer des menus").click()
    expect(page.get_by_role("heading", name="Proposer des menus")).to_be_visible()
    assert not look or faults(page) == []
    ask(page, "Proposer des menus")
    expect(page.get_by_role("heading", name="Recherche en cours")).to_be_visible()
    assert not look or faults(page) == []


def ask(page: Page, button: str) -> None:
    """So many meals, from a day on."""
    page.get_by_label("À partir du").fill(START)
    page.get_by_label("Repas", exact=True).fill(MEALS)
    page.get_by_role("button", name=button).click()


def stop_and_see(page: Page) -> None:
    """Enough as soon as there is something: the search would take its whole minute to do better."""
    page.get_by_role("button", name="Arrêter et voir").click(timeout=PATIENCE)


def proposal(page: Page, words: str = "") -> None:
    """The proposal is in the grid, its panel says ``words``."""
    title = page.locator("#proposition-titre")
    expect(title).to_have_text(re.compile("Proposition prête|Pas de proposition"), timeout=PATIENCE)
    expect(page.locator("#proposition")).to_contain_text(re.compile(f"Proposition prête.*{words}", re.DOTALL))
    expect(page.get_by_text("Vous regardez une proposition.")).to_be_visible()


def accept(page: Page, site: Site) -> Run:
    """The proposal accepted: its dishes are in place, and no rule is broken."""
    page.get_by_role("button", name="Accepter").click()
    expect(page.get_by_text("Les menus proposés sont en place")).to_be_visible()
    with Session(site.engine) as session:
        run = session.exec(select(Run).order_by(col(Run.id).desc())).first()
        assert run is not None
    assert run.decision == "accepte"
    assert violations(instance_of(run), plan_of(run)) == []
    assert menus(site) == {(dish.date, dish.slot.value, dish.recipe) for dish in plan_of(run).dishes}
    return run


def check_choices(site: Site) -> None:
    """Each plan to choose from keeps every rule and has the figures that the page shows."""
    with Session(site.engine) as session:
        run = session.exec(select(Run).where(Run.kind == frontiers.KIND)).one()
    instance = instance_of(run)
    choices = frontiers.choices_of(run)
    assert len(choices.plans) >= 2
    for choice in choices.plans:
        plan = frontiers.plan_of(run, choice.number)
        assert violations(instance, plan) == []
        assert figures(instance, plan) == choice.figures


def credit(site: Site, cents: int) -> None:
    """The gestionnaire changes the credit per meal."""
    with transaction(site.engine) as session:
        session.get_one(Kitchen, OWN).budget_ttc_cents = cents


def recipe_at(site: Site, day: str) -> str:
    """The plat of a day."""
    with Session(site.engine) as session:
        return session.get_one(Dish, (OWN, date.fromisoformat(day), "plat", 1)).recipe


def menus(site: Site) -> set[tuple[date, str, str]]:
    """The dishes in place."""
    with Session(site.engine) as session:
        rows = session.exec(select(Dish).where(Dish.kitchen == OWN, Dish.date >= FIRST))
        return {(row.date, row.slot, row.recipe) for row in rows}


def purchases(site: Site) -> Sequence[PlannedPurchase]:
    """The purchases in place."""
    with Session(site.engine) as session:
        return session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == OWN)).all()


def bread_offer(site: Site) -> str:
    """The bread bought: it comes every day, and the other bread can still take its place."""
    return next(row.offer for row in purchases(site) if row.offer in BREADS)


def instance_of(run: Run) -> Instance:
    """The question that a run answered."""
    return Instance.model_validate_json(run.instance)


def plan_of(run: Run) -> Plan:
    """The plan that a run found."""
    return Result.model_validate_json(run.result).plan or pytest.fail("no plan")
