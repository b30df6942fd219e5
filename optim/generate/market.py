"""Invented suppliers and offers: who sells which food in which pack, when, from which order on."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from optim.generate.foods import BREAD, Group, group_of
from optim.generate.shape import Shape
from optim.instance import Food, Offer, Supplier
from optim.terms import Label

MEAT = frozenset({"boeuf", "volaille", "porc", "hache", "charcuterie"})
GREEN = frozenset({"crudite", "legume", "fruit"})
DAIRY = frozenset({"dur", "mou", "laitage", "oeuf"})
DRY = frozenset({"feculent", "legumineuse", "dessert", "soja", "oeuf"})
FROZEN = frozenset({"legume", "poisson", "hache", "soja", "dessert"})


class Trade(NamedTuple):
    """A kind of supplier."""

    name: str
    groups: frozenset[str]
    visits: int
    """Days of delivery a week."""
    minimum_cents: tuple[int, int]
    fee_cents: int
    local: bool
    dearer: tuple[float, float]
    """Its prices over those of the market."""


TRADES = (
    Trade("grossiste-frais", GREEN, 2, (8000, 20000), 0, local=False, dearer=(0.92, 1.08)),
    Trade("grossiste-viande", MEAT, 2, (10000, 20000), 0, local=False, dearer=(0.92, 1.08)),
    Trade("surgeles", FROZEN, 1, (15000, 30000), 0, local=False, dearer=(0.92, 1.08)),
    Trade("epicerie", DRY, 1, (10000, 25000), 0, local=False, dearer=(0.92, 1.08)),
    Trade("cremerie", DAIRY, 2, (8000, 20000), 0, local=False, dearer=(0.92, 1.08)),
    Trade("maraicher", GREEN, 1, (3000, 9000), 0, local=True, dearer=(1.05, 1.5)),
    Trade("eleveur", MEAT, 1, (5000, 12000), 1000, local=True, dearer=(1.15, 1.6)),
    Trade("fromager", DAIRY, 1, (3000, 9000), 800, local=True, dearer=(1.15, 1.6)),
    Trade("cooperative", DRY | GREEN, 1, (5000, 12000), 0, local=True, dearer=(1.05, 1.45)),
)
"""The first five sell every group between them; the others are local."""
BIO_PERMILLE, OTHER_LABEL_PERMILLE, LIMITED_PERMILLE = 180, 120, 300
BIO_DEARER, LABEL_DEARER = (1.2, 1.55), (1.1, 1.3)
WHOLE_WEEK_G = 130
"""Grams a diner may eat of a food in a week: what a limited offer holds some part of."""


class Draft(NamedTuple):
    """A supplier and its kind."""

    supplier: Supplier
    trade: Trade


def market(
    random: Random, shape: Shape, larder: Sequence[Food], days: Sequence[date]
) -> tuple[tuple[Supplier, ...], tuple[Offer, ...]]:
    """The suppliers of a shape and its offers, each food sold by a wholesaler at least.

    Raises:
        ValueError: too few suppliers or offers for that.
    """
    if shape.suppliers <= len(TRADES) or shape.offers < len(larder):
        raise ValueError(f"il faut plus de {len(TRADES)} fournisseurs et une offre par aliment")
    trades = [TRADES[rank % len(TRADES)] for rank in range(shape.suppliers - 1)]
    drafts = [_draft(random, trade, rank, days) for rank, trade in enumerate(trades)]
    prices = {food.code: random.randint(*group_of(food.code).cents_kg) for food in larder}
    baker = Supplier(code="boulanger", name="Boulanger", delivery_dates=tuple(days))
    first = [_first_seller(random, drafts, food) for food in larder if food.code != BREAD]
    more = _more_sellers(random, drafts, larder, shape.offers - len(larder))
    offers = [_bread(days, prices[BREAD])]
    for rank, (draft, food) in enumerate([*first, *more]):
        offers.append(_offer(random, shape, draft, (food, prices[food.code]), rank, days))
    return (baker, *(draft.supplier for draft in drafts)), _credited(offers)


def _draft(random: Random, trade: Trade, rank: int, days: Sequence[date]) -> Draft:
    weekdays = sorted({day.weekday() for day in days})
    visits = set(random.sample(weekdays, min(trade.visits, len(weekdays))))
    if not trade.local:
        visits.add(weekdays[0])
    supplier = Supplier(
        code=f"{trade.name}-{rank:02d}",
        name=f"{trade.name.capitalize()} {rank}",
        delivery_dates=tuple(day for day in days if day.weekday() in visits),
        min_order_cents=random.randrange(*trade.minimum_cents, 500),
        delivery_fee_cents=trade.fee_cents,
    )
    return Draft(supplier, trade)


def _first_seller(random: Random, drafts: Sequence[Draft], food: Food) -> tuple[Draft, Food]:
    group = group_of(food.code).name
    return random.choice([d for d in drafts if group in d.trade.groups and not d.trade.local]), food


def _more_sellers(
    random: Random, drafts: Sequence[Draft], larder: Sequence[Food], count: int
) -> list[tuple[Draft, Food]]:
    """Every other pair of a supplier and a food it trades in, drawn without twice the same if possible."""
    pairs = [
        (draft, food) for food in larder for draft in drafts if group_of(food.code).name in draft.trade.groups
    ]
    drawn = random.sample(pairs, min(count, len(pairs)))
    return [*drawn, *random.choices(pairs, k=count - len(drawn))]


def _offer(
    random: Random, shape: Shape, draft: Draft, food: tuple[Food, int], rank: int, days: Sequence[date]
) -> Offer:
    group, price = group_of(food[0].code), food[1] * random.uniform(*draft.trade.dearer)
    label, dearer = _label(random, group)
    pack = random.choice(group.packs)
    weekly = None
    if draft.trade.local and random.randrange(1000) < LIMITED_PERMILLE:
        weekly = max(1, round(shape.meals * WHOLE_WEEK_G * random.uniform(0.3, 1.2) / pack))
    return Offer(
        code=f"o{rank:04d}-{food[0].code}",
        supplier=draft.supplier.code,
        food=food[0].code,
        pack_g=pack,
        price_cents=max(1, round(price * dearer * pack / 1000)),
        labels=label,
        local=draft.trade.local,
        credit_cents_kg=0,
        weekly_packs=weekly,
        valid_from=days[0] - timedelta(days=30),
        valid_to=days[-1] + timedelta(days=30),
    )


def _label(random: Random, group: Group) -> tuple[frozenset[Label], float]:
    """Labels of an offer and how much dearer they make it."""
    drawn = random.randrange(1000)
    if drawn < BIO_PERMILLE:
        return frozenset({Label.BIO}), random.uniform(*BIO_DEARER)
    if drawn < BIO_PERMILLE + OTHER_LABEL_PERMILLE:
        label = Label.LABEL_ROUGE if group.name in MEAT else Label.HVE
        return frozenset({Label.PECHE_DURABLE if group.name == "poisson" else label}), random.uniform(
            *LABEL_DEARER
        )
    return frozenset(), 1.0


def _bread(days: Sequence[date], cents_kg: int) -> Offer:
    return Offer(
        code="o-pain",
        supplier="boulanger",
        food=BREAD,
        pack_g=400,
        price_cents=max(1, cents_kg * 400 // 1000),
        credit_cents_kg=0,
        valid_from=days[0] - timedelta(days=30),
        valid_to=days[-1] + timedelta(days=30),
    )


def _credited(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """The same offers, credited at the cheapest of the same food and labels: being dearer never pays."""
    best: dict[tuple[str, frozenset[Label]], int] = {}
    for offer in offers:
        key, price = (offer.food, offer.labels), offer.price_cents * 1000 // offer.pack_g
        best[key] = min(price, best.get(key, price))
    return tuple(o.model_copy(update={"credit_cents_kg": best[o.food, o.labels]}) for o in offers)
