"""What is in the store, zone by zone, the earliest date first; taking a lot out, throwing it away."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.errors import CantineError
from cantine.foods.models import Food
from cantine.menus.versions import Stamp
from cantine.stores import ledger
from cantine.stores.models import StockMove
from cantine.suppliers.models import StockLot

ZONES: Mapping[str, str] = {
    "froid_positif": "Chambre froide",
    "froid_negatif": "Congélateur",
    "legumerie": "Légumerie",
    "pain": "Pain",
    "epicerie": "Réserve sèche",
}
SOON = timedelta(days=3)
"""A lot to be used within so many days is told."""
LOSSES: Mapping[str, str] = {
    "date": "date dépassée",
    "abime": "abîmé, moisi",
    "froid": "panne de froid",
    "surplus": "surplus, non servi",
    "autre": "autre raison",
}
"""Why food is thrown away, as kept with the move: code, words."""
PER_KG = 1000


@dataclass(frozen=True)
class InStore:
    """One lot: grams, euros, and whether its date is over or near."""

    lot: StockLot
    food: Food
    value_ht: Decimal
    over: bool
    soon: bool

    @property
    def key(self) -> str:
        """Name of the lot in forms."""
        return f"{self.lot.food}@{self.lot.expires_on.isoformat()}"


@dataclass(frozen=True)
class Zone:
    """A storage zone and its lots, the earliest date first."""

    code: str
    name: str
    lots: Sequence[InStore]

    @property
    def value_ht(self) -> Decimal:
        """Euros of the zone."""
        return sum((lot.value_ht for lot in self.lots), Decimal(0))


@dataclass(frozen=True)
class Store:
    """The whole store."""

    zones: Sequence[Zone]

    @property
    def lots(self) -> list[InStore]:
        """Every lot."""
        return [lot for zone in self.zones for lot in zone.lots]

    @property
    def value_ht(self) -> Decimal:
        """Euros of everything."""
        return sum((zone.value_ht for zone in self.zones), Decimal(0))

    @property
    def alerts(self) -> list[InStore]:
        """Lots whose date is over or near, the earliest first."""
        return sorted((lot for lot in self.lots if lot.over or lot.soon), key=lambda one: one.lot.expires_on)


def worth(grams: int, price_ht_per_kg: Decimal) -> Decimal:
    """Euros of so many grams."""
    return (price_ht_per_kg * grams / PER_KG).quantize(Decimal("0.01"))


def load_store(session: Session, kitchen: str, today: date, zone: str = "") -> Store:
    """Lots that hold something, by zone; those of one zone if asked."""
    rows = session.exec(
        select(StockLot, Food)
        .join(Food, col(Food.code) == col(StockLot.food))
        .where(StockLot.kitchen == kitchen, StockLot.grams > 0)
        .order_by(col(StockLot.expires_on), col(Food.name))
    )
    zones: defaultdict[str, list[InStore]] = defaultdict(list)
    for lot, food in rows:
        if not zone or food.storage == zone:
            zones[food.storage].append(
                InStore(
                    lot,
                    food,
                    worth(lot.grams, lot.price_ht_per_kg),
                    over=lot.expires_on < today,
                    soon=today <= lot.expires_on <= today + SOON,
                )
            )
    order = list(ZONES)
    codes = sorted(zones, key=lambda code: (order.index(code) if code in order else len(order), code))
    return Store([Zone(code, ZONES.get(code, code), zones[code]) for code in codes])


def lot_in(text: str) -> tuple[str, date]:
    """Food and date of a lot from its name in a form.

    Raises:
        CantineError: it is none.
    """
    food, _, day = text.rpartition("@")
    try:
        return food, date.fromisoformat(day)
    except ValueError as error:
        raise CantineError("Ce lot n'existe pas, ou plus.") from error


def take_out(
    session: Session, kitchen: str, lot: str, grams: int, who: Stamp, seen: int, meal: date | None = None
) -> StockMove:
    """« Sortir »: for a meal if one is named.

    Raises:
        CantineError: the lot holds less, or changed since it was shown (``seen``: its grams then).
    """
    return _out(session, kitchen, lot, grams, who, seen, ledger.ISSUE, "", meal)


def throw_away(
    session: Session, kitchen: str, lot: str, grams: int, who: Stamp, seen: int, reason: str
) -> StockMove:
    """« Jeter »: a loss, with its reason and its cost.

    Raises:
        CantineError: no reason, the lot holds less, or it changed since it was shown.
    """
    if reason not in LOSSES:
        raise CantineError("Dites pourquoi c'est jeté\u00a0: choisissez une raison.")
    return _out(session, kitchen, lot, grams, who, seen, ledger.LOSS, LOSSES[reason], None)


def _out(
    session: Session,
    kitchen: str,
    lot: str,
    grams: int,
    who: Stamp,
    seen: int,
    kind: str,
    reason: str,
    meal: date | None,
) -> StockMove:
    food, day = lot_in(lot)
    if grams <= 0:
        raise CantineError("Dites combien\u00a0: un poids en kg, plus grand que zéro.")
    ledger.hold(session, ledger.Lot(kitchen, food, day), seen)
    return ledger.move(
        session,
        kitchen=kitchen,
        food=food,
        expires_on=day,
        grams=-grams,
        kind=kind,
        date=who.today,
        at=who.now,
        user_id=who.user_id,
        reason=reason,
        service_date=meal,
    )
