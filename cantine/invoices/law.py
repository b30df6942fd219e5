"""What the code of public procurement says of the payment of invoices."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class PaymentTerm:
    """The longest time between a request for payment and its payment.

    Attributes:
        days: calendar days.
        source: text and article.
        start: what the days are counted from, in French words.
        valid_from: first day on which it holds.
        valid_to: last day; None while no text ends it.
    """

    days: int
    source: str
    start: str
    valid_from: date
    valid_to: date | None = None


PAYMENT = PaymentTerm(
    days=30,
    source="article R2192-10 du code de la commande publique, collèges compris",
    start="la réception de la facture, ou la livraison si elle vient après",
    valid_from=date(2019, 4, 1),
)
"""The code of public procurement came into force on 1 April 2019."""
LATE_INTEREST = (
    "Au-delà, des intérêts moratoires et une indemnité forfaitaire sont dus au fournisseur : "
    "cantine ne les calcule pas, l'agent comptable le fait."
)


def due_date(received_on: date, delivered_on: date | None = None) -> date:
    """Last day to pay an invoice received on a day, for goods delivered on another (None: unknown)."""
    start = received_on if delivered_on is None else max(received_on, delivered_on)
    return start + timedelta(days=PAYMENT.days)
