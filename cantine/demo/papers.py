"""Orders, receptions and invoices of the last weeks of an invented year, for a few kitchens."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

from sqlmodel import Session

from cantine.demo.basket import Bought
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.kitchens.models import Kitchen
from cantine.orders.models import OrderEvent, OrderLine, Purchase, PurchaseOrder
from cantine.orders.numbers import next_rank
from cantine.orders.purchases import SHORT_CHAIN, buyer_of, to_the_cent
from cantine.stores.models import Reception, ReceptionLine

DAYS = 42
"""How far back papers go, before the last purchase."""
NOT_INVOICED = 10
"""Days until an invoice comes."""
DUE, PAID = timedelta(days=30), timedelta(days=18)
ORDERED_BEFORE = timedelta(days=3)
HOUR = time(7, 30, tzinfo=UTC)


def write_papers(
    session: Session, kitchen: Kitchen, lines: Sequence[Bought], today: date, dice: Random
) -> tuple[int, list[Bought]]:
    """Write the deliveries of the last weeks before today with their papers.

    Returns:
        How many orders, and the purchases left to write.
    """
    past = [line for line in lines if line.day < today]
    if not past:
        return 0, list(lines)
    last = past[-1].day
    since = last - timedelta(days=DAYS)
    recent = [line for line in past if line.day > since and line.packs]
    orders = 0
    for (day, _), delivered in groupby(recent, key=lambda line: (line.day, line.item.offer.supplier)):
        invoiced = (last - day).days >= NOT_INVOICED
        _Delivery(session, kitchen, list(delivered), today, invoiced=invoiced).write(dice)
        orders += 1
    session.flush()
    written = set(map(id, recent))
    return orders, [line for line in lines if id(line) not in written]


class _Delivery:
    """One order, received and perhaps invoiced."""

    def __init__(
        self, session: Session, kitchen: Kitchen, lines: list[Bought], today: date, *, invoiced: bool
    ) -> None:
        self.session, self.kitchen, self.lines, self.invoiced = session, kitchen, lines, invoiced
        self.today = today
        self.day, self.supplier = lines[0].day, lines[0].item.supplier

    def write(self, dice: Random) -> None:
        """Rows of every table, in the order they come to be."""
        order = self._order()
        reception = self._reception(order)
        invoice = self._invoice(order, dice) if self.invoiced else None
        for position, line in enumerate(self.lines, 1):
            self._line(position, line, order, reception, invoice)

    def _order(self) -> PurchaseOrder:
        buyer = buyer_of(self.kitchen)
        approved = datetime.combine(self.day - ORDERED_BEFORE, HOUR)
        order = PurchaseOrder(
            kitchen=self.kitchen.code,
            buyer=buyer,
            supplier=self.supplier.code,
            delivery=self.day,
            state="facture" if self.invoiced else "recu",
            source="main",
            year=self.day.year,
            rank=next_rank(self.session, buyer, self.day.year),
            created_at=approved,
            approved_at=approved,
            sent_at=approved,
        )
        self.session.add(order)
        self.session.flush()
        steps = [("cree", approved), ("approuve", approved), ("envoye", approved)]
        steps.append(("recu", datetime.combine(self.day, HOUR)))
        if self.invoiced:
            steps.append(("facture", datetime.combine(self.day + timedelta(days=7), HOUR)))
        self.session.add_all(
            OrderEvent(order=order.id or 0, at=at, kind=kind, who="démonstration") for kind, at in steps
        )
        return order

    def _reception(self, order: PurchaseOrder) -> Reception:
        at = datetime.combine(self.day, HOUR)
        reception = Reception(
            kitchen=self.kitchen.code,
            supplier=self.supplier.code,
            order=order.id,
            date=self.day,
            state="close",
            started_at=at,
            closed_at=at,
        )
        self.session.add(reception)
        self.session.flush()
        return reception

    def _invoice(self, order: PurchaseOrder, dice: Random) -> Invoice:
        total = sum((line.amount for line in self.lines), Decimal(0))
        vat = sum((_vat(line) for line in self.lines), Decimal(0))
        came = self.day + timedelta(days=7)
        paid = came + PAID < self.today
        invoice = Invoice(
            kitchen=self.kitchen.code,
            supplier=self.supplier.code,
            number=f"F{self.day.year}-{dice.randrange(10**6):06}-{order.rank}",
            date=self.day + timedelta(days=2),
            received_on=came,
            due_on=came + DUE,
            total_ht=total,
            total_vat=vat,
            total_ttc=total + vat,
            state="payee" if paid else "validee",
            paid_on=came + PAID if paid else None,
            order_number=order.number,
            created_at=datetime.combine(came, HOUR),
        )
        self.session.add(invoice)
        self.session.flush()
        return invoice

    def _line(
        self, position: int, line: Bought, order: PurchaseOrder, reception: Reception, invoice: Invoice | None
    ) -> None:
        offer, food, grams = line.item.offer, line.item.food, line.item.offer.pack_g * line.packs
        price = line.amount / line.packs
        ordered = OrderLine(
            order=order.id or 0,
            position=position,
            offer=offer.code,
            food=food.code,
            name=offer.name,
            pack_g=offer.pack_g,
            pack_label=offer.pack_label,
            packs=line.packs,
            price_ht=price,
            vat_permille=offer.vat_permille,
            labels=offer.labels,
            origin_country=offer.origin_country,
            intermediaries=offer.intermediaries,
            local_km=line.item.local_km,
            lot=offer.lot,
        )
        self.session.add(ordered)
        self.session.flush()
        received = ReceptionLine(
            reception=reception.id or 0,
            position=position,
            order_line=ordered.id,
            offer=offer.code,
            food=food.code,
            name=offer.name,
            pack_g=offer.pack_g,
            ordered_g=grams,
            delivered_g=grams,
            accepted_g=grams,
            price_ht_per_kg=to_the_cent(price * 1000 / offer.pack_g),
            origin_country=offer.origin_country,
            label_proof=True if offer.labels else None,
        )
        self.session.add(received)
        self.session.flush()
        self.session.add(self._purchase(line, ordered, received))
        if invoice is not None:
            self.session.add(
                InvoiceLine(
                    invoice=invoice.id or 0,
                    position=position,
                    name=offer.name,
                    quantity=Decimal(line.packs),
                    unit="H87",
                    unit_price_ht=price,
                    total_ht=line.amount,
                    vat_permille=offer.vat_permille,
                    order_line=ordered.id,
                    reception_line=received.id,
                )
            )

    def _purchase(self, line: Bought, ordered: OrderLine, received: ReceptionLine) -> Purchase:
        offer, food = line.item.offer, line.item.food
        return Purchase(
            kitchen=self.kitchen.code,
            buyer=buyer_of(self.kitchen),
            date=line.day,
            supplier=offer.supplier,
            supplier_name=line.item.supplier.name,
            description=offer.name,
            food=food.code,
            family=food.family,
            homogeneous_family=food.homogeneous_family or "",
            labels=offer.labels,
            origin_country=offer.origin_country,
            short_chain=offer.intermediaries <= SHORT_CHAIN,
            local_km=line.item.local_km,
            grams=offer.pack_g * line.packs,
            amount_ht=line.amount,
            vat_permille=offer.vat_permille,
            source="facture" if self.invoiced else "reception",
            origin="demonstration",
            lot=offer.lot,
            order_line=ordered.id,
            reception_line=received.id,
        )


def _vat(line: Bought) -> Decimal:
    return to_the_cent(line.amount * line.item.offer.vat_permille / 1000)
