"""Life of an order, one step at a time: locked, allowed, dated, signed. Nothing here commits.

A sent order is never edited: ``amend`` writes a new version of its lines and leaves the former as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.kitchens.models import Kitchen
from cantine.orders.models import (
    OrderEvent,
    OrderLine,
    PurchaseOrder,
    SupplierAnswer,
    SupplierAnswerLine,
)
from cantine.orders.numbers import next_rank
from cantine.orders.states import (
    AMENDE,
    ANNULE,
    ANSWERS,
    APPROUVE,
    CONFIRME,
    ENVOYE,
    FACTURE,
    MODIFIE,
    RECU,
    REFUSE,
    ROUVERT,
    STATE_WORDS,
    TRANSITIONS,
)
from cantine.suppliers.models import Engagement, Supplier

SUBJECT = "commande"
GONE = "Cette commande n'existe pas, ou plus."
EMPTY = "Cette commande est vide : rien à approuver."
MOVED = "Un collègue a changé cette commande entre-temps. Voici où elle en est : vérifiez, puis recommencez."
NOT_NOW = "La commande {} est {} : elle ne peut plus {}."
SAME = "Aucune quantité ne change : rien à rectifier."
ALL_ZERO = "Une commande sans aucun colis s'annule : choisissez « Annuler la commande »."
WHY = "Dites en quelques mots pourquoi : la raison est gardée avec la commande."
OTHER_LINE = "Cette ligne n'est pas de la version de commande en cours. Rechargez la page."
MOST = 9999
TOO_MUCH = f"Une quantité va de 0 à {MOST} colis."
TOO_MANY = "« {} » : {} colis commandés, {} confirmés. Un fournisseur confirme au plus ce qui est commandé."


@dataclass(frozen=True)
class Actor:
    """Who acts: a user, or somebody named in words (« le producteur », « cantine »)."""

    user_id: int | None = None
    who: str = ""


def get_order(
    session: Session, order_id: int, kitchen: str | None = None, *, lock: bool = False
) -> PurchaseOrder:
    """One order, of that kitchen where one is given.

    Raises:
        NotFoundError: none such.
    """
    order = session.get(PurchaseOrder, order_id, with_for_update=lock or None)
    if order is None or (kitchen is not None and order.kitchen != kitchen):
        raise NotFoundError(GONE)
    return order


def lines_of(session: Session, order: PurchaseOrder, version: int | None = None) -> list[OrderLine]:
    """Lines of a version, the one in force unless told, in their order."""
    wanted = order.order_version if version is None else version
    query = select(OrderLine).where(OrderLine.order == order.id, OrderLine.version == wanted)
    return list(session.exec(query.order_by(col(OrderLine.position))))


def events_of(session: Session, order: PurchaseOrder) -> list[OrderEvent]:
    """Everything that happened to an order, oldest first."""
    query = select(OrderEvent).where(OrderEvent.order == order.id)
    return list(session.exec(query.order_by(col(OrderEvent.id))))


def expected_packs(line: OrderLine) -> int:
    """Packs that will come: those the producer confirmed where he answered, else those ordered."""
    return line.packs if line.confirmed_packs is None else line.confirmed_packs


def hold(session: Session, order: PurchaseOrder) -> None:
    """Hold the order's row until the end of the transaction, as it is now."""
    session.flush()
    session.refresh(order, with_for_update=True)


def check_version(session: Session, order: PurchaseOrder, shown: int) -> None:
    """Lock the order, and refuse to act on a page that no longer tells the truth.

    Raises:
        ConflictError: somebody changed it since the page was shown.
    """
    hold(session, order)
    if order.version != shown:
        raise ConflictError(MOVED)


def note_event(
    session: Session, order: PurchaseOrder, kind: str, actor: Actor, now: datetime, detail: str = ""
) -> None:
    """Write what happened, and raise the version that pages compare. The row must be locked."""
    order.version += 1
    session.add(order)
    session.add(
        OrderEvent(
            order=order.id or 0,
            order_version=order.order_version,
            at=now,
            kind=kind,
            user_id=actor.user_id,
            who=actor.who,
            detail=detail,
        )
    )
    session.flush()


