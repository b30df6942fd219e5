"""What a change of menu does to the orders, in the words of the kitchen: reading only."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from cantine.planning.supply import Supply
from optim.plan import Purchase
from optim.suggest import Effect
from optim.units import MILLICENTS

MARK = 16
WORTH_TELLING_G = 500
"""Less than this in the store is not worth a line."""


@dataclass(frozen=True)
class OrderLine:
    """Packs of one offer on one delivery, to add or to take off."""

    name: str
    supplier: str
    packs: int
    pack_label: str
    delivery: date
    deadline: date
    cents: int


@dataclass(frozen=True)
class Orders:
    """What to order more, what to order less, what the store gives and keeps."""

    bought: tuple[OrderLine, ...]
    freed: tuple[OrderLine, ...]
    from_store: tuple[tuple[str, int], ...]
    left: tuple[tuple[str, int], ...]
    late: tuple[tuple[str, int], ...]
    unsold: tuple[tuple[str, int], ...]
    small: tuple[tuple[str, date, int], ...]
    cents: int
    """HT, delivery fees included."""
    mark: str
    """A short mark of all that the change orders and uses: the same only for the same."""

    @property
    def deadline(self) -> date | None:
        """Last day to order what is needed more."""
        return min((line.deadline for line in self.bought), default=None)

    @property
    def packs_more(self) -> int:
        """Packs to order."""
        return sum(line.packs for line in self.bought)

    @property
    def packs_less(self) -> int:
        """Packs no longer needed."""
        return sum(line.packs for line in self.freed)

    @property
    def possible(self) -> bool:
        """Whether everything can be had in time."""
        return not self.late and not self.unsold

    @property
    def detailed(self) -> bool:
        """Whether there is more to say than the summary."""
        return bool(self.bought or self.freed or self.left or self.small or self.from_store)


def orders_of(supply: Supply, effects: Iterable[Effect]) -> Orders:
    """The orders of one change, or of several together."""
    effects = list(effects)
    lacks = [lack for effect in effects for lack in effect.missing]
    return Orders(
        bought=tuple(_line(supply, p) for effect in effects for p in effect.bought),
        freed=tuple(_line(supply, p) for effect in effects for p in effect.freed),
        from_store=_named(supply, [effect.taken for effect in effects]),
        left=_named(supply, [effect.left for effect in effects]),
        late=_named(supply, [{lack.food: lack.grams} for lack in lacks if lack.late], least=0),
        unsold=_named(supply, [{lack.food: lack.grams} for lack in lacks if not lack.late], least=0),
        small=tuple(
            (supply.instance.supplier[code].name, delivery, lack)
            for effect in effects
            for (code, delivery), lack in effect.small.items()
        ),
        cents=sum(effect.parts["purchases"] + effect.parts["delivery_fees"] for effect in effects)
        // MILLICENTS,
        mark=_mark(effects),
    )


def _mark(effects: Iterable[Effect]) -> str:
    content = [
        (sorted(effect.packs.items()), sorted(map(str, effect.uses)), effect.missing, sorted(effect.foods))
        for effect in effects
    ]
    return hashlib.sha256(repr(content).encode()).hexdigest()[:MARK]


def _line(supply: Supply, purchase: Purchase) -> OrderLine:
    item, offer = supply.items[purchase.offer], supply.instance.offer[purchase.offer]
    return OrderLine(
        name=item.offer.name,
        supplier=item.supplier.name,
        packs=purchase.packs,
        pack_label=item.offer.pack_label or f"colis de {offer.pack_g} g",
        delivery=purchase.delivery,
        deadline=supply.deadline(purchase.offer, purchase.delivery),
        cents=purchase.packs * offer.price_cents,
    )


def _named(
    supply: Supply, grams: Iterable[Mapping[str, int]], *, least: int = WORTH_TELLING_G
) -> tuple[tuple[str, int], ...]:
    """Foods by name with their grams, the heaviest first."""
    total: dict[str, int] = {}
    for each in grams:
        for food, weight in each.items():
            total[food] = total.get(food, 0) + weight
    told = ((supply.foods[food].name, weight) for food, weight in total.items() if weight >= least)
    return tuple(sorted(told, key=lambda item: -item[1]))
