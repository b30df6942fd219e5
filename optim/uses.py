"""From packs to a plan: which delivery or lot feeds which service, by a flow of least cost per food."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ortools.graph.python import min_cost_flow

from optim.figures import delivery_closing_millicents_kg, lot_closing_millicents_kg
from optim.instance import Dish, Instance
from optim.model import label_credit_permille
from optim.plan import Plan, Purchase, Use, need_g

Packs = Mapping[tuple[str, date], int]
"""Packs of each offer on each delivery day."""


@dataclass(frozen=True)
class Source:
    """A delivery of an offer, or a stock lot."""

    grams: int
    first: date
    last: date
    cost: int
    """Of one kilogram taken, in thousandths of a cent: closing value lost less credit earned."""
    offer: str | None = None
    delivery: date | None = None
    lot: str | None = None


def make_plan(instance: Instance, dishes: Iterable[Dish], packs: Packs) -> Plan | None:
    """The plan that uses these packs best, or nothing when they do not cover the needs."""
    dishes = tuple(dishes)
    needs: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for (day, food), grams in need_g(instance, dishes).items():
        needs[food][day] = grams
    sources = _sources(instance, packs)
    uses: list[Use] = []
    for food, days in needs.items():
        found = _flow(food, days, sources.get(food, []))
        if found is None:
            return None
        uses += found
    kept = drop_idle(instance, packs, uses)
    purchases = [Purchase(delivery=day, offer=code, packs=n) for (code, day), n in sorted(kept.items()) if n]
    order = sorted(uses, key=lambda u: (u.date, u.food, u.offer or "", u.delivery or date.min, u.lot or ""))
    return Plan(dishes=dishes, purchases=tuple(purchases), uses=tuple(order))


def covered(instance: Instance, packs: Packs, food: str, days: Mapping[date, int]) -> bool:
    """Whether these packs and the stock bring a food to each of these services, grams by date."""
    return _flow(food, days, _sources(instance, packs).get(food, [])) is not None


def drop_idle(instance: Instance, packs: Packs, uses: Iterable[Use]) -> dict[tuple[str, date], int]:
    """Packs less those that nothing uses, where the supplier's minimum is still reached without them."""
    used: Counter[tuple[str, date | None]] = Counter()
    for use in uses:
        used[use.offer or "", use.delivery] += use.grams
    kept = {key: n for key, n in packs.items() if n}
    totals: Counter[tuple[str, date]] = Counter()
    for (code, day), n in kept.items():
        totals[instance.offer[code].supplier, day] += n * instance.offer[code].price_cents
    for (code, day), n in sorted(kept.items(), key=lambda item: -instance.offer[item[0][0]].price_cents):
        offer = instance.offer[code]
        needed = -(-used[code, day] // offer.pack_g)
        room = totals[offer.supplier, day] - instance.supplier[offer.supplier].min_order_cents
        dropped = min(n - needed, max(0, room // offer.price_cents))
        kept[code, day] = n - dropped
        totals[offer.supplier, day] -= dropped * offer.price_cents
    return _drop_empty_visits(instance, kept, used)


def _drop_empty_visits(
    instance: Instance, packs: dict[tuple[str, date], int], used: Counter[tuple[str, date | None]]
) -> dict[tuple[str, date], int]:
    visited = {(instance.offer[code].supplier, day) for (code, day), _ in packs.items() if used[code, day]}
    return {
        (code, day): n for (code, day), n in packs.items() if (instance.offer[code].supplier, day) in visited
    }


def _sources(instance: Instance, packs: Packs) -> dict[str, list[Source]]:
    found: defaultdict[str, list[Source]] = defaultdict(list)
    for (code, day), n in sorted(packs.items()):
        offer = instance.offer[code]
        if n:
            last = instance.keeps_to(offer.food, day)
            credit = label_credit_permille(instance, offer) * offer.credit_cents_kg
            cost = delivery_closing_millicents_kg(instance, offer, day) - credit
            grams = n * offer.pack_g
            found[offer.food].append(Source(grams, day, last, cost, offer=code, delivery=day))
    for lot in instance.stock:
        kept = lot_closing_millicents_kg(instance, lot)
        found[lot.food].append(Source(lot.grams, lot.available_from, lot.expires_on, kept, lot=lot.code))
    return found


def _flow(food: str, days: Mapping[date, int], sources: list[Source]) -> list[Use] | None:
    """Grams of one food, source by source and service by service."""
    graph = min_cost_flow.SimpleMinCostFlow()
    order = sorted(days)
    total = sum(days.values())
    start, end = 0, 1
    arcs: list[tuple[int, Source, date]] = []
    for rank, source in enumerate(sources):
        node = 2 + rank
        graph.add_arc_with_capacity_and_unit_cost(start, node, source.grams, source.cost)
        for day in order:
            if source.first <= day <= source.last:
                eater = 2 + len(sources) + order.index(day)
                arc = graph.add_arc_with_capacity_and_unit_cost(node, eater, min(source.grams, days[day]), 0)
                arcs.append((arc, source, day))
    for rank, day in enumerate(order):
        graph.add_arc_with_capacity_and_unit_cost(2 + len(sources) + rank, end, days[day], 0)
    graph.set_node_supply(start, total)
    graph.set_node_supply(end, -total)
    if graph.solve() != graph.OPTIMAL:
        return None
    return [
        Use(date=day, food=food, grams=graph.flow(arc), offer=s.offer, delivery=s.delivery, lot=s.lot)
        for arc, s, day in arcs
        if graph.flow(arc)
    ]
