"""The words to send to a supplier whose invoice is not what was received."""

from decimal import Decimal

from cantine.french import euros, full_date, kg
from cantine.invoices.compare import FEE, UNKNOWN, Comparison, Row
from cantine.invoices.decide import asked_ht
from cantine.invoices.models import Invoice
from cantine.invoices.units import quantity_words


def subject(invoice: Invoice) -> str:
    """Subject of the message."""
    return f"{invoice.kind.capitalize()} {invoice.number} : demande d'avoir"


def claim(invoice: Invoice, found: Comparison, kitchen_name: str) -> str:
    """The message, ready to send: each difference with its euros, and what is asked."""
    orders = ", ".join(order.number for order in found.orders if order.number)
    days = sorted({day for row in found.billed for day in row.days})
    about = [f"commande {orders}"] if orders else []
    about += [f"livraison du {', '.join(full_date(day) for day in days)}"] if days else []
    lines = [f"- {_told(row)}" for row in found.away]
    asked = asked_ht(found)
    request = (
        f"Merci de nous adresser un avoir de {euros(asked)} HT."
        if asked > 0
        else "Merci de vérifier et de nous adresser une facture corrigée."
    )
    title = f"votre {invoice.kind} {invoice.number} du {full_date(invoice.date)}"
    return "\n".join(
        (
            "Bonjour,",
            "",
            f"Nous avons vérifié {title}" + (f" ({', '.join(about)})" if about else "") + ".",
            "Elle s'écarte de ce qui a été commandé et reçu :",
            *lines,
            "",
            f"{request} Elle reste en attente d'ici là.",
            "",
            "Cordialement,",
            kitchen_name,
        )
    )


def _told(row: Row) -> str:
    """One difference in words: what is invoiced, what came, the euros between."""
    gap = row.difference_ht
    extra = f"{euros(abs(gap))} HT {'en trop' if gap > 0 else 'en moins'}" if gap else ""
    if row.kind == UNKNOWN:
        said = "ni commandé ni reçu"
    elif row.kind == FEE:
        said = f"{euros(row.received_ht)} convenus"
    else:
        billed = kg(row.billed_g) if row.billed_g is not None else quantity_words(row.quantity, row.unit)
        said = f"facturé {billed}, reçu {kg(row.received_g)}" + _prices(row)
    return " : ".join(filter(None, (row.name, ", ".join(filter(None, (said, row.vat, extra))))))


def _prices(row: Row) -> str:
    if row.billed_per_kg is None or row.price_per_kg is None:
        return ""
    if abs(row.billed_per_kg - row.price_per_kg) < Decimal("0.005"):
        return ""
    return f", à {euros(row.billed_per_kg)} le kg au lieu de {euros(row.price_per_kg)}"
