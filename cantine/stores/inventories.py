"""Counting the store: a list to print, what is counted, the difference in euros, then the moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.foods.models import Food
from cantine.french import euros
from cantine.kitchens.models import Kitchen
from cantine.menus.versions import Stamp
from cantine.stores import ledger
from cantine.stores.models import Inventory, InventoryLine
from cantine.stores.stock import ZONES, lot_in, worth
from cantine.suppliers.models import Offer, StockLot

OPEN, DONE, DROPPED = "en_cours", "valide", "abandonne"
CENTS_PER_EURO = 100


@dataclass(frozen=True)
class Counted:
    """One lot of an inventory: as the books had it when it was counted, as it was counted, in grams."""

    line: InventoryLine
    food: Food

    @property
    def key(self) -> str:
        """Name of the lot in forms."""
        return f"{self.line.food}@{self.line.expires_on.isoformat()}"

    @property
    def gap_g(self) -> int:
        """Grams counted beyond the books; zero while it is not counted."""
        return 0 if self.line.counted_g is None else self.line.counted_g - self.line.expected_g

    @property
    def gap_ht(self) -> Decimal:
        """Euros of the difference."""
        return worth(self.gap_g, self.line.price_ht_per_kg)

    @property
    def counted_ht(self) -> Decimal:
        """Euros of what was counted."""
        return worth(self.line.counted_g or 0, self.line.price_ht_per_kg)


def get_inventory(session: Session, kitchen: str, number: int, *, lock: bool = False) -> Inventory:
    """One inventory of a kitchen.

    Raises:
        NotFoundError: none such.
    """
    row = session.get(Inventory, number, with_for_update=lock or None)
    if row is None or row.kitchen != kitchen:
        raise NotFoundError("Cet inventaire n'existe pas, ou plus.")
    if lock:
        session.refresh(row)
    return row


def held_open(session: Session, kitchen: str, number: int) -> Inventory:
    """An inventory that may still be written, held until the end of the transaction.

    Raises:
        ConflictError: it is over.
    """
    row = get_inventory(session, kitchen, number, lock=True)
    if row.state != OPEN:
        raise ConflictError("Cet inventaire est terminé\u00a0: commencez-en un autre pour recompter.")
    return row


def inventories(session: Session, kitchen: str) -> Sequence[Inventory]:
    """Inventories of a kitchen, the last first."""
    query = select(Inventory).where(Inventory.kitchen == kitchen).order_by(col(Inventory.id).desc())
    return session.exec(query.limit(50)).all()


def counted_of(session: Session, inventory: Inventory) -> list[Counted]:
    """Its lots, by zone, then by name, the earliest date first."""
    rows = session.exec(
        select(InventoryLine, Food)
        .join(Food, col(Food.code) == col(InventoryLine.food))
        .where(InventoryLine.inventory == inventory.id)
        .order_by(col(Food.name), col(InventoryLine.expires_on))
    )
    order = list(ZONES)
    found = [Counted(line, food) for line, food in rows]
    return sorted(
        found,
        key=lambda one: order.index(one.food.storage) if one.food.storage in order else len(order),
    )


def begin(session: Session, kitchen: str, zone: str, who: Stamp) -> Inventory:
    """Start counting a zone, or everything; one already begun is taken up again.

    Raises:
        CantineError: no such zone.
    """
    if zone and zone not in ZONES:
        raise CantineError("Choisissez une zone de stockage de la liste.")
    session.get(Kitchen, kitchen, with_for_update={"key_share": True})
    same = select(Inventory).where(
        Inventory.kitchen == kitchen, Inventory.storage == zone, Inventory.state == OPEN
    )
    begun = session.exec(same).first()
    if begun is not None:
        return begun
    inventory = Inventory(
        kitchen=kitchen, date=who.today, storage=zone, created_at=who.now, created_by=who.user_id
    )
    session.add(inventory)
    session.flush()
    rows = session.exec(
        select(StockLot, Food.storage)
        .join(Food, col(Food.code) == col(StockLot.food))
        .where(StockLot.kitchen == kitchen, StockLot.grams > 0)
    )
    for lot, storage in rows:
        if not zone or storage == zone:
            session.add(_line(inventory, lot.food, lot.expires_on, lot.grams, lot.price_ht_per_kg))
    session.flush()
    return inventory


def _line(inventory: Inventory, food: str, day: date, grams: int, price: Decimal) -> InventoryLine:
    return InventoryLine(
        inventory=inventory.id or 0, food=food, expires_on=day, expected_g=grams, price_ht_per_kg=price
    )


def count(
    session: Session, inventory: Inventory, typed: Mapping[str, int | None], seen: Mapping[str, int | None]
) -> list[str]:
    """Keep what was counted; the books are read at that moment. The inventory must be held. Never commits.

    Args:
        session: a database session.
        inventory: open.
        typed: grams by name of a lot; None: not counted.
        seen: the same as it was shown.

    Returns:
        names of products that a colleague counted meanwhile: his figure stays.
    """
    theirs = []
    for key, grams in typed.items():
        food, day = lot_in(key)
        line = session.get(InventoryLine, (inventory.id, food, day), populate_existing=True)
        if line is None or grams == seen.get(key):
            continue
        if line.counted_g != seen.get(key):
            theirs.append(session.get_one(Food, food).name)
            continue
        lot = session.get(StockLot, (inventory.kitchen, food, day), populate_existing=True)
        line.counted_g, line.expected_g = grams, lot.grams if lot else 0
        session.add(line)
    inventory.version += 1
    session.add(inventory)
    session.flush()
    return theirs


def add_lot(session: Session, inventory: Inventory, food_code: str, day: date, grams: int) -> None:
    """A lot found on a shelf that the books do not know. The inventory must be held.

    Raises:
        CantineError: no such food, or the lot is in the list already.
    """
    food = session.get(Food, food_code)
    if food is None or not grams:
        raise CantineError("Choisissez un produit de la liste et écrivez son poids compté, en kg.")
    if session.get(InventoryLine, (inventory.id, food.code, day)) is not None:
        raise CantineError(f"{food.name} à cette date est dans la liste\u00a0: écrivez-y le poids compté.")
    lot = session.get(StockLot, (inventory.kitchen, food.code, day))
    price = lot.price_ht_per_kg if lot else usual_price(session, inventory.kitchen, food)
    line = _line(inventory, food.code, day, lot.grams if lot else 0, price)
    line.counted_g = grams
    session.add(line)
    inventory.version += 1
    session.add(inventory)
    session.flush()


def usual_price(session: Session, kitchen: str, food: Food) -> Decimal:
    """Euros per kg of a food whose lot is not known: another lot's, else an offer's, else the table's."""
    lots = select(StockLot).where(StockLot.kitchen == kitchen, StockLot.food == food.code)
    known = session.exec(lots.order_by(col(StockLot.expires_on).desc())).first()
    if known is not None:
        return known.price_ht_per_kg
    offer = session.exec(select(Offer).where(Offer.food == food.code).order_by(col(Offer.price_ht))).first()
    if offer is not None:
        return offer.price_ht * 1000 / offer.pack_g
    return Decimal(str(food.reference_price_cents_kg or 0)) / CENTS_PER_EURO


