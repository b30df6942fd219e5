"""« Que faire de 40 kg de poireaux cette semaine ? »: where they go, what they change, one button."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from math import isclose

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.foods.models import Food
from cantine.kitchens.models import Kitchen
from cantine.menus import edit
from cantine.menus.models import Dish, Service
from cantine.menus.versions import Stamp
from cantine.planning.announced import Announced, announced_supply
from cantine.planning.board import Board, load_board
from cantine.planning.models import PlannedUse
from cantine.planning.supply import Supply, load_supply
from cantine.planning.volume import Uses, uses_of
from cantine.planning.volume_food import conditions_of, find_food, near_foods, recipes_with
from cantine.recipes.models import RecipeIngredient
from cantine.recipes.nutrition import grams
from optim.terms import Niveau
from tests.cantine.changes import carry_out
from tests.cantine.plans import FIRST, accept_plan
from tests.cantine.site import NOW, OWN, Site

MONDAY, FRIDAY = date(2027, 1, 11), date(2027, 1, 22)
LEEK = "poireau"
PAGE = f"/cuisines/{OWN}/menus/volume"
ASKED = {"aliment": LEEK, "kg": "40", "du": MONDAY.isoformat(), "au": FRIDAY.isoformat()}


@pytest.fixture
def menus(marais_engine: Engine) -> Iterator[Session]:
    """A kitchen whose menus and purchases are in place."""
    with Session(marais_engine, expire_on_commit=False) as session:
        accept_plan(session, OWN)
        session.commit()
        yield session


@pytest.fixture
def chief(site: Site) -> FlaskClient:
    """The chief's browser, with menus in place."""
    with Session(site.engine) as session:
        accept_plan(session, OWN)
        session.commit()
    return site.signed_in("chef")


def asked(session: Session, kg: int = 60) -> tuple[Board, Supply, Uses]:
    """What can be done with so many kilograms of leeks."""
    board = load_board(session, OWN, MONDAY, FIRST, recipes=recipes_with(session, LEEK))
    assert board is not None
    foods = {line.code for entry in board.coster.book.values() for _, line in entry.lines if not line.staple}
    supply = load_supply(session, board, time(8), foods)
    assert supply is not None
    food = session.get_one(Food, LEEK)
    item = conditions_of(board.coster.sources.on_offer(LEEK), food, MONDAY, FRIDAY)
    days = tuple(MONDAY + timedelta(days=n) for n in range(12))
    announced = Announced(food, kg * 1000, MONDAY, FRIDAY, item, days)
    return board, announced_supply(supply, announced), uses_of(board, supply, announced)


def test_what_a_dish_takes_is_that_of_its_recipe(menus: Session) -> None:
    """Grams of the recipe for those who take it, whatever else the meal held of the food."""
    board, _, uses = asked(menus)
    assert uses.dishes
    for option in uses.dishes:
        lines = menus.exec(
            select(RecipeIngredient).where(
                RecipeIngredient.recipe == option.dish.recipe, RecipeIngredient.food == LEEK
            )
        ).all()
        portion = sum(grams(line, Niveau.COLLEGE) for line in lines)
        others = option.replaced and any(
            food.code == LEEK for _, food in board.coster.book[option.replaced.recipe].lines
        )
        only = {niveau for niveau, count in option.day.eaters(option.dish).items() if count}
        if not others and only == {Niveau.COLLEGE}:
            assert option.grams == round(portion * option.portions)


def test_dishes_together_keep_the_rules_and_the_volume(menus: Session) -> None:
    """Once they are all on the menu, the checker has nothing new to say, and the figures are those told."""
    board, supply, uses = asked(menus)
    assert uses.together is not None
    for option in uses.together.options:
        assert option.change is not None
        carry_out(menus, OWN, supply, option.place, option.dish.recipe, option.change.effect)
    after = load_board(menus, OWN, MONDAY, FIRST)
    assert after is not None
    assert {f.message for f in after.reading.others} <= {f.message for f in board.reading.others}
    assert {c.rule for c in after.reading.broken} <= {c.rule for c in board.reading.broken}
    assert uses.together.grams <= uses.announced.grams + uses.announced.pack_g
    bought = menus.exec(
        select(PlannedUse.grams).where(
            PlannedUse.kitchen == OWN,
            PlannedUse.food == LEEK,
            col(PlannedUse.date).in_([option.dish.date for option in uses.together.options]),
        )
    ).all()
    assert abs(sum(bought) - uses.together.grams) <= 50 * len(uses.together.options)
    cents = (after.total.ttc_per_portion or 0) - (board.total.ttc_per_portion or 0)
    assert isclose(uses.together.cents_per_meal, cents, abs_tol=1e-6)
    for word, points in uses.together.points:
        share = (after.total.share(word.lower()) or 0) - (board.total.share(word.lower()) or 0)
        assert isclose(points, 100 * share, abs_tol=1e-6)


def test_more_volume_finds_more_dishes(menus: Session) -> None:
    """Few kilograms are never passed by more than a pack; many are used by several dishes."""
    used = []
    for kg in (15, 150):
        _, _, uses = asked(menus, kg)
        if uses.together:
            assert uses.together.grams <= kg * 1000 + uses.announced.pack_g
            used.append((uses.together.grams, len(uses.together.options)))
    assert used == sorted(used)
    assert used[-1][1] > 1


