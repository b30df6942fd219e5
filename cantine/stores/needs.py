"""What a meal takes out of the store: recipes times headcount, whatever was planned to feed it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.lines import load_lines
from cantine.kitchens.settings import load_settings
from cantine.menus.models import Dish, Service
from cantine.menus.portions import diners_of, food_grams, served
from cantine.recipes.models import Recipe
from cantine.suppliers.book import load_book


@dataclass(frozen=True)
class Need:
    """One food of a meal: grams as bought, and the dishes that take it."""

    food: Food
    grams: int
    dishes: tuple[str, ...]


def needs_of(session: Session, kitchen_code: str, day: date) -> list[Need]:
    """Foods of a meal, bread and staples included, by name; none where no meal is served."""
    service = session.get(Service, (kitchen_code, day))
    if service is None or service.status == "exclu":
        return []
    kitchen = get_kitchen(session, kitchen_code)
    query = select(Dish).where(Dish.kitchen == kitchen_code, Dish.date == day)
    dishes = session.exec(query.order_by(col(Dish.slot), col(Dish.choice))).all()
    lines, book = load_lines(session, kitchen), load_book(session, _recipes(session, dishes))
    totals: defaultdict[str, float] = defaultdict(float)
    names: defaultdict[str, list[str]] = defaultdict(list)
    foods: dict[str, Food] = {}
    for dish in dishes:
        for part in served(book, lines, kitchen.no_pork_permille, service, dish):
            for code, (food, weight) in food_grams(part.entry, part.eaters).items():
                foods[code] = food
                totals[code] += weight
                names[code].append(part.entry.recipe.name)
    bread = session.get(Food, load_settings(session).bread_food)
    if dishes and bread is not None and kitchen.bread_g:
        foods[bread.code] = bread
        totals[bread.code] += kitchen.bread_g * sum(diners_of(service).values())
        names[bread.code].append("pain")
    found = [
        Need(foods[code], round(total), tuple(dict.fromkeys(names[code]))) for code, total in totals.items()
    ]
    return sorted((need for need in found if need.grams), key=lambda need: (need.food.staple, need.food.name))


def _recipes(session: Session, dishes: Sequence[Dish]) -> list[str]:
    """Codes of the recipes served, with those for who eats no pork."""
    codes = {dish.recipe for dish in dishes}
    others = session.exec(select(Recipe.substitute).where(col(Recipe.code).in_(codes)))
    return sorted(codes | {code for code in others if code})