def validate(session: Session, inventory: Inventory, who: Stamp) -> Decimal:
    """Make the books agree with the count; lots not counted stay. The inventory must be held. Never commits.

    Returns:
        euros of the difference, negative where food is missing.

    Raises:
        CantineError: nothing was counted, or a lot was used since beyond what the count allows.
    """
    lines = [one for one in counted_of(session, inventory) if one.line.counted_g is not None]
    if not lines:
        raise CantineError("Rien n'est compté\u00a0: écrivez au moins un poids.")
    for one in sorted(lines, key=lambda one: one.key):
        if one.gap_g:
            ledger.move(
                session,
                kitchen=inventory.kitchen,
                food=one.line.food,
                expires_on=one.line.expires_on,
                grams=one.gap_g,
                kind=ledger.COUNT,
                date=who.today,
                at=who.now,
                user_id=who.user_id,
                price_ht_per_kg=one.line.price_ht_per_kg,
                inventory=inventory.id,
            )
    gap = sum((one.gap_ht for one in lines), Decimal(0))
    _end(session, inventory, DONE, who, f"{len(lines)} lots comptés, écart {euros(gap)}")
    return gap


def drop(session: Session, inventory: Inventory, who: Stamp) -> None:
    """Give a count up: nothing moves. The inventory must be held."""
    _end(session, inventory, DROPPED, who, "abandonné")


def _end(session: Session, inventory: Inventory, state: str, who: Stamp, words: str) -> None:
    inventory.state, inventory.closed_at, inventory.closed_by = state, who.now, who.user_id
    inventory.version += 1
    session.add(inventory)
    zone = ZONES.get(inventory.storage, "tout le stock")
    journal.record(
        session,
        user_id=who.user_id,
        kitchen=inventory.kitchen,
        subject="inventaire",
        key=f"{zone}, {inventory.date:%d/%m/%Y}",
        before="",
        after=words,
        now=who.now,
    )
    session.flush()
