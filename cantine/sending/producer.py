"""The producer's page: what his link shows, and how his answer is read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from cantine import web
from cantine.errors import ConflictError
from cantine.foods.models import Food
from cantine.kitchens.distance import kilometres
from cantine.kitchens.models import Kitchen
from cantine.orders.announcements import coming_weeks
from cantine.orders.answers import last_answer
from cantine.orders.life import Actor, check_version, lines_of, record_answer
from cantine.orders.links import orders_of_link
from cantine.orders.models import OrderLine, OutMessage, PurchaseOrder, SupplierAnswer, SupplierLink
from cantine.orders.states import ANNULE, APPROUVE, BROUILLON, MODIFIE, WITH_SUPPLIER
from cantine.planning.models import PlannedPurchase
from cantine.reports.order_reading import buyer_party, kitchen_party
from cantine.sending.outbox import SENDING, UNKNOWN, mark_delivered
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import load_ordering

AGREED, CHANGED, NONE = "oui", "autre", "non"
CHOICES = {AGREED, CHANGED, NONE}
MOST_WORDS = 1000
ANSWERED = (
    "Votre réponse était déjà enregistrée : la voici. Pour en changer, choisissez « Changer ma réponse »."
)
AMENDED = "La cuisine a changé cette commande entre-temps : voici ce qu'elle demande maintenant."
CLOSED = {
    ANNULE: "Cette commande est annulée : ne la livrez pas.",
    APPROUVE: "La cuisine prépare une nouvelle version de cette commande : elle va vous l'envoyer.",
    BROUILLON: "Cette commande n'est pas encore passée.",
}
DELIVERED = "Cette commande est déjà livrée."


@dataclass(frozen=True)
class Part:
    """One order of the page.

    Attributes:
        lines: those with packs, in the version in force.
        answer: the last one to this version.
        open: whether he may answer.
        closed: why not, in words.
    """

    order: PurchaseOrder
    buyer: str
    place: str
    km: int
    lines: tuple[OrderLine, ...]
    answer: SupplierAnswer | None
    open: bool
    closed: str


@dataclass(frozen=True)
class Page:
    """What a link shows.

    Attributes:
        answer_by: last day for an answer that the kitchen may still use; None once it is over.
        plans: product and kilograms foreseen each of the four weeks to come.
    """

    supplier: Supplier
    parts: tuple[Part, ...]
    answer_by: date | None
    cutoff: str
    weeks: tuple[date, ...]
    plans: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def open(self) -> bool:
        """Whether there is something to answer."""
        return any(part.open for part in self.parts)

    @property
    def answered(self) -> bool:
        """Whether every order that waits for an answer has one."""
        return self.open and all(part.answer for part in self.parts if part.open)


@dataclass
class Reply:
    """The form as it was typed: packs by line, and each fault beside its line."""

    packs: dict[int, int] = field(default_factory=dict)
    typed: dict[int, str] = field(default_factory=dict)
    choices: dict[int, str] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    note: str = ""


def page_of(session: Session, link: SupplierLink, today: date) -> Page:
    """Everything that a link shows, and nothing else."""
    supplier = session.get_one(Supplier, link.supplier)
    orders = [order for order in orders_of_link(session, link) if order.state != BROUILLON]
    parts = tuple(_part(session, order, supplier) for order in orders)
    ordering, weeks = load_ordering(session, today), tuple(coming_weeks(today))
    useful = [order.delivery for order in orders if not ordering.too_late(supplier, order.delivery)]
    return Page(
        supplier=supplier,
        parts=parts,
        answer_by=ordering.deadline(supplier, min(useful)) if useful else None,
        cutoff=supplier.cutoff_hour.replace(":", " h ").removesuffix(" 00").lstrip("0"),
        weeks=weeks,
        plans=_plans(session, supplier.code, {order.kitchen for order in orders}, weeks),
    )


def read_reply(form: MultiDict[str, str], parts: Sequence[Part]) -> Reply:
    """What he typed: d'accord, another number, or none, for each line he may still answer."""
    reply = Reply(note=" ".join(form.get("mot", "").split())[:MOST_WORDS])
    for part in parts:
        for line in part.lines if part.open else ():
            _read_line(form, line, reply)
    return reply


