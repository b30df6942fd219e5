"""The demonstration package: what the issue asks of it, and recipes a chef and a dietitian would believe."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.db import make_engine
from cantine.kitchens.headcount import load_diners
from cantine.kitchens.models import College, Kitchen, Site, SiteDiners
from cantine.recipes.book import BookRecipe
from cantine.recipes.derive import derive
from cantine.recipes.nutrition import grams
from cantine.suppliers.book import load_book
from cantine.suppliers.models import Offer, Supplier
from optim.terms import Critere, Niveau, Vegetarien

BOUNDS = {
    # slot: energy (kcal), cost (cents HT), portion on the plate (g), least protein (g) for a collégien
    "entree": ((8, 330), (5, 75), (28, 320), 0),
    "plat": ((120, 620), (25, 195), (85, 480), 7),
    "garniture": ((30, 560), (7, 75), (110, 300), 0),
    "laitier": ((30, 190), (9, 50), (16, 150), 1),
    "dessert": ((25, 420), (7, 56), (40, 260), 0),
}


@pytest.fixture(scope="module")
def engine(seeds_database: Path) -> Engine:
    """The imported seeds, read only."""
    return make_engine(f"sqlite:///{seeds_database}")


@pytest.fixture(scope="module")
def book(engine: Engine) -> dict[str, BookRecipe]:
    """The recipe book of the seeds."""
    with Session(engine) as session:
        return load_book(session)


def cost_cents(entry: BookRecipe) -> float:
    """Indicative cost of a portion for a collégien, staples left out."""
    return sum(
        grams(ingredient, Niveau.COLLEGE) / 1000 * (food.reference_price_cents_kg or 0)
        for ingredient, food in entry.lines
        if not food.staple
    )


def outside(entry: BookRecipe) -> list[str]:
    """What a dietitian would question in a recipe."""
    energy, cost, portion, protein = BOUNDS[entry.recipe.slot]
    found = entry.derived.nutrition
    measures = {
        "kcal": (found.energy_kcal, *energy),
        "centimes": (cost_cents(entry), *cost),
        "g servis": (found.portion_g, *portion),
        "g de protéines": (found.protein_g, protein, 60),
    }
    return [
        f"{entry.recipe.code} : {value:.1f} {unit} (attendu {low} à {high})"
        for unit, (value, low, high) in measures.items()
        if not low <= value <= high
    ]


def test_every_recipe_is_plausible(book: dict[str, BookRecipe]) -> None:
    """Energy, cost, portion and protein of each recipe stay within what a kitchen serves."""
    assert [fault for entry in book.values() for fault in outside(entry)] == []


def test_outside_names_the_fault(book: dict[str, BookRecipe]) -> None:
    """The list would name a recipe whose grams were typed ten times too big."""
    entry = book["carbonade_flamande"]
    lines = tuple((i.model_copy(update={"college_g": i.college_g * 10}), f) for i, f in entry.lines)
    faults = outside(BookRecipe(entry.recipe, lines, derive(entry.recipe, lines)))
    assert [fault.split(" ")[3] for fault in faults] == ["kcal", "centimes", "g", "g"]


def test_enough_of_every_kind(book: dict[str, BookRecipe]) -> None:
    """The counts the planner needs to keep the law for twenty services without repeating itself."""
    slots = Counter(entry.recipe.slot for entry in book.values())
    assert len(book) >= 240
    assert slots["entree"] >= 50
    assert slots["plat"] >= 75
    assert slots["garniture"] >= 45
    assert slots["laitier"] >= 30
    assert slots["dessert"] >= 40
    tags = Counter((e.recipe.slot, tag) for e in book.values() for tag in e.derived.criteria)
    assert tags["entree", Critere.F01] >= 25
    assert tags["plat", Critere.F08] >= 12
    assert tags["plat", Critere.F09] >= 12
    assert tags["garniture", Critere.F03] >= 22
    assert tags["dessert", Critere.F02] >= 15
    assert min(tags["laitier", c] for c in (Critere.F05, Critere.F06, Critere.F07)) >= 6
    vegetarian = [
        e.derived.vegetarian for e in book.values() if e.recipe.slot == "plat" and e.derived.vegetarian
    ]
    assert len(vegetarian) >= 18
    assert vegetarian.count(Vegetarien.CEREALE_LEGUMINEUSE) >= 9


def test_every_plat_without_pork_has_no_pork(book: dict[str, BookRecipe]) -> None:
    """Each recipe with pork names one without, of the same slot."""
    pork = [entry for entry in book.values() if entry.derived.pork]
    assert len(pork) >= 8
    for entry in pork:
        assert entry.recipe.substitute is not None, entry.recipe.code
        substitute = book[entry.recipe.substitute]
        assert not substitute.derived.pork
        assert substitute.recipe.slot == entry.recipe.slot


def test_published_figures_are_met(engine: Engine) -> None:
    """125 collèges, about 115 kitchens; sums meet the figures the département publishes."""
    with Session(engine) as session:
        colleges = session.exec(select(College)).all()
        diners = [row for row in session.exec(select(SiteDiners)) if row.weekday in {1, 2, 4, 5}]
        kitchens = session.exec(select(Kitchen)).all()
    assert len(colleges) == 125
    assert 110 <= len(kitchens) <= 120
    assert sum(c.half_boarders or 0 for c in colleges) == 38_000
    assert (
        sum((c.boursiers_e1 or 0) + (c.boursiers_e2 or 0) + (c.boursiers_e3 or 0) for c in colleges) == 13_000
    )
    meals = sum(d.maternelle + d.elementaire + d.college + d.adulte for d in diners) / 4
    primary = sum(d.maternelle + d.elementaire for d in diners) / 4
    assert meals == pytest.approx(49_500, rel=0.005)
    assert primary == pytest.approx(9_000, rel=0.05)


def test_some_meals_are_brought_from_home(engine: Engine) -> None:
    """Paniers-repas PAI: between 0.5 and 1 % of the pupils, part of the meals served, not of those cooked."""
    with Session(engine) as session:
        sites = session.exec(select(Site)).all()
        mondays = session.exec(select(SiteDiners).where(SiteDiners.weekday == 1)).all()
        cooked = sum(
            sum(load_diners(session, code).on(date(2027, 1, 4)).values())
            for code in session.exec(select(Kitchen.code))
        )
    pupils = sum(d.maternelle + d.elementaire + d.college for d in mondays)
    brought = sum(site.pai_meals for site in sites)
    assert 0.005 * pupils < brought < 0.01 * pupils
    assert max(site.pai_meals for site in sites) < 10
    assert cooked == pupils + sum(d.adulte for d in mondays) - brought


def test_estimates_say_so(engine: Engine) -> None:
    """No estimated figure passes for a published one."""
    with Session(engine) as session:
        assert {c.figures_origin for c in session.exec(select(College))} == {"estime"}
        assert {k.figures_origin for k in session.exec(select(Kitchen))} == {"estime"}
        assert {d.origin for d in session.exec(select(SiteDiners))} == {"estime"}
        assert {s.origin for s in session.exec(select(Supplier))} == {"demonstration"}
        siret = Counter(c.siret_origin for c in session.exec(select(College)))
    assert siret["source"] >= 90
    assert siret["estime"] == 125 - siret["source"]


def test_offers_cover_every_food(engine: Engine, book: dict[str, BookRecipe]) -> None:
    """Every food of a recipe has offers until July 2027, bought from at least 45 suppliers."""
    with Session(engine) as session:
        offers = session.exec(select(Offer)).all()
        assert len(session.exec(select(Supplier)).all()) >= 45
    assert len(offers) >= 1500
    offered = {offer.food for offer in offers}
    needed = {food.code for entry in book.values() for _, food in entry.lines if not food.staple}
    assert needed <= offered
    last = {food: max(o.valid_to for o in offers if o.food == food) for food in needed}
    assert min(last.values()) >= date(2027, 7, 1), min(last, key=lambda food: last[food])


def test_history_is_one_block(engine: Engine) -> None:
    """Each kitchen starts with twenty served services, before the reference date."""
    seeds = Path(__file__).parents[2] / "seeds"
    with (seeds / "services.csv").open(encoding="utf-8", newline="") as file:
        served = Counter(row["kitchen"] for row in csv.DictReader(file) if row["date"] < "2027-01-04")
    with Session(engine) as session:
        assert served == dict.fromkeys(session.exec(select(Kitchen.code)), 20)
