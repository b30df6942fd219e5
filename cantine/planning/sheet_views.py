"""The page of a fiche recette, with the prices of a kitchen: above suppliers, so in this room."""

from datetime import date

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.errors import CantineError
from cantine.foods.models import Food
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import load_settings
from cantine.menus.grid import GridDay, GridDish, load_days
from cantine.planning.board import make_coster
from cantine.planning.costing import DishFacts, Value, food_value
from cantine.planning.menu_views import CLASS_WORDS
from cantine.planning.params import day_in, this_day, whole_in
from cantine.planning.sources import Sources
from cantine.recipes import sheet as fiche
from cantine.recipes.book import BookRecipe
from cantine.recipes.models import Recipe
from cantine.recipes.nutrition import grams, nutrition
from cantine.suppliers.book import get_recipe, load_book
from optim.terms import Critere, Niveau, Slot

blueprint = Blueprint("recipes", __name__)

FOR_NOBODY_KNOWN = 100
NUTRIENTS = (
    ("Énergie", "energy_kcal", "kcal", 0),
    ("Protéines", "protein_g", "g", 1),
    ("Lipides", "fat_g", "g", 1),
    ("dont saturés", "saturated_fat_g", "g", 1),
    ("Glucides", "carbohydrate_g", "g", 1),
    ("dont sucres", "sugar_g", "g", 1),
    ("Fibres", "fibre_g", "g", 1),
    ("Sel", "salt_g", "g", 2),
    ("Calcium", "calcium_mg", "mg", 0),
    ("Fer", "iron_mg", "mg", 1),
    ("CO₂e", "co2e_kg", "kg", 2),
)


@blueprint.get("/fiches/<code>")
def sheet(code: str) -> str:
    """One recipe for the diners asked: quantities, cost, nutrition, allergens, criteria and why."""
    session = web.db()
    entry = get_recipe(session, code)
    kitchen = _kitchen()
    date_ = day_in(request.args, "date", this_day())
    day = _day(kitchen, date_)
    facts, costs, portion = _facts(entry, kitchen, day) if kitchen else (None, {}, None)
    substitute = session.get(Recipe, entry.recipe.substitute) if entry.recipe.substitute else None
    return render_template(
        "recipes/sheet.html",
        entry=entry,
        recipe=entry.recipe,
        derived=entry.derived,
        day=day,
        kitchen_row=kitchen,
        classes=[n for n in Niveau if day.diners[n] or n in {Niveau.COLLEGE, Niveau.ADULTE}],
        class_words=CLASS_WORDS,
        quantities=fiche.quantities(entry, day.diners),
        costs=costs,
        portion=portion,
        facts=facts,
        nutrients=NUTRIENTS,
        portions={n: nutrition(entry.recipe, entry.lines, n) for n in Niveau},
        titles=fiche.TITLES,
        origins=fiche.ORIGINS,
        others=fiche.other_criteria(entry.derived.tags),
        substitute=substitute,
        here=request.full_path.rstrip("?"),
    )


@blueprint.post("/fiches/<code>/criteres")
def overrule(code: str) -> Response:
    """Overrule one criterion with a reason, or follow the list again."""
    criterion, who, now = request.form.get("critere", ""), guard.person().id, web.now()
    if criterion not in set(Critere):
        raise CantineError
    entry = get_recipe(web.db(), code)
    if request.form.get("oublier"):
        fiche.follow_again(web.db(), entry, Critere(criterion), user_id=who, now=now)
        message = (
            "Votre décision est retirée, pour toutes les cuisines : fiche du fournisseur, liste ou "
            "composition décident de nouveau."
        )
    else:
        counts, reason = request.form.get("compte") == "1", request.form.get("raison", "")
        fiche.overrule(
            web.db(), entry, Critere(criterion), counts=counts, reason=reason, user_id=who, now=now
        )
        message = f"Votre décision est enregistrée, avec sa raison. Elle vaut pour {fiche.EVERYWHERE}."
    web.db().commit()
    back = web.safe_next(request.form.get("retour")) or url_for("recipes.sheet", code=code)
    return web.see_other(f"{back}#k-{criterion}", message)


def _kitchen() -> Kitchen | None:
    """The kitchen whose diners and prices are shown: the one asked for, else the one in hand."""
    code = request.args.get("cuisine") or guard.current_kitchen()
    if not code:
        return None
    guard.require("menus.grid", code)
    return get_kitchen(web.db(), code)


def _day(kitchen: Kitchen | None, date_: date) -> GridDay:
    """The diners typed, else those of the service, else a hundred collégiens."""
    day = load_days(web.db(), kitchen, this_day()).day(date_) if kitchen else None
    known = (
        dict(day.diners)
        if day and day.meals
        else dict.fromkeys(Niveau, 0) | {Niveau.COLLEGE: FOR_NOBODY_KNOWN}
    )
    diners = {niveau: whole_in(request.args, niveau.value, known[niveau]) for niveau in Niveau}
    return GridDay(date=date_, diners=diners, usual=0)


def _facts(entry: BookRecipe, kitchen: Kitchen, day: GridDay) -> tuple[DishFacts, dict[str, Value], Value]:
    """The dish as the grid costs it, each of its foods, and the portion of a collégien as printed."""
    session, recipe = web.db(), entry.recipe
    codes = [code for code in (recipe.code, recipe.substitute) if code]
    coster = make_coster(
        session, kitchen, load_settings(session), load_book(session, codes), (day.date, day.date)
    )
    dish = GridDish(date=day.date, slot=Slot(recipe.slot), choice=1, recipe=recipe.code, name=recipe.name)

    def cost(food: Food, weight_g: float) -> Value:
        return food_value(food, weight_g, coster.sources.of(day.date, food))

    quantities = fiche.quantities(entry, day.diners)
    costs = {q.food.code: cost(q.food, q.total_g) for q in quantities if not q.food.staple}
    return coster.facts(dish, day), costs, _portion(entry, coster.sources.at_market(), day.date)


def _portion(entry: BookRecipe, market: Sources, day: date) -> Value:
    """One portion of a collégien at the cheapest offers in force: the number of the printed fiche."""
    lines = ((line, food) for line, food in entry.lines if not food.staple)
    values = (food_value(food, grams(line, Niveau.COLLEGE), market.of(day, food)) for line, food in lines)
    return sum(values, Value())
