"""What is kept from one list of a supplier to the next: columns, options, foods; and what a list meets."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.foods.models import Food
from cantine.kitchens.models import Commune
from cantine.kitchens.settings import load_settings
from cantine.suppliers.models import Offer, PriceImport, PriceMapping, PriceMatch, Supplier
from cantine.suppliers.price_columns import Columns
from cantine.suppliers.price_compare import Ground, Said
from cantine.suppliers.price_match import Pantry, Shelf
from cantine.suppliers.price_reading import ListOptions
from cantine.suppliers.price_terms import place_word


def get_supplier(session: Session, code: str, *, hold: bool = False) -> Supplier:
    """One supplier; held, whoever else loads a list of theirs waits.

    Raises:
        NotFoundError: no such supplier.
    """
    supplier = session.get(Supplier, code, with_for_update=hold or None, populate_existing=hold)
    if supplier is None:
        raise NotFoundError(f"Le fournisseur « {code} » n'existe pas.")
    return supplier


def remembered(session: Session, supplier: str) -> tuple[dict[str, str], ListOptions]:
    """Columns and options of the last list; nothing and the usual ones before the first."""
    row = session.get(PriceMapping, supplier)
    if row is None:
        return {}, ListOptions()
    known = {one.name for one in fields(ListOptions)}
    options = {name: value for name, value in json.loads(row.options).items() if name in known}
    return json.loads(row.columns), ListOptions(**options)


def remember(
    session: Session,
    supplier: str,
    columns: Columns,
    options: ListOptions,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Keep how this list was read."""
    session.merge(
        PriceMapping(
            supplier=supplier,
            columns=json.dumps(dict(columns), ensure_ascii=False),
            options=json.dumps(asdict(options), ensure_ascii=False),
            updated_at=now,
            updated_by=by,
        )
    )


def remember_lines(
    session: Session,
    supplier: str,
    said: Mapping[str, Said],
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Keep what each line is, by its key."""
    for key, one in said.items():
        session.merge(PriceMatch(supplier=supplier, key=key, food=one.food, offer=one.offer, at=now, by=by))


def load_ground(session: Session, supplier: str, options: ListOptions, said: Mapping[str, Said]) -> Ground:
    """What a list of this supplier is set against; ``said`` is what people say of its lines just now."""
    offers = list(session.exec(select(Offer).where(Offer.supplier == supplier)))
    matches = session.exec(select(PriceMatch).where(PriceMatch.supplier == supplier))
    known = {match.key: Said(match.food, match.offer) for match in matches} | dict(said)
    pantry = Pantry(session.exec(select(Food).order_by(col(Food.code))))
    return Ground(Shelf(offers), pantry, known, _usual(offers, options.lot))


def _usual(offers: Iterable[Offer], lot: str) -> dict[str, Any]:
    """Columns of a new offer: the supplier's place in the chain, and its rank in the lot."""
    offers = list(offers)
    chain = Counter(offer.intermediaries for offer in offers).most_common(1)
    ranks = {offer.lot_rank for offer in offers if offer.lot == lot and offer.lot_rank is not None}
    found: dict[str, Any] = {"lot": lot or None, "lot_rank": min(ranks, default=None) if lot else None}
    return found | ({"intermediaries": chain[0][0]} if chain else {})


def french_places(session: Session) -> frozenset[str]:
    """Words for places of France that a list of this département may name."""
    names = [*session.exec(select(Commune.name)), load_settings(session).departement_name]
    return frozenset(place_word(name) for name in names if name)


def applied_before(session: Session, supplier: str, sha256: str) -> PriceImport | None:
    """When this very file was last applied."""
    query = select(PriceImport).where(PriceImport.supplier == supplier, PriceImport.sha256 == sha256)
    return session.exec(query.order_by(col(PriceImport.id).desc())).first()


def last_imports(session: Session) -> dict[str, PriceImport]:
    """The last list of each supplier."""
    return {row.supplier: row for row in session.exec(select(PriceImport).order_by(col(PriceImport.id)))}