def answer(
    session: Session, link: SupplierLink, page: Page, reply: Reply, shown: Mapping[int, int], now: datetime
) -> None:
    """Keep his answer to every order of the page.

    Args:
        session: never committed here.
        link: he came by it.
        page: what the link shows now.
        reply: without a fault.
        shown: version of each order on the page he answered from.
        now: the clock.

    Raises:
        ConflictError: he answered already, or the kitchen changed an order meanwhile.
    """
    asked = sorted((part for part in page.parts if part.open), key=lambda part: part.order.id or 0)
    for part in asked:
        _unchanged(session, part, shown)
    for part in asked:  # the first that arrived brings its whole group: no version is compared any more
        _arrived(session, part.order, now)
        record_answer(
            session,
            part.order,
            kind=MODIFIE,
            packs={line.id or 0: reply.packs[line.id or 0] for line in part.lines},
            notes={},
            note=reply.note,
            link=link.id,
            now=now,
        )


def _part(session: Session, order: PurchaseOrder, supplier: Supplier) -> Part:
    kitchen = session.get_one(Kitchen, order.kitchen)
    here = order.state in WITH_SUPPLIER or _in_his_hands(session, order) is not None
    place = kitchen_party(session, kitchen)
    return Part(
        order=order,
        buyer=buyer_party(session, order.buyer, kitchen).name,
        place=place.city,
        km=round(kilometres(kitchen.latitude, kitchen.longitude, supplier.latitude, supplier.longitude)),
        lines=tuple(line for line in lines_of(session, order) if line.packs),
        answer=last_answer(session, order),
        open=here,
        closed="" if here else CLOSED.get(order.state, DELIVERED),
    )


def _in_his_hands(session: Session, order: PurchaseOrder) -> OutMessage | None:
    """The message of an order that left without anybody knowing whether it arrived: he has it, then."""
    if order.state != APPROUVE:
        return None
    whose = OutMessage.order == order.id
    if order.group is not None and order.order_version == 1:
        whose = OutMessage.group == order.group
    sent = select(OutMessage).where(
        whose,
        OutMessage.order_version == order.order_version,
        col(OutMessage.state).in_((SENDING, UNKNOWN)),
    )
    return session.exec(sent).first()


def _arrived(session: Session, order: PurchaseOrder, now: datetime) -> None:
    """His answer proves that a message in doubt did arrive."""
    message = _in_his_hands(session, order)
    if message is not None:
        mark_delivered(session, message, Actor(who="cantine"), now, "arrivé : le fournisseur a répondu")


def _unchanged(session: Session, part: Part, shown: Mapping[int, int]) -> None:
    try:
        check_version(session, part.order, shown.get(part.order.id or 0, 0))
    except ConflictError as error:
        raise ConflictError(ANSWERED if last_answer(session, part.order) else AMENDED) from error


def _read_line(form: MultiDict[str, str], line: OrderLine, reply: Reply) -> None:
    key = line.id or 0
    choice = form.get(f"choix-{key}", AGREED)
    typed = form.get(f"colis-{key}", "").strip()
    reply.choices[key] = choice if choice in CHOICES else AGREED
    reply.typed[key] = typed
    reply.packs[key] = {AGREED: line.packs, NONE: 0}.get(choice, line.packs)
    if choice != CHANGED:
        return
    try:
        reply.packs[key] = web.whole(typed)
    except ValueError:
        reply.faults[key] = (
            f"« {typed[:20]} » n'est pas un nombre de colis. Exemple : {max(1, line.packs - 1)}."
        )
        return
    if reply.packs[key] > line.packs:
        reply.faults[key] = (
            f"La cuisine en demande {line.packs} : vous pouvez en livrer moins, pas plus. "
            "Pour proposer davantage, écrivez-le dans « Un mot »."
        )


def _plans(
    session: Session, supplier: str, kitchens: set[str], weeks: Sequence[date]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Grams that the menus of these kitchens foresee from this supplier, by food and week."""
    rows = session.exec(
        select(PlannedPurchase, Offer.pack_g, Food.name)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Food, col(Food.code) == col(Offer.food))
        .where(
            Offer.supplier == supplier,
            col(PlannedPurchase.kitchen).in_(kitchens),
            col(PlannedPurchase.delivery).between(weeks[0], weeks[-1] + timedelta(days=6)),
        )
    )
    grams: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(weeks))
    for purchase, pack_g, name in rows:
        grams[name][(purchase.delivery - weeks[0]).days // 7] += purchase.packs * pack_g
    return tuple((name, tuple(by_week)) for name, by_week in sorted(grams.items()))