def approve(session: Session, order: PurchaseOrder, actor: Actor, now: datetime, detail: str = "") -> None:
    """Bind the money: a number, the engagement of the year, the service code.

    The same person's second click changes nothing.

    Args:
        session: a database session.
        order: a draft.
        actor: who approves.
        now: the clock.
        detail: French words kept in the event, such as the reason to pass the budget.

    Raises:
        ConflictError: it is no draft any more.
        CantineError: it has no pack.
    """
    hold(session, order)
    if order.state == APPROUVE and order.approved_by == actor.user_id and order.order_version == 1:
        return
    before = _allow(order, APPROUVE)
    if not any(line.packs for line in lines_of(session, order)):
        raise CantineError(EMPTY)
    order.year = order.delivery.year
    order.rank = next_rank(session, order.buyer, order.year)
    engagement = session.get(Engagement, (order.kitchen, order.supplier, order.year))
    order.engagement = engagement.number if engagement else ""
    order.service_code = session.get_one(Kitchen, order.kitchen).service_code
    order.approved_at, order.approved_by = now, actor.user_id
    _move(session, order, APPROUVE, before, actor, now, detail)


def mark_sent(session: Session, order: PurchaseOrder, actor: Actor, now: datetime, detail: str = "") -> None:
    """The supplier has the order: by e-mail, or as ``detail`` says.

    Raises:
        ConflictError: it is not approved.
    """
    before = _locked(session, order, ENVOYE)
    order.sent_at = now
    _move(session, order, ENVOYE, before, actor, now, detail)


def record_answer(
    session: Session,
    order: PurchaseOrder,
    *,
    kind: str,
    packs: Mapping[int, int],
    notes: Mapping[int, str],
    note: str,
    link: int | None,
    now: datetime,
    actor: Actor | None = None,
) -> SupplierAnswer:
    """Keep a producer's answer: the packs that will come of each line, and the state that follows from them.

    Args:
        session: a database session.
        order: sent, or answered already: a producer may change his mind before the delivery.
        kind: confirme (all as ordered), refuse (nothing comes) or modifie (``packs``, the rest as ordered).
        packs: packs by key of a line, for modifie.
        notes: words by key of a line.
        note: words on the whole order.
        link: key of the producer's link; none when somebody typed the answer for him.
        now: the clock.
        actor: who typed it; the supplier unless told.

    Raises:
        ConflictError: the order is not with the supplier, or ``packs`` names a line of another version.
        CantineError: more packs than ordered.
    """
    if kind not in ANSWERS:
        raise CantineError
    hold(session, order)
    lines = lines_of(session, order)
    coming = _coming(lines, kind, packs, notes)
    told = _told(lines, coming)
    before = _allow(order, told)
    answer = SupplierAnswer(
        order=order.id or 0, order_version=order.order_version, link=link, at=now, kind=told, note=note
    )
    session.add(answer)
    session.flush()
    for line in lines:
        key = line.id or 0
        line.confirmed_packs = coming[key]
        session.add(line)
        if coming[key] != line.packs or notes.get(key):
            session.add(
                SupplierAnswerLine(
                    answer=answer.id or 0, line=key, packs=coming[key], note=notes.get(key, "")
                )
            )
    who = actor or Actor(who=_name(session, order.supplier))
    _move(session, order, told, before, who, now, _answer_words(lines, coming, note))
    return answer


