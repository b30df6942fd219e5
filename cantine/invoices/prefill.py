"""The form of an invoice, filled before anybody types: from a delivery, or from what was typed before."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.french import number
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.pool import CLOSED, amount_of
from cantine.invoices.typed import FOOD_VAT, Typed, TypedLine, check
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.stores.models import Reception, ReceptionLine
from cantine.suppliers.models import Offer

FEE_NAME, FEE_VAT = "Frais de livraison", "20"


def from_reception(session: Session, kitchen: str, reception: int, today: date) -> Typed:
    """The form of the invoice of a closed delivery, as it should be if everything is right.

    Raises:
        NotFoundError: no such closed delivery of this kitchen.
    """
    row = session.get(Reception, reception)
    if row is None or row.kitchen != kitchen or row.state != CLOSED:
        raise NotFoundError("Cette livraison n'existe pas, ou n'est pas close.")
    order = session.get(PurchaseOrder, row.order) if row.order else None
    lines = session.exec(
        select(ReceptionLine, OrderLine, Offer)
        .outerjoin(OrderLine, col(OrderLine.id) == col(ReceptionLine.order_line))
        .outerjoin(Offer, col(Offer.code) == col(ReceptionLine.offer))
        .where(ReceptionLine.reception == reception)
        .order_by(col(ReceptionLine.position))
    )
    typed = [_prefilled(line, ordered, offer) for line, ordered, offer in lines if line.accepted_g]
    if order is not None and order.fee_ht:
        fee = number(order.fee_ht, 2)
        typed.append(TypedLine(FEE_NAME, "1", "H87", fee, fee, FEE_VAT))
    made = Typed(
        supplier=row.supplier,
        received_on=today.isoformat(),
        order_number=order.number if order else "",
        reception=str(reception),
        lines=tuple(typed),
    )
    found = check(made, today)
    return replace(made, total_ttc=number(found.total_ht + found.total_vat, 2))


def from_invoice(session: Session, invoice: Invoice) -> Typed:
    """A typed invoice as it was typed, to correct it."""
    rows = session.exec(
        select(InvoiceLine).where(InvoiceLine.invoice == invoice.id).order_by(col(InvoiceLine.position))
    )
    sign = -1 if invoice.kind == "avoir" else 1
    return Typed(
        supplier=invoice.supplier,
        kind=invoice.kind,
        number=invoice.number,
        date=invoice.date.isoformat(),
        received_on=invoice.received_on.isoformat(),
        total_ttc=number(sign * invoice.total_ttc, 2),
        order_number=invoice.order_number,
        lines=tuple(
            TypedLine(
                row.name,
                number(sign * row.quantity),
                row.unit,
                _price(row.unit_price_ht),
                number(sign * row.total_ht, 2),
                number(Decimal(row.vat_permille) / 10),
                str(row.reception_line or ""),
            )
            for row in rows
        ),
    )


def _prefilled(line: ReceptionLine, ordered: OrderLine | None, offer: Offer | None) -> TypedLine:
    source = ordered or offer
    return TypedLine(
        name=line.name,
        quantity=number(Decimal(line.accepted_g or 0) / 1000),
        unit="KGM",
        price=_price(line.price_ht_per_kg),
        total=number(amount_of(line), 2),
        vat=number(Decimal(source.vat_permille) / 10) if source else FOOD_VAT,
        received=str(line.id),
    )


def _price(amount: Decimal) -> str:
    """Two decimals, or as many as the price has."""
    return number(amount, 2) if amount == round(amount, 2) else number(amount, 4).rstrip("0")