def test_what_is_kept_validated_or_served_stays(menus: Session) -> None:
    """Locked dishes and validated days are no place for anything."""
    for dish in menus.exec(select(Dish).where(Dish.kitchen == OWN, Dish.date <= date(2027, 1, 15))):
        dish.locked = True
        menus.add(dish)
    for service in menus.exec(
        select(Service).where(Service.kitchen == OWN, Service.date == date(2027, 1, 18))
    ):
        service.status = "valide"
        menus.add(service)
    menus.flush()
    _, _, uses = asked(menus)
    assert uses.dishes
    assert {option.dish.date for option in uses.dishes} <= {date(2027, 1, n) for n in (19, 21, 22)}
    assert date(2027, 1, 18) not in {day.date for day in uses.days}


def test_what_is_on_the_menu_takes_its_part_first(menus: Session) -> None:
    """A dish put on the menu, not bought yet, counts: the rest of the volume is what it leaves."""
    _, _, uses = asked(menus, 150)
    option = uses.dishes[0]
    version = menus.get_one(Service, (OWN, option.dish.date)).version
    edit.swap(menus, OWN, option.place, option.dish.recipe, Stamp(None, NOW, FIRST, version))
    menus.execute(
        delete(PlannedUse).where(col(PlannedUse.date) == option.dish.date, col(PlannedUse.food) == LEEK)
    )
    _, _, again = asked(menus, 150)
    assert (option.dish.date, option.dish.name) in {(day, name) for day, name, _ in again.there}
    assert again.left_g == 150_000 - sum(weight for _, _, weight in again.there)
    assert again.left_g < 150_000


def test_a_food_is_found_as_people_write_it(menus: Session) -> None:
    """Plural, accents, code; several where the words fit several; none where nothing does."""
    for text in ("poireaux", "POIREAU", LEEK):
        found = find_food(menus, text).food
        assert found is not None
        assert found.code == LEEK
    several = find_food(menus, "chou")
    assert several.food is None
    assert len(several.matches) > 1
    assert find_food(menus, "zzz") == find_food(menus, "zzz")
    assert not find_food(menus, "zzz").matches


def test_the_page_answers_and_puts_on_the_menu(site: Site, chief: FlaskClient) -> None:
    """One button: the dish is there, kept; the journal says so; the page offers to undo it."""
    page = chief.get(PAGE, query_string=ASKED).text
    assert "Chaque plat, à sa meilleure place" in page
    form = re.search(r'<form method="post" action="[^"]+/menus/changer".*?</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form.group()))
    fields["retour"] = fields["retour"].replace("&amp;", "&")
    answer = chief.post(f"/cuisines/{OWN}/menus/changer", data=fields)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(PAGE)
    with Session(site.engine) as session:
        place = OWN, date.fromisoformat(fields["date"]), fields["composante"], int(fields["rang"])
        dish = session.get_one(Dish, place)
        assert (dish.recipe, dish.locked, dish.chosen_by) == (fields["recette"], True, "chef")
        line = session.exec(select(JournalEntry).order_by(col(JournalEntry.id).desc())).first()
        assert line is not None
        assert (line.subject, line.key) == ("menu", f"{OWN}, {fields['date']}")
    after = chief.get(answer.headers["Location"]).text
    assert "Annuler" in after
    assert "il est gardé" in after


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({}, "Quel aliment arrive"),
        ({"aliment": "zzz"}, "Aucun aliment ne s'appelle « zzz »"),
        ({"aliment": "chou"}, "Lequel"),
        ({**ASKED, "du": "2027-07-01", "au": "2027-07-02"}, "Aucun menu à changer"),
    ],
)
def test_empty_pages_tell_the_next_step(chief: FlaskClient, query: dict[str, str], says: str) -> None:
    """Nothing asked, nothing known, several foods, no menu: each says what to do."""
    assert says in chief.get(PAGE, query_string=query).text.replace("&#39;", "'")


@pytest.mark.parametrize("query", [{"kg": "beaucoup"}, {"kg": "0"}, {"du": "2027-01-20", "au": "2027-01-11"}])
def test_what_cannot_be_is_refused(chief: FlaskClient, query: dict[str, str]) -> None:
    """A weight that is none, days in the wrong order: a sentence, no page of errors."""
    assert chief.get(PAGE, query_string={**ASKED, **query}).status_code == 400


def test_a_food_without_recipe_names_its_neighbours(site: Site, chief: FlaskClient) -> None:
    """No recipe takes it yet: foods of its group that some recipe takes, one click away."""
    with Session(site.engine) as session:
        session.execute(delete(RecipeIngredient).where(col(RecipeIngredient.food) == LEEK))
        near = [food.code for food in near_foods(session, session.get_one(Food, LEEK))]
        session.commit()
    page = chief.get(PAGE, query_string=ASKED).text
    assert "Aucune recette n&#39;utilise encore" in page
    assert near
    assert all(code != LEEK and f"aliment={code}" in page for code in near)


def test_pages_of_food_offer_and_supplier_lead_here(site: Site, chief: FlaskClient) -> None:
    """From what a producer announces to where it goes."""
    assert "menus/volume?aliment=poireau" in chief.get(f"/donnees/aliments/{LEEK}/modifier").text
    assert "menus/volume" in chief.get(f"/cuisines/{OWN}/menus").text
    with Session(site.engine) as session:
        kitchen = session.get_one(Kitchen, OWN)
        board = load_board(session, OWN, MONDAY, FIRST)
        assert board is not None
        item = board.coster.sources.on_offer(LEEK)[0]
        assert kitchen.code == OWN
    page = chief.get(PAGE, query_string={"fournisseur": item.supplier.code}).text
    assert "Ce que vend ce fournisseur" in page
    assert f"aliment={LEEK}" in page
    told = chief.get(PAGE, query_string={**ASKED, "aliment": "", "offre": item.offer.code}).text
    assert item.supplier.name in told
    assert chief.get(PAGE, query_string={"fournisseur": "personne"}).status_code == 404
