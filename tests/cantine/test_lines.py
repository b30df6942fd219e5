"""Sites of one kitchen that are not served alike: from the rows to the question, the pages and the papers."""

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.lines import load_lines, shared
from cantine.kitchens.models import Site, SiteDiners
from cantine.menus.grid import GridDish, load_days
from cantine.menus.models import Dish
from cantine.planning.build import build_instance
from cantine.planning.folder import check_folder, write_folder
from cantine.reports.figures import production_sheet
from optim.instance import Dish as Placed
from optim.lines import left_out
from optim.plan import dish_need_g
from optim.terms import Niveau, Slot
from tests.cantine.plans import first_found
from tests.cantine.reports_kitchen import CODE, MONDAY, fill

DAY = date(2027, 1, 4)


@pytest.fixture
def two(session: Session) -> Session:
    """The small kitchen with two plats at its collège, and a school of 40 that has one."""
    fill(session)
    kitchen = get_kitchen(session, CODE)
    kitchen.choices_plat = 2
    session.add(kitchen)
    session.add(
        Site(
            code="ECOLE",
            name="École",
            kind="ecole",
            kitchen=CODE,
            insee="99001",
            liaison="chaude",
            choices_plat=1,
        )
    )
    session.flush()
    session.add(SiteDiners(site="ECOLE", weekday=1, elementaire=36, adulte=4))
    session.flush()
    return session


@pytest.mark.parametrize(
    ("count", "weights", "parts"),
    [
        (10, [1, 1], [5, 5]),
        (10, [1, 2], [3, 7]),
        (0, [3, 1], [0, 0]),
        (7, [0, 5], [0, 7]),
        (2, [1, 1, 1], [1, 1, 0]),
    ],
)
def test_a_number_is_cut_without_loss(count: int, weights: list[int], parts: list[int]) -> None:
    """Parts are whole, near their weights, and make the number."""
    assert shared(count, weights) == parts
    assert sum(parts) == count


def test_sites_served_alike_are_no_lines(session: Session) -> None:
    """One site, or several that ask what the kitchen offers: the question is the kitchen's."""
    fill(session)
    session.add(Site(code="ECOLE", name="École", kind="ecole", kitchen=CODE, insee="99001", choices_plat=1))
    session.flush()
    lines = load_lines(session, get_kitchen(session, CODE))
    assert lines.cook.lines == ()
    assert lines.split(MONDAY, {Niveau.COLLEGE: 10}) == {}


def test_diners_of_a_service_are_split_as_usual(two: Session) -> None:
    """220 collégiens are all at the collège; adults go 10 to 4, the largest remainder first."""
    lines = load_lines(two, get_kitchen(two, CODE))
    assert [(line.name, line.presentations(Slot.PLAT)) for line in lines.cook.lines] == [
        ("Collège", 2),
        ("École", 1),
    ]
    college, school = lines.split(
        MONDAY, {Niveau.COLLEGE: 220, Niveau.ELEMENTAIRE: 30, Niveau.ADULTE: 7}
    ).values()
    assert (college[Niveau.COLLEGE], college[Niveau.ELEMENTAIRE], college[Niveau.ADULTE]) == (220, 0, 5)
    assert (school[Niveau.COLLEGE], school[Niveau.ELEMENTAIRE], school[Niveau.ADULTE]) == (0, 30, 2)


def test_a_class_nobody_usually_sees_eats_where_most_meals_are(two: Session) -> None:
    """Five pupils of maternelle on a visit: the collège cooks for them."""
    lines = load_lines(two, get_kitchen(two, CODE))
    college, school = lines.split(MONDAY, {Niveau.MATERNELLE: 5}).values()
    assert (college[Niveau.MATERNELLE], school[Niveau.MATERNELLE]) == (5, 0)


