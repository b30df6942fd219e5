"""What one changed meal takes from the store and from the suppliers: surplus first, then whole packs.

A delivery that its supplier may still bring (``Supplier.delivery_dates``) can grow, shrink or be cancelled;
any other has been ordered: what it holds stays. So does a delivery of which its supplier told what comes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from optim.figures import delivery_closing_millicents_kg
from optim.instance import Instance, Offer, StockLot
from optim.model import label_credit_permille
from optim.plan import Plan, Use
from optim.units import MILLICENTS, PERMILLE, iso_week

Source = tuple[str, date | None]
"""An offer and its delivery, or a lot of the stock and nothing."""
Visit = tuple[str, date]
"""A supplier and a delivery day."""


class Missing(NamedTuple):
    """Grams of a food that nobody brings in time."""

    food: str
    grams: int
    late: bool
    """Whether somebody sells it, only too late for this meal."""


@dataclass(frozen=True)
class Store:
    """Packs bought and grams used; a draft of it is a copy."""

    instance: Instance
    packs: Counter[tuple[str, date]]
    used: Counter[Source]
    totals: Counter[Visit]
    """Cents HT of each visit."""
    known: Mapping[str, tuple[tuple[str, date], ...]]
    """Deliveries of each food."""
    added: dict[str, list[tuple[str, date]]] = field(default_factory=dict)
    """Those of a draft."""
    firm: frozenset[tuple[str, date]] = frozenset()
    """Deliveries told withdrawn or short: what comes of them is known, nobody orders more or less."""

    def copy(self) -> "Store":
        """A draft: its changes leave this one as it is."""
        mine = self.packs.copy(), self.used.copy(), self.totals.copy()
        added = {food: [*new] for food, new in self.added.items()}
        return Store(self.instance, *mine, self.known, added, self.firm)

    def spare(self, source: Source) -> int:
        """Grams that no meal takes."""
        code, delivery = source
        if delivery is None:
            return lots_of(self.instance)[code].grams - self.used[source]
        return self.packs[code, delivery] * self.instance.offer[code].pack_g - self.used[source]

    def add(self, code: str, delivery: date, packs: int) -> None:
        """Packs more, or less."""
        offer = self.instance.offer[code]
        if (code, delivery) not in self.packs:
            self.added.setdefault(offer.food, []).append((code, delivery))
        self.packs[code, delivery] += packs
        self.totals[offer.supplier, delivery] += packs * offer.price_cents

    def orderable(self, code: str, delivery: date) -> bool:
        """Whether the order of a delivery has not left yet, and its supplier told nothing of it."""
        supplier = self.instance.supplier[self.instance.offer[code].supplier]
        return delivery in supplier.delivery_dates and (code, delivery) not in self.firm


def store_of(instance: Instance, plan: Plan, firm: frozenset[tuple[str, date]] = frozenset()) -> Store:
    """What a plan bought and uses; ``firm`` is what its suppliers told withdrawn or short."""
    packs: Counter[tuple[str, date]] = Counter()
    totals: Counter[Visit] = Counter()
    used: Counter[Source] = Counter()
    for p in plan.purchases:
        packs[p.offer, p.delivery] += p.packs
        totals[instance.offer[p.offer].supplier, p.delivery] += p.packs * instance.offer[p.offer].price_cents
    for use in plan.uses:
        used[source_of(use)] += use.grams
    known: defaultdict[str, list[tuple[str, date]]] = defaultdict(list)
    for code, delivery in packs:
        known[instance.offer[code].food].append((code, delivery))
    deliveries = {food: tuple(keys) for food, keys in known.items()}
    return Store(instance, packs, used, totals, deliveries, firm=firm)


def source_of(use: Use) -> Source:
    """Where a use takes its food."""
    return use.offer or use.lot or "", use.delivery


def lots_of(instance: Instance) -> dict[str, StockLot]:
    """Lots of the stock by code."""
    return instance.memo("lots by code", lambda: {lot.code: lot for lot in instance.stock})


class Sale(NamedTuple):
    """An offer and what does not change from one meal to the next."""

    offer: Offer
    deliveries: tuple[tuple[date, int], ...]
    """Days for which an order may still leave, at its price; what a kilogram left then is worth."""
    credit: int
    """Millicents that a gram earns when it is used."""


def sales_of(instance: Instance, food: str) -> list[Sale]:
    """Offers of a food."""

    def compute() -> dict[str, list[Sale]]:
        found: defaultdict[str, list[Sale]] = defaultdict(list)
        for offer in instance.offers:
            dates = instance.supplier[offer.supplier].delivery_dates
            days = tuple(
                (day, delivery_closing_millicents_kg(instance, offer, day))
                for day in dates
                if offer.valid_from <= day <= offer.valid_to
            )
            credit = label_credit_permille(instance, offer) * offer.credit_cents_kg
            found[offer.food].append(Sale(offer, days, credit))
        return dict(found)

    return instance.memo("sales by food", compute).get(food, [])


def lots_by_food(instance: Instance) -> dict[str, list[StockLot]]:
    """Lots of the stock, food by food."""

    def compute() -> dict[str, list[StockLot]]:
        found: defaultdict[str, list[StockLot]] = defaultdict(list)
        for lot in instance.stock:
            found[lot.food].append(lot)
        return dict(found)

    return instance.memo("lots by food", compute)


def release(store: Store, uses: list[Use], grams: int) -> list[Use]:
    """Take so many grams back from the uses of a meal: first the dearest that can still be cancelled."""

    def last_to_go(use: Use) -> tuple[bool, float]:
        if use.offer is None or use.delivery is None or not store.orderable(use.offer, use.delivery):
            return True, 0.0
        offer = store.instance.offer[use.offer]
        return False, -offer.price_cents / offer.pack_g

    kept = []
    for use in sorted(uses, key=last_to_go):
        back = min(grams, use.grams)
        grams -= back
        store.used[source_of(use)] -= back
        if use.grams > back:
            kept.append(use.model_copy(update={"grams": use.grams - back}))
    return kept


def drop(store: Store, released: set[Source]) -> None:
    """Cancel the packs that a release left idle, as far as the minimum of the visit allows.

    A visit that feeds nothing any more is cancelled whole, with the packs that filled its minimum, unless
    something of it comes anyway.
    """
    for code, delivery in sorted((c, d) for c, d in released if d is not None and store.orderable(c, d)):
        supplier = store.instance.offer[code].supplier
        lines = [c for c, d in store.packs if d == delivery and store.instance.offer[c].supplier == supplier]
        if not any(store.used[c, delivery] or (c, delivery) in store.firm for c in lines):
            for line in lines:
                store.add(line, delivery, -store.packs[line, delivery])
            continue
        offer = store.instance.offer[code]
        room = store.totals[supplier, delivery] - store.instance.supplier[supplier].min_order_cents
        idle = store.spare((code, delivery)) // offer.pack_g
        store.add(code, delivery, -min(idle, max(0, room) // offer.price_cents))


def cover(store: Store, day: date, food: str, grams: int) -> tuple[list[Use], Missing | None]:
    """Feed a meal: from what is there, the first to expire first, then from packs at the least net cost."""
    uses: list[Use] = []
    for _, source, spare in sorted(_there(store, day, food)):
        taken = min(grams, spare)
        if taken:
            uses.append(_use(store, day, food, source, taken))
            grams -= taken
    while grams > 0:
        best = min(_offered(store, day, food, grams), default=None)
        if best is None:
            return uses, Missing(food, grams, late=bool(sales_of(store.instance, food)))
        store.add(best.code, best.delivery, best.packs)
        uses.append(_use(store, day, food, (best.code, best.delivery), best.grams))
        grams -= best.grams
    return uses, None


def _there(store: Store, day: date, food: str) -> Iterator[tuple[date, tuple[str, date], int]]:
    """What may still be taken for a day: last day, source (``date.min``: a lot), grams."""
    instance = store.instance
    for code, delivery in (*store.known.get(food, ()), *store.added.get(food, ())):
        spare = store.spare((code, delivery)) if delivery <= day else 0
        if spare > 0:
            last = instance.keeps_to(food, delivery)
            if last >= day:
                yield last, (code, delivery), spare
    for lot in lots_by_food(instance).get(food, ()):
        if lot.feeds(day, day) and store.spare((lot.code, None)) > 0:
            yield lot.expires_on, (lot.code, date.min), store.spare((lot.code, None))


def _use(store: Store, day: date, food: str, source: tuple[str, date], grams: int) -> Use:
    code, delivery = source
    if delivery == date.min:
        store.used[code, None] += grams
        return Use(date=day, food=food, grams=grams, lot=code)
    store.used[code, delivery] += grams
    return Use(date=day, food=food, grams=grams, offer=code, delivery=delivery)


class Offered(NamedTuple):
    """Packs that could be bought; the least is the best."""

    partly: bool
    net_per_gram: float
    new_visit: bool
    wait: int
    """Days in the store: the fresher of two alike."""
    code: str
    delivery: date
    packs: int
    grams: int


def _offered(store: Store, day: date, food: str, grams: int) -> Iterator[Offered]:
    """Each offer on each day it may come for this meal, in as many packs as it takes and as there are."""
    oldest = store.instance.oldest(food, day)
    for sale in sales_of(store.instance, food):
        offer = sale.offer
        for delivery, closing in sale.deliveries:
            if not oldest <= delivery <= day or (offer.code, delivery) in store.firm:
                continue
            packs = min(-(-grams // offer.pack_g), _room(store, offer, delivery))
            if packs <= 0:
                continue
            taken = min(grams, packs * offer.pack_g)
            yield Offered(
                partly=taken < grams,
                net_per_gram=_net_millicents(store, sale, (delivery, closing), packs, taken) / taken,
                new_visit=not store.totals[offer.supplier, delivery],
                wait=(day - delivery).days,
                code=offer.code,
                delivery=delivery,
                packs=packs,
                grams=taken,
            )


def _room(store: Store, offer: Offer, delivery: date) -> int:
    """Packs left of what the supplier announced for the week."""
    if offer.weekly_packs is None:
        return 1_000_000
    week = iso_week(delivery)
    deliveries = (*store.known.get(offer.food, ()), *store.added.get(offer.food, ()))
    mine = (key for key in deliveries if key[0] == offer.code and iso_week(key[1]) == week)
    return offer.weekly_packs - sum(store.packs[key] for key in mine)


def _net_millicents(store: Store, sale: Sale, delivered: tuple[date, int], packs: int, grams: int) -> int:
    """What packs cost, with the visit they open and what it lacks to its minimum, less what they earn."""
    offer, (delivery, closing) = sale.offer, delivered
    supplier = store.instance.supplier[offer.supplier]
    there, cost = store.totals[offer.supplier, delivery], packs * offer.price_cents
    fee = 0 if there else supplier.delivery_fee_cents
    lack = max(0, supplier.min_order_cents - there - cost)
    left = (packs * offer.pack_g - grams) * closing // 1000
    return (cost + fee + lack) * MILLICENTS - left - grams * sale.credit // PERMILLE
