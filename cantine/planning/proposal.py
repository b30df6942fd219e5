"""A proposal as the grid shows it before it is accepted: its dishes, its uses."""

from datetime import date

from sqlmodel import Session, col, select

from cantine.menus.grid import GridDish
from cantine.menus.models import Dish
from cantine.planning.models import Run
from cantine.recipes.models import Recipe
from optim.plan import Plan, Result


def proposed_plan(run: Run) -> Plan | None:
    """The plan of a finished run, if it has one."""
    return Result.model_validate_json(run.result).plan if run.result else None


def proposed_dishes(session: Session, run: Run, plan: Plan) -> dict[date, list[GridDish]]:
    """Dishes of a proposal by day; those the chief had kept stay his own.

    The later meals of the question keep the menus in place: they are not the proposal's.
    """
    asked = sorted(plan.by_day)[: run.services]
    codes = {dish.recipe for dish in plan.dishes}
    recipes = {r.code: r for r in session.exec(select(Recipe).where(col(Recipe.code).in_(codes)))}
    kept = {(row.date, row.slot, row.recipe) for row in _locks(session, run)}
    return {
        day: [
            GridDish(
                date=day,
                slot=dish.slot,
                choice=dish.choice,
                recipe=dish.recipe,
                name=recipes[dish.recipe].name,
                share_permille=dish.share_permille,
                locked=(day, dish.slot.value, dish.recipe) in kept,
                own=(day, dish.slot.value, dish.recipe) in kept,
                complete=recipes[dish.recipe].complete_dish,
                covers_dairy=recipes[dish.recipe].covers_dairy,
            )
            for dish in dishes
        ]
        for day, dishes in plan.by_day.items()
        if day in asked
    }


def _locks(session: Session, run: Run) -> list[Dish]:
    statement = select(Dish).where(Dish.kitchen == run.kitchen, col(Dish.locked).is_(True))
    return list(session.exec(statement.where(Dish.date >= run.first_date)))
