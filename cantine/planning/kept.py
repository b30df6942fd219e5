"""The meals kept after those asked: how they are said, and what they make impossible."""

from collections.abc import Collection, Iterator
from datetime import date

from cantine.french import short_day
from optim.check import menu_violations
from optim.instance import Instance
from optim.plan import Result
from optim.rules.frequency import FREQUENCIES
from optim.rules.vegetarian import VEGETARIAN

COUNTED = frozenset(rule.name for rule in (*FREQUENCIES, *VEGETARIAN))
"""Rules over a week or a block: the asked meals may still make up for the kept ones."""
SHOWN = 5


def kept_words(dates: Collection[date]) -> str:
    """« du lundi 11 janv. au vendredi 29 janv. », or the one day."""
    first, last = min(dates), max(dates)
    return f"du {short_day(first)}" + (f" au {short_day(last)}" if last > first else "")


def with_kept_days(instance: Instance, result: Result) -> Result:
    """The same answer; without a plan, it also says what the kept meals have to do with it."""
    if result.plan is not None or not instance.kept:
        return result
    return result.model_copy(update={"conflicts": (*result.conflicts, *_conflicts(instance))})


def _conflicts(instance: Instance) -> Iterator[str]:
    """What is wrong with the kept meals by themselves, then the way out."""
    faults = [*_faults(instance), *_unsold(instance)]
    yield from (f"Menus gardés après ceux que vous demandez : {fault}" for fault in faults[:SHOWN])
    words = kept_words(instance.kept)
    if faults:
        yield f"Changez ces plats, ou demandez aussi les repas {words}."
    else:
        yield f"Les menus {words}, déjà choisis, sont gardés : demander aussi ces repas laisse plus de choix."


def _faults(instance: Instance) -> list[str]:
    locks = [lock for lock in instance.locks if lock.date in instance.kept]
    return [
        fault.message
        for fault in menu_violations(instance, locks)
        if fault.date in instance.kept and fault.rule not in COUNTED
    ]


def _unsold(instance: Instance) -> list[str]:
    """Kept dishes made of a food that nobody sells any more and that the store does not hold."""
    there = {offer.food for offer in instance.offers} | {lot.food for lot in instance.stock}
    return [
        f"{instance.recipe[lock.recipe].name} le {short_day(lock.date)}, "
        f"{instance.food[ingredient.food].name} ne se trouve plus."
        for lock in instance.locks
        if lock.date in instance.kept
        for ingredient in instance.recipe[lock.recipe].ingredients
        if ingredient.food not in there
    ]