def test_the_production_sheet_says_what_leaves_for_each_place(two: Session) -> None:
    """110 portions, of which the school's are of the first plat; each place with its part and its liaison."""
    plat = two.exec(select(Dish).where(Dish.kitchen == CODE, Dish.date == MONDAY, Dish.slot == "plat")).one()
    plat.share_permille = 500
    two.add(plat)
    kitchen = get_kitchen(two, CODE)
    kitchen.fallback_recipe = plat.recipe
    two.add(kitchen)
    two.flush()
    sheet = production_sheet(two, CODE, MONDAY)
    (dish,) = [made for made in sheet.dishes if made.icon == "plat" and not made.instead_of]
    lines = load_lines(two, kitchen)
    parts = lines.split(MONDAY, {Niveau.COLLEGE: 100, Niveau.ADULTE: 10})
    college, school = (sum(part.values()) for part in parts.values())
    assert school == 3  # 10 adults, 4 of 14 usual ones at the school
    assert dict(dish.lines) == {"Collège": -(-college // 2), "École": school}
    assert {leaving.place: (leaving.liaison, leaving.diners) for leaving in sheet.departures} == {
        "Collège des Dunes": ("sur place", college),
        "École": ("liaison chaude", school),
    }
    assert sheet.fallback


def test_the_page_says_who_is_not_served_every_choice(two: Session) -> None:
    """One sentence for the school; the portions of a second plat are the collège's alone."""
    days = load_days(two, get_kitchen(two, CODE), MONDAY)
    assert days.unlike == ("École : les premiers choix seulement.",)
    day = days.day(MONDAY)
    second = GridDish(MONDAY, Slot.PLAT, 2, "boeuf", "Bœuf", share_permille=400)
    school = sum(day.by_line[days.lines.cook.lines[1].code].values())
    assert sum(day.eaters(second).values()) == pytest.approx((day.meals - school) * 0.4)


def test_a_kitchen_of_the_seeds_with_two_lines_is_planned(seeds_engine: Engine, tmp_path: Path) -> None:
    """Fruges, a collège with choices and a school without: lawful for both, and the folder adds up."""
    with Session(seeds_engine) as session:
        asked = build_instance(session, "FRUGES-BREL", DAY, 20, "equilibre", DAY)
    assert [len(line.choices) for line in asked.kitchen.lines] == [5, 5]
    instance = asked.model_copy(update={"budget_ttc_cents": None})
    write_folder(tmp_path / "plan", instance, first_found(instance))
    assert check_folder(tmp_path / "plan") == []
    shares: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    with (tmp_path / "plan" / "menu.csv").open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            shares[row["date"], row["component"], row["line"]] += float(row["share"])
    assert {line for _, _, line in shares} == {"Collège", "École"}
    assert all(share == pytest.approx(1, abs=0.003) for share in shares.values())


def test_a_school_of_four_components_beside_a_college_of_five(seeds_engine: Engine) -> None:
    """Frévent: the starter of a day when the school takes the dessert is cooked for the collège alone."""
    with Session(seeds_engine) as session:
        instance = build_instance(session, "FREVENT-CUALLACCI", DAY, 20, "equilibre", DAY)
    school = next(line for line in instance.kitchen.lines if line.components == 4)
    recipe = next(
        r for r in instance.recipes if r.slot is Slot.ENTREE and r.ingredients and not r.covers_dairy
    )
    with_starter, without = (
        next(s for s in instance.horizon if (left_out(s.date) is Slot.ENTREE) is out) for out in (False, True)
    )
    for service, taken in ((with_starter, 1), (without, 0)):
        dish = Placed(date=service.date, slot=Slot.ENTREE, recipe=recipe.code, share_permille=500)
        need = sum(dish_need_g(instance, dish).values())
        grams = {
            code: sum(
                i.milligrams.get(niveau, 0) * count
                for i in recipe.ingredients
                for niveau, count in diners.items()
            )
            for code, diners in service.by_line.items()
        }
        alone = sum(weight for code, weight in grams.items() if code != school.code)
        assert need == pytest.approx(
            (alone / 2 + grams[school.code] * taken) / 1000, abs=3 * len(recipe.ingredients)
        )
