"""Proof of the labels: which certificates end, and which labels are sold without any."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.suppliers.models import Certificate, Offer, Supplier
from cantine.suppliers.price_match import product_key

WARNED = timedelta(days=60)
"""How long before its end a certificate is to be asked for again."""


@dataclass(frozen=True)
class Unproved:
    """Offers of a supplier sold under a label that no certificate proves on a day.

    Attributes:
        supplier: code.
        supplier_name: name.
        label: as ma cantine spells it.
        offers: codes.
        names: of the products, each once.
        ended: last day of the certificate that proved it, if one did.
    """

    supplier: str
    supplier_name: str
    label: str
    offers: tuple[str, ...]
    names: tuple[str, ...]
    ended: date | None


@dataclass(frozen=True)
class Ending:
    """A certificate in force that ends soon, and that no other one follows."""

    certificate: Certificate
    supplier_name: str
    days: int


@dataclass(frozen=True)
class LabelAlerts:
    """What is to be asked of suppliers: the missing proofs first."""

    unproved: tuple[Unproved, ...]
    ending: tuple[Ending, ...]

    def of(self, supplier: str) -> "LabelAlerts":
        """Those of one supplier."""
        return LabelAlerts(
            tuple(one for one in self.unproved if one.supplier == supplier),
            tuple(one for one in self.ending if one.certificate.supplier == supplier),
        )

    def __bool__(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self.unproved or self.ending)


def labels_without_proof(session: Session, day: date, supplier: str = "") -> list[Unproved]:
    """Labels sold on a day without a certificate in force, by supplier and label.

    Args:
        session: a database session.
        day: when.
        supplier: only theirs; empty: everybody's.
    """
    query = (
        select(Offer, Food.family, Supplier.name)
        .join(Food, col(Food.code) == col(Offer.food))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .where(Offer.valid_from <= day, Offer.valid_to >= day, col(Offer.labels) != ())
        .order_by(col(Supplier.name), col(Offer.name), col(Offer.code))
    )
    if supplier:
        query = query.where(Offer.supplier == supplier)
    certificates = _by_label(session)
    found: defaultdict[tuple[str, str, str], list[tuple[Offer, date | None]]] = defaultdict(list)
    for offer, family, name in session.exec(query):
        for label in offer.labels:
            proofs = [
                one for one, of in certificates[offer.supplier, label] if proves(one, of, offer, family)
            ]
            if not any(one.valid_from <= day <= one.valid_to for one in proofs):
                ends = [one.valid_to for one in proofs if one.valid_to < day]
                found[offer.supplier, name, label].append((offer, max(ends, default=None)))
    return [
        Unproved(
            code,
            name,
            label,
            tuple(offer.code for offer, _ in offers),
            tuple(dict.fromkeys(offer.name for offer, _ in offers)),
            max((end for _, end in offers if end), default=None),
        )
        for (code, name, label), offers in found.items()
    ]


def proves(certificate: Certificate, of: Offer | None, offer: Offer, family: str) -> bool:
    """Whether a certificate is about an offer, whatever its dates.

    Args:
        certificate: of the same supplier and label.
        of: the offer it names, if any: it proves the product at all its prices.
        offer: what is sold.
        family: of its food.
    """
    if of is not None:
        return product_key(of) == product_key(offer)
    return certificate.family in {"", family}


def ending_soon(session: Session, day: date, supplier: str = "") -> list[Ending]:
    """Certificates in force that end within ``WARNED`` and that none follows, the first to end first."""
    query = select(Certificate, Supplier.name).join(Supplier, col(Supplier.code) == col(Certificate.supplier))
    if supplier:
        query = query.where(Certificate.supplier == supplier)
    rows = list(session.exec(query.order_by(col(Certificate.valid_to), col(Certificate.code))))
    everything = [certificate for certificate, _ in rows]
    return [
        Ending(certificate, name, (certificate.valid_to - day).days)
        for certificate, name in rows
        if certificate.valid_from <= day <= certificate.valid_to <= day + WARNED
        and not _followed(certificate, everything)
    ]


def _followed(ending: Certificate, everything: Sequence[Certificate]) -> bool:
    """Whether another certificate of the same thing, or of more, goes on without a gap."""
    after = ending.valid_to + timedelta(days=1)
    return any(
        one.valid_from <= after <= one.valid_to
        for one in everything
        if (one.supplier, one.label) == (ending.supplier, ending.label)
        and one.family in {"", ending.family}
        and one.offer in {None, ending.offer}
    )


def label_alerts(session: Session, day: date, supplier: str = "") -> LabelAlerts:
    """Everything to ask of one supplier, or of all."""
    return LabelAlerts(
        tuple(labels_without_proof(session, day, supplier)), tuple(ending_soon(session, day, supplier))
    )


def _by_label(session: Session) -> defaultdict[tuple[str, str], list[tuple[Certificate, Offer | None]]]:
    """Certificates by supplier and label, each with the offer it names."""
    query = select(Certificate, Offer).outerjoin(Offer, col(Offer.code) == col(Certificate.offer))
    found: defaultdict[tuple[str, str], list[tuple[Certificate, Offer | None]]] = defaultdict(list)
    for certificate, offer in session.exec(query):
        found[certificate.supplier, certificate.label].append((certificate, offer))
    return found
