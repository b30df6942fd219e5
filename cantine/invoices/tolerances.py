"""How far an invoice may be from what was received before somebody has to look, and why.

Estimates until kitchens have said what they accept; a département changes them in its settings.
"""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.french import euros, permille
from cantine.kitchens.models import Setting

DEFAULTS = {
    "invoice_line_cents": (50, "par ligne, en centimes : arrondis du fournisseur sur le prix au kilo"),
    "invoice_line_permille": (10, "par ligne, pour mille du montant reçu : arrondis du poids"),
    "invoice_weighed_permille": (20, "produits pesés : écart entre deux balances et perte d'eau"),
    "invoice_total_cents": (500, "sur toute la facture, en centimes : de petits écarts ne s'ajoutent pas"),
}
"""Setting: value and reason. Estimates, no text of the law says them."""


@dataclass(frozen=True)
class Tolerances:
    """Largest differences that pass without a word.

    Attributes:
        line_cents: on one line, in cents.
        line_permille: on one line, per thousand of what was received.
        weighed_permille: the same for goods sold by weight.
        total_cents: on the whole invoice, signs left aside.
    """

    line_cents: int
    line_permille: int
    weighed_permille: int
    total_cents: int

    def line(self, received: Decimal, *, weighed: bool) -> Decimal:
        """Euros that one line may be away from what was received."""
        share = self.weighed_permille if weighed else self.line_permille
        return max(Decimal(self.line_cents) / 100, abs(received) * share / 1000)

    @property
    def words(self) -> str:
        """What passes, in one sentence."""
        line, whole = euros(Decimal(self.line_cents) / 100), euros(self.total)
        return (
            f"Passent sans un mot : {line} ou {permille(self.line_permille)} par ligne, "
            f"{permille(self.weighed_permille)} sur un produit pesé, {whole} sur toute la facture."
        )

    @property
    def total(self) -> Decimal:
        """Euros that the whole invoice may be away."""
        return Decimal(self.total_cents) / 100


def load_tolerances(session: Session) -> Tolerances:
    """The choices of the département, or the defaults.

    Raises:
        NotFoundError: a setting is no whole number, named.
    """
    found = {
        row.key: row.value for row in session.exec(select(Setting).where(col(Setting.key).in_(DEFAULTS)))
    }
    values = {}
    for key, (default, _) in DEFAULTS.items():
        text = found.get(key, "").strip() or str(default)
        if not text.isdecimal():
            raise NotFoundError(f"Un réglage du département ne se lit pas : {key} vaut « {text} ».")
        values[key.removeprefix("invoice_")] = int(text)
    return Tolerances(**values)
