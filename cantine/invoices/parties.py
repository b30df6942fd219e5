"""Who sells and who buys, by their SIRET: known, unknown, or told apart because it is only an estimate."""

import re
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.french import fold
from cantine.invoices.document import Document, Party
from cantine.kitchens.models import College, Kitchen
from cantine.orders.models import PurchaseOrder
from cantine.suppliers.models import Engagement, Supplier

ESTIMATED = "estime"
OUR_NUMBER = re.compile(r"(\d{4})-(\d{1,6})")


@dataclass(frozen=True)
class Found:
    """What is known of a party.

    Attributes:
        code: the supplier's; empty for the buyer, and when a fault says why there is none.
        fault: why the invoice cannot be kept, in French.
        note: what somebody should confirm, in French.
    """

    code: str = ""
    fault: str = ""
    note: str = ""


def find_supplier(session: Session, document: Document, kitchen: str) -> Found:
    """The supplier of an invoice: by SIRET, else by order or by name among those whose SIRET is not known."""
    party = document.supplier
    if party.siret:
        rows = session.exec(select(Supplier.code).where(Supplier.siret == party.siret)).all()
        if len(rows) == 1:
            return Found(rows[0])
        if rows:
            return Found(
                fault=f"Plusieurs fournisseurs ont le SIRET {party.siret} : {', '.join(sorted(rows))}."
            )
    guess = _without_siret(session, document, kitchen)
    if guess is None:
        return Found(fault=_unknown(session, party))
    said = f"la facture dit le SIRET {party.siret}, la" if party.siret else "ni la facture ni la"
    return Found(guess.code, note=f"{guess.name} : {said} fiche n'en a pas. À confirmer.")


def find_buyer(session: Session, party: Party, kitchen: str) -> Found:
    """Whether the invoice is for the establishment of ``kitchen``.

    Raises:
        NotFoundError: no such kitchen.
    """
    own = session.get(Kitchen, kitchen)
    if own is None:
        raise NotFoundError(f"La cuisine « {kitchen} » n'existe pas.")
    college = session.get(College, own.uai) if own.uai else None
    ours = college.siret if college else ""
    asked = party.siret or party.siren
    if not asked or (ours and ours.startswith(asked)):
        return Found(note="" if asked else "La facture ne dit pas le SIRET de l'acheteur.")
    other = session.exec(select(College).where(col(College.siret).startswith(asked))).first()
    if other is not None and other is not college:
        return Found(fault=f"Cette facture est adressée à {other.name} ({other.commune}), pas à {own.name}.")
    if college is None or not ours:
        return Found(
            note=f"SIRET de l'acheteur sur la facture : {asked}. Il manque dans la fiche du collège."
        )
    if college.siret_origin == ESTIMATED:
        return Found(
            note=f"SIRET de l'acheteur sur la facture : {asked}. La fiche du collège dit {ours}, une "
            "estimation à confirmer."
        )
    return Found(fault=f"L'acheteur est inconnu : SIRET {asked} sur la facture, {ours} pour {college.name}.")


def _without_siret(session: Session, document: Document, kitchen: str) -> Supplier | None:
    """The one supplier without a SIRET that the order, the engagement or the name points to."""
    blank = {row.code: row for row in session.exec(select(Supplier).where(Supplier.siret == ""))}
    quoted = order_quoted(session, kitchen, document.order_number)
    if quoted is not None and quoted.supplier in blank:
        return blank[quoted.supplier]
    engaged = session.exec(
        select(Engagement.supplier).where(
            Engagement.kitchen == kitchen, Engagement.number == document.order_number
        )
    ).all()
    codes = {code for code in engaged if code in blank} or {
        code for code, row in blank.items() if fold(row.name) == fold(document.supplier.name)
    }
    return blank[codes.pop()] if len(codes) == 1 else None


def order_quoted(session: Session, kitchen: str, text: str) -> PurchaseOrder | None:
    """The order of a kitchen that a supplier quotes: our number or the supplier's own; None: none such."""
    text = text.strip()
    if not text:
        return None
    named = col(PurchaseOrder.supplier_reference) == text
    if (ours := OUR_NUMBER.fullmatch(text)) is not None:
        year, rank = int(ours[1]), int(ours[2])
        named |= (col(PurchaseOrder.year) == year) & (col(PurchaseOrder.rank) == rank)
    found = session.exec(
        select(PurchaseOrder).where(
            PurchaseOrder.kitchen == kitchen, col(PurchaseOrder.state) != "annule", named
        )
    ).all()
    return found[0] if len(found) == 1 else None


def _unknown(session: Session, party: Party) -> str:
    told = f"SIRET {party.siret}" if party.siret else "sans SIRET"
    same = [
        row.name
        for row in session.exec(select(Supplier))
        if party.name and fold(row.name) == fold(party.name)
    ]
    hint = (
        f"La fiche de « {same[0]} » a un autre SIRET : si c'est bien le vendeur, corrigez-la, puis déposez."
        if same
        else "Ajoutez ce fournisseur, ou son SIRET dans sa fiche, puis déposez de nouveau."
    )
    return f"Fournisseur inconnu : « {party.name[:60]} », {told}. {hint}"
