"""The sums of an invoice counted again from its lines: a supplier's total is not believed."""

from collections import defaultdict
from decimal import Decimal

from cantine.french import euros, percent
from cantine.invoices.document import Document, Line
from cantine.orders.purchases import CENT, to_the_cent

LINE_SLACK = Decimal("0.02")
"""A price with more decimals than the file shows."""


def vat_of(lines: tuple[Line, ...]) -> Decimal:
    """VAT of the lines: each rate rounded once, as EN 16931 asks."""
    return sum((amount for _, amount in _by_rate(lines).values()), Decimal(0))


def sum_faults(document: Document) -> tuple[str, ...]:
    """What does not add up, in French."""
    lines = document.lines
    faults = [fault for line in lines if (fault := _line_fault(line))]
    summed = sum((line.total_ht for line in lines), Decimal(0))
    if abs(summed - document.total_ht) > CENT:
        faults.append(
            f"Le total HT annoncé, {euros(document.total_ht)}, n'est pas la somme des lignes : "
            f"{euros(summed)}."
        )
    vat = vat_of(lines)
    slack = CENT * max(2, len(lines))
    if abs(vat - document.total_vat) > slack:
        rates = ", ".join(
            f"{percent(Decimal(rate) / 1000, 1)} de {euros(base)}"
            for rate, (base, _) in sorted(_by_rate(lines).items())
        )
        faults.append(
            f"La TVA annoncée, {euros(document.total_vat)}, n'est pas celle des lignes : "
            f"{euros(vat)} ({rates})."
        )
    whole = document.total_ht + document.total_vat
    if abs(whole - document.total_ttc) > CENT:
        faults.append(
            f"Le total TTC annoncé, {euros(document.total_ttc)}, n'est pas la somme du HT et de la TVA : "
            f"{euros(whole)}."
        )
    return tuple(faults)


def _line_fault(line: Line) -> str | None:
    counted = line.quantity * line.unit_price_ht + line.extras_ht
    # Half a unit of the last decimal shown of the price, once per unit.
    slack = LINE_SLACK + abs(line.quantity) * Decimal("0.00005")
    if abs(to_the_cent(counted) - line.total_ht) <= slack:
        return None
    return (
        f"Ligne {line.position} (« {line.name[:40]} ») : quantité × prix donnent "
        f"{euros(to_the_cent(counted))}, la facture dit {euros(line.total_ht)}."
    )


def _by_rate(lines: tuple[Line, ...]) -> dict[int, tuple[Decimal, Decimal]]:
    """For each rate: taxable amount, VAT."""
    bases: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        bases[line.vat_permille] += line.total_ht
    return {rate: (base, to_the_cent(base * rate / 1000)) for rate, base in bases.items()}
