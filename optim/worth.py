"""What the purchases of a plan are worth, kept as sums, so that a change is priced by what it changes.

The sums are those of ``figures.objective_parts``: tests hold the two together, to the millicent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from optim.cover import Store, lots_by_food
from optim.figures import (
    bought_closing_millicents,
    concerns,
    counts_local,
    delivery_usable_after,
    lot_closing_millicents_kg,
    stepped_millicents,
    targets,
)
from optim.instance import Dish, Instance, Offer
from optim.lines import views
from optim.plan import Plan, Use
from optim.rules.frequency import Frequency, Window, presentations, sliding_totals
from optim.rules.lines import seen_by
from optim.units import MILLICENTS, PERMILLE, price_millicents

Packs = Mapping[tuple[str, date], int]


def credits_of(instance: Instance, uses: Iterable[Use]) -> dict[str, int]:
    """Millicents of local, of quality and of each target that some uses bring."""
    names = [name for name, *_ in targets(instance)]
    found = dict.fromkeys(("local", "quality", *names), 0)
    for use in uses:
        offer = instance.offer.get(use.offer or "")
        if offer:
            value = price_millicents(use.grams, offer.credit_cents_kg)
            for name in _credited(instance, offer):
                found[name] += value
    return found


def _credited(instance: Instance, offer: Offer) -> tuple[str, ...]:
    """What a use of the offer counts for."""

    def compute() -> tuple[str, ...]:
        found = [name for name, *_ in targets(instance) if concerns(instance, name, offer)[1]]
        found += ["local"] if counts_local(offer) else []
        return (*found, "quality") if offer.egalim else tuple(found)

    return instance.memo(("credited", offer.code), compute)


def spent(instance: Instance, packs: Packs) -> dict[str, int]:
    """Millicents of packs (more, or less) in the base of each target."""
    found = dict.fromkeys((name for name, *_ in targets(instance)), 0)
    for (code, _), count in packs.items():
        offer = instance.offer[code]
        for name in found:
            if concerns(instance, name, offer)[0]:
                found[name] += count * offer.price_cents * MILLICENTS
    return found


def shortfall(instance: Instance, bought: Mapping[str, int], earned: Mapping[str, int]) -> int:
    """Price of what the year lacks to each target."""
    total = 0
    for name, target, past, past_labelled in targets(instance):
        base = target * (past * MILLICENTS + bought[name]) // PERMILLE
        total += stepped_millicents(instance, max(0, base - past_labelled * MILLICENTS - earned[name]))
    return total


def closing(store: Store, food: str) -> int:
    """What is left of a food at the end is worth: of the stock, and of what was bought."""
    instance = store.instance
    lots = lots_by_food(instance).get(food, [])
    bought = (*store.known.get(food, ()), *store.added.get(food, ()))
    worth = sum(
        store.spare((lot.code, None)) * lot_closing_millicents_kg(instance, lot) // 1000 for lot in lots
    )
    usable = [key for key in bought if delivery_usable_after(instance, instance.offer[key[0]], key[1])]
    if usable:
        left = sum(store.spare(source) for source in usable)
        eaten = sum(store.used[source] for source in (*bought, *((lot.code, None) for lot in lots)))
        worth += bought_closing_millicents(instance, food, left, eaten)
    return worth


def fees(before: Store, after: Store, packs: Packs) -> int:
    """Millicents of the visits that open, less those that close."""
    instance, total = before.instance, 0
    for code, delivery in {(instance.offer[code].supplier, delivery) for code, delivery in packs}:
        opened = bool(after.totals[code, delivery]) - bool(before.totals[code, delivery])
        total += opened * instance.supplier[code].delivery_fee_cents * MILLICENTS
    return total


@dataclass(frozen=True)
class Sliding:
    """The sliding counts of a plan, as the line of most diners lives them."""

    instance: Instance
    windows: tuple[tuple[Frequency, tuple[tuple[Window, int], ...]], ...]
    """Each row of the law with its windows and their totals: a criterion may have two rows, by date."""
    counts: Mapping[tuple[str, date | None, date], int]
    """Presentations of each row on each day."""

    def moved(self, day: date, dishes: tuple[Dish, ...]) -> int:
        """By how much more (or less) the windows miss the criteria with another meal on a day."""
        instance, plan = _lived(self.instance, Plan(dishes=dishes))
        total = 0
        for rule, windows in self.windows:
            change = rule.count(instance, plan.dishes) - self.counts.get((*rule.row, day), 0)
            if change:
                for window, count in windows:
                    if day in window.dates:
                        total += window.off(count + change) - window.off(count)
        return total


def sliding_of(instance: Instance, plan: Plan) -> Sliding:
    """Read the sliding counts of a plan once."""
    seen, lived = _lived(instance, plan)
    found: dict[tuple[str, date | None], list[tuple[Window, int]]] = {}
    for window, total in sliding_totals(seen, lived):
        found.setdefault(window.rule.row, []).append((window, total))
    windows = tuple((own[0][0].rule, tuple(own)) for own in found.values())
    return Sliding(instance, windows, presentations(seen, lived))


def _lived(instance: Instance, plan: Plan) -> tuple[Instance, Plan]:
    """The question and the plan as the line of most diners knows them."""
    for view in views(instance, law=True):
        return view.instance, seen_by(view, plan)
    return instance, plan