def amend(
    session: Session,
    order: PurchaseOrder,
    packs: Mapping[int, int],
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    """A new version with other quantities, approved and to be sent again; the former stays as it was.

    Args:
        session: a database session.
        order: approved, or with the supplier.
        packs: packs by position of a line; the others keep theirs.
        actor: who amends.
        now: the clock.
        reason: why, in words.

    Raises:
        ConflictError: too late, or still a draft.
        CantineError: no reason, nothing changes, no pack left.
    """
    before = _locked(session, order, AMENDE)
    reason = _reason(reason)
    lines = lines_of(session, order)
    if any(count > MOST for count in packs.values()):
        raise CantineError(TOO_MUCH)
    changed = [line for line in lines if packs.get(line.position, line.packs) != line.packs]
    if not changed:
        raise CantineError(SAME)
    if not any(packs.get(line.position, line.packs) for line in lines):
        raise CantineError(ALL_ZERO)
    words = ", ".join(f"{line.name} {line.packs} → {packs[line.position]}" for line in changed)
    order.order_version += 1
    order.sent_at = None
    for line in lines:
        values = line.model_dump(exclude={"id", "version", "packs", "confirmed_packs"})
        wanted = packs.get(line.position, line.packs)
        session.add(OrderLine(**values, version=order.order_version, packs=wanted))
    _move(session, order, AMENDE, before, actor, now, f"{reason} ({words})")


def cancel(session: Session, order: PurchaseOrder, actor: Actor, now: datetime, reason: str) -> None:
    """Nothing of it will come; an approved order keeps its number.

    Raises:
        ConflictError: it was received, or cancelled already.
        CantineError: no reason.
    """
    before = _locked(session, order, ANNULE)
    _move(session, order, ANNULE, before, actor, now, _reason(reason))


def mark_received(
    session: Session, order: PurchaseOrder, actor: Actor, now: datetime, detail: str = ""
) -> None:
    """A delivery of it was checked; a second one of the same order is one more event.

    Raises:
        ConflictError: it never left, was refused or cancelled.
    """
    before = _locked(session, order, RECU)
    _move(session, order, RECU, before, actor, now, detail)


def mark_invoiced(
    session: Session, order: PurchaseOrder, actor: Actor, now: datetime, detail: str = ""
) -> None:
    """Its invoice was matched.

    Raises:
        ConflictError: nothing of it was received.
    """
    before = _locked(session, order, FACTURE)
    _move(session, order, FACTURE, before, actor, now, detail)


def reopen_invoiced(
    session: Session, order: PurchaseOrder, actor: Actor, now: datetime, detail: str = ""
) -> None:
    """Its invoice was opened again: it is received, to be invoiced.

    Raises:
        ConflictError: it was not invoiced.
    """
    before = _locked(session, order, ROUVERT)
    _move(session, order, ROUVERT, before, actor, now, detail)


def _locked(session: Session, order: PurchaseOrder, kind: str) -> str:
    hold(session, order)
    return _allow(order, kind)


def _allow(order: PurchaseOrder, kind: str) -> str:
    """The state before the step, if the step may be taken."""
    step = TRANSITIONS[kind]
    if order.state not in step.sources:
        raise ConflictError(
            NOT_NOW.format(order.number or "", STATE_WORDS[order.state], step.verb).replace("  ", " ")
        )
    return order.state


def _move(
    session: Session,
    order: PurchaseOrder,
    kind: str,
    before: str,
    actor: Actor,
    now: datetime,
    detail: str,
) -> None:
    order.state = TRANSITIONS[kind].target
    note_event(session, order, kind, actor, now, detail)
    if actor.user_id is not None:
        journal.record(
            session,
            user_id=actor.user_id,
            kitchen=order.kitchen,
            subject=SUBJECT,
            key=order.number or f"brouillon {order.id}",
            before={"état": STATE_WORDS[before], "version": order.order_version - (kind == AMENDE)},
            after={"état": STATE_WORDS[order.state], "version": order.order_version},
            now=now,
        )


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise CantineError(WHY)
    return reason[:500]


def _name(session: Session, supplier: str) -> str:
    row = session.get(Supplier, supplier)
    return row.name if row else supplier


def _coming(
    lines: list[OrderLine], kind: str, packs: Mapping[int, int], notes: Mapping[int, str]
) -> dict[int, int]:
    known = {line.id or 0: line for line in lines}
    if not {*packs, *notes} <= set(known):
        raise ConflictError(OTHER_LINE)
    if kind == REFUSE:
        return dict.fromkeys(known, 0)
    if kind == CONFIRME:
        return {key: line.packs for key, line in known.items()}
    coming = {key: packs.get(key, line.packs) for key, line in known.items()}
    for key, line in known.items():
        if not 0 <= coming[key] <= line.packs:
            raise CantineError(TOO_MANY.format(line.name, line.packs, coming[key]))
    return coming


def _told(lines: list[OrderLine], coming: Mapping[int, int]) -> str:
    """What the packs say, whatever the button was."""
    if all(coming[line.id or 0] == line.packs for line in lines):
        return CONFIRME
    return MODIFIE if any(coming.values()) else REFUSE


def _answer_words(lines: list[OrderLine], coming: Mapping[int, int], note: str) -> str:
    changes = [
        f"{line.name} {line.packs} → {coming[line.id or 0]}"
        for line in lines
        if coming[line.id or 0] != line.packs
    ]
    return " · ".join(filter(None, [", ".join(changes), " ".join(note.split())]))
