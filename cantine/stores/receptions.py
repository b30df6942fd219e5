"""Checking a delivery, line by line: what was ordered, what came, what is accepted. Nothing here commits."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.accounts.models import User
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.foods.models import Food
from cantine.foods.temperatures import limit_of
from cantine.menus.versions import Stamp
from cantine.orders import life
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.spend import WAITED_FOR
from cantine.orders.states import FACTURE, RECU, STATE_WORDS
from cantine.stores import hygiene
from cantine.stores.models import Reception, ReceptionLine
from cantine.suppliers.models import Offer, Supplier

OPEN, CLOSED = "en_cours", "close"
GONE = "Cette réception n'existe pas, ou plus."
SHUT = "Cette réception est clôturée. Pour la corriger, le gestionnaire la rouvre en disant pourquoi."
BEGUN = (
    "La réception de cette commande est commencée\u00a0: rien n'est changé. Terminez-la avec ce qui est "
    "vraiment arrivé."
)
NOTHING_COMES = (
    "Cette commande est {}\u00a0: rien n'est à réceptionner. Une livraison arrivée quand même se saisit sans "
    "commande."
)
TO_RECEIVE = frozenset({*WAITED_FOR, RECU, FACTURE})
SHORT = Decimal("0.9")
"""Under this part of what was ordered, a delivery is short: weights vary, a few grams are no trouble."""
PER_KG = 1000


@dataclass(frozen=True)
class Check:
    """What somebody found on one line; grams, degrees, French words.

    Attributes:
        accepted_g: None while it is not decided.
    """

    delivered_g: int
    accepted_g: int | None
    temperature_c: float | None = None
    use_by: date | None = None
    supplier_lot: str = ""
    born_in: str = ""
    raised_in: str = ""
    slaughtered_in: str = ""
    label_proof: bool | None = None
    refusal: str = ""
    note: str = ""


def get_reception(session: Session, kitchen: str, number: int, *, lock: bool = False) -> Reception:
    """One reception of a kitchen.

    Raises:
        NotFoundError: none such.
    """
    row = session.get(Reception, number, with_for_update=lock or None)
    if row is None or row.kitchen != kitchen:
        raise NotFoundError(GONE)
    if lock:
        session.refresh(row)
    return row


def held_open(session: Session, kitchen: str, number: int) -> Reception:
    """A reception that may still be written, held until the end of the transaction.

    Raises:
        ConflictError: it is closed.
    """
    row = get_reception(session, kitchen, number, lock=True)
    if row.state != OPEN:
        raise ConflictError(SHUT)
    return row


def lines_of(session: Session, reception: Reception) -> list[ReceptionLine]:
    """Lines in their order."""
    query = select(ReceptionLine).where(ReceptionLine.reception == reception.id)
    return list(session.exec(query.order_by(col(ReceptionLine.position))))


def get_line(session: Session, reception: Reception, number: int) -> ReceptionLine:
    """One line of a reception.

    Raises:
        NotFoundError: none such.
    """
    line = session.get(ReceptionLine, number, populate_existing=True)
    if line is None or line.reception != reception.id:
        raise NotFoundError(GONE)
    return line


def start(session: Session, kitchen: str, order_id: int, who: Stamp, *, rest: bool = False) -> Reception:
    """The reception of an order: that already begun, else a new one with what is expected.

    ``rest``: what a first delivery lacked comes later, in a reception of its own.

    Raises:
        NotFoundError: no such order of this kitchen.
        ConflictError: nothing of it is to come: a draft, refused, cancelled.
    """
    order = life.get_order(session, order_id, kitchen)
    life.hold(session, order)
    query = select(Reception).where(Reception.order == order.id).order_by(col(Reception.id).desc())
    begun = session.exec(query).first()
    came = _accepted(session, order.id or 0)
    missing = [
        (line, grams)
        for line in life.lines_of(session, order)
        if (grams := life.expected_packs(line) * line.pack_g - came.get(line.id or 0, 0)) > 0
    ]
    if begun is not None and (begun.state == OPEN or not rest or not missing):
        return begun
    if order.state not in TO_RECEIVE:
        raise ConflictError(NOTHING_COMES.format(STATE_WORDS[order.state]))
    reception = _begin(session, kitchen, order.supplier, who, order.id)
    for position, (line, grams) in enumerate(missing, 1):
        session.add(_of_order(session, reception, position, line, grams))
    session.flush()
    return reception


def open_of(session: Session, order: PurchaseOrder, *, lock: bool = False) -> Reception | None:
    """The reception of an order that is being checked, held if told."""
    query = select(Reception).where(Reception.order == order.id, Reception.state == OPEN)
    return session.exec(query.with_for_update() if lock else query).first()


def drop_untouched(session: Session, order: PurchaseOrder) -> None:
    """Take away the reception of an order that changes, opened and not checked: it would keep the old lines.

    Raises:
        ConflictError: somebody checks the delivery: it is too late to change the order.
    """
    reception = open_of(session, order, lock=True)
    if reception is None:
        return
    lines = lines_of(session, reception)
    if any(line.delivered_g is not None or line.order_line is None for line in lines):
        raise ConflictError(BEGUN)
    for line in lines:
        session.delete(line)
    session.flush()
    session.delete(reception)
    session.flush()


def _accepted(session: Session, order: int) -> dict[int, int]:
    """Grams accepted of each line of an order so far."""
    rows = session.exec(
        select(col(ReceptionLine.order_line), func.sum(col(ReceptionLine.accepted_g)))
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .where(Reception.order == order)
        .group_by(col(ReceptionLine.order_line))
    )
    return {line or 0: int(grams or 0) for line, grams in rows}


def start_free(session: Session, kitchen: str, supplier: str, who: Stamp) -> Reception:
    """A delivery that nobody ordered here; that of the same supplier begun the same day, if any.

    Raises:
        NotFoundError: no such supplier.
    """
    if session.get(Supplier, supplier, with_for_update={"key_share": True}) is None:
        raise NotFoundError("Choisissez un fournisseur de la liste.")
    same = select(Reception).where(
        Reception.kitchen == kitchen,
        Reception.supplier == supplier,
        col(Reception.order).is_(None),
        Reception.state == OPEN,
        Reception.date == who.today,
    )
    return session.exec(same).first() or _begin(session, kitchen, supplier, who, None)


def _begin(session: Session, kitchen: str, supplier: str, who: Stamp, order: int | None) -> Reception:
    row = Reception(
        kitchen=kitchen,
        supplier=supplier,
        order=order,
        date=who.today,
        started_at=who.now,
        started_by=who.user_id,
    )
    session.add(row)
    session.flush()
    return row


def _of_order(
    session: Session, reception: Reception, position: int, line: OrderLine, grams: int
) -> ReceptionLine:
    return ReceptionLine(
        reception=reception.id or 0,
        position=position,
        order_line=line.id,
        offer=line.offer,
        food=line.food,
        name=line.name,
        pack_g=line.pack_g,
        ordered_g=grams,
        price_ht_per_kg=line.price_ht * PER_KG / line.pack_g,
        limit_c=_limit(session, line.food),
        origin_country=line.origin_country,
    )


def _limit(session: Session, food: str) -> float | None:
    limit = limit_of(session.get_one(Food, food))
    return None if limit is None else float(limit.celsius)


def add_line(session: Session, reception: Reception, offer: str) -> ReceptionLine:
    """One more product of the supplier, that was not on the order. The reception must be held.

    A double click adds one line: the one that nobody has checked yet.

    Raises:
        NotFoundError: the supplier does not sell it.
    """
    sold = session.get(Offer, offer)
    if sold is None or sold.supplier != reception.supplier:
        raise NotFoundError("Choisissez un produit de la liste de ce fournisseur.")
    there = select(ReceptionLine).where(
        ReceptionLine.reception == reception.id,
        ReceptionLine.offer == offer,
        col(ReceptionLine.order_line).is_(None),
        col(ReceptionLine.delivered_g).is_(None),
    )
    if found := session.exec(there).first():
        return found
    last = select(func.max(ReceptionLine.position)).where(ReceptionLine.reception == reception.id)
    line = ReceptionLine(
        reception=reception.id or 0,
        position=(session.exec(last).one() or 0) + 1,
        offer=sold.code,
        food=sold.food,
        name=sold.name,
        pack_g=sold.pack_g,
        price_ht_per_kg=sold.price_ht * PER_KG / sold.pack_g,
        limit_c=_limit(session, sold.food),
        origin_country=sold.origin_country,
    )
    session.add(line)
    touch(session, reception)
    return line


def mark_of(line: ReceptionLine) -> str:
    """A mark of what a line says, to see whether a colleague wrote it since it was shown."""
    told = repr([getattr(line, name) for name in sorted(ReceptionLine.model_fields)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def check_line(session: Session, reception: Reception, line: ReceptionLine, check: Check, seen: str) -> str:
    """Keep what was found on a line. The reception must be held.

    Too warm or out of date, a product accepted without a word of explanation stays undecided.

    Returns:
        why a refusal is suggested; empty when the line is settled.

    Raises:
        ConflictError: a colleague wrote this line since it was shown.
    """
    if seen != mark_of(line):
        raise ConflictError(_by_a_colleague(line))
    food = session.get_one(Food, line.food)
    doubt = hygiene.too_warm(food, check.temperature_c) or hygiene.out_of_date(check.use_by, reception.date)
    undecided = bool(doubt and check.accepted_g and not check.note)
    for name, value in asdict(check).items():
        setattr(line, name, value)
    if undecided:
        line.accepted_g = None
    session.add(line)
    touch(session, reception)
    return doubt if undecided else ""


def _by_a_colleague(line: ReceptionLine) -> str:
    done = "contrôlé" if line.delivered_g is not None else "changé"
    return (
        f"Un collègue a {done} « {line.name} » entre-temps. Votre saisie est encore là\u00a0: "
        "relisez-la, puis enregistrez de nouveau si c'est la bonne."
    )


def all_fine(session: Session, reception: Reception, degrees_by_zone: Mapping[str, float]) -> list[str]:
    """« Tout est conforme »: every line not checked yet came and is accepted as ordered.

    Args:
        session: a database session; the reception must be held.
        reception: open.
        degrees_by_zone: temperature measured, by storage zone (froid_positif, froid_negatif).

    Returns:
        names of products too warm for their class: they stay to be decided.
    """
    warm = []
    for line in lines_of(session, reception):
        if line.delivered_g is not None:
            continue
        food = session.get_one(Food, line.food)
        line.temperature_c = degrees_by_zone.get(food.storage) if line.limit_c is not None else None
        line.delivered_g = line.ordered_g
        if hygiene.too_warm(food, line.temperature_c):
            warm.append(line.name)
        else:
            line.accepted_g = line.ordered_g
        session.add(line)
    touch(session, reception)
    return warm


def touch(session: Session, reception: Reception) -> None:
    """Raise the version of a reception that somebody wrote to."""
    reception.version += 1
    session.add(reception)
    session.flush()


def is_short(line: ReceptionLine) -> bool:
    """Whether what is accepted falls short of what was ordered, beyond what weights vary."""
    return line.accepted_g is not None and line.accepted_g < SHORT * line.ordered_g


def arriving_packs(line: ReceptionLine) -> int:
    """Whole packs that really come of a short line."""
    return (line.accepted_g or 0) // line.pack_g


def lot_date(line: ReceptionLine, food: Food, day: date) -> date:
    """Until when the lot is to be used: what the label says, else what such a food usually keeps."""
    return line.use_by or day + timedelta(days=food.shelf_life_days)


def name_of(session: Session, user_id: int | None) -> str:
    """Who it was, for people; empty where nobody is known."""
    user = session.get(User, user_id) if user_id else None
    return user.name if user else ""


def check_whole(delivered_g: int, accepted_g: int | None, refusal: str) -> list[str]:
    """What does not hold together in the quantities of a line, in words."""
    faults = []
    if accepted_g is not None and accepted_g > delivered_g:
        faults.append("On ne peut pas accepter plus que ce qui est livré.")
    if accepted_g is not None and accepted_g < delivered_g and not refusal:
        faults.append("Dites pourquoi le produit est refusé\u00a0: choisissez un motif.")
    if refusal and refusal not in hygiene.REASONS:
        raise CantineError
    return faults
