"""An offer that changes for one week: what was before closes the day before, and comes back the day after.

As with a supplier's list, plans and orders keep the offer they were made with.
"""

import re
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.errors import ConflictError
from cantine.suppliers.models import Offer

DAY, SUNDAY = timedelta(days=1), timedelta(days=6)
NUMBERED = re.compile(r"-\d+$")
OVER = "« {} » ne se vend plus cette semaine-là : reprenez l'annonce dans le tarif du fournisseur."


def sell_for_a_week(
    session: Session, offer: Offer, monday: date, *, packs: int | None, price_ht: Decimal | None
) -> Offer:
    """Sell a product at a price, or within a volume, from a Monday to its Sunday.

    Args:
        session: never committed here.
        offer: any offer of the product; the one in force that week is changed.
        monday: first day.
        packs: packs of the week; None: as before.
        price_ht: price of a pack; None: as before.

    Returns:
        The offer of that week.

    Raises:
        ConflictError: the product is not sold that week.
    """
    sunday, before = monday + SUNDAY, _in_force(session, offer, monday)
    first, last = before.valid_from, before.valid_to
    week = before
    if first < monday:
        week = _copy(session, before, max(first, monday), min(last, sunday))
        before.valid_to = monday - DAY
    if last > sunday:
        if week is before:
            before.valid_to = sunday
        _copy(session, before, sunday + DAY, last)
    if packs is not None:
        week.weekly_packs = packs
    if price_ht is not None:
        week.price_ht, week.estimated_price = price_ht, False
    session.add_all((before, week))
    session.flush()
    return week


def _in_force(session: Session, offer: Offer, monday: date) -> Offer:
    """The offer of the same product on sale that week, the latest begun."""
    same = select(Offer).where(
        Offer.supplier == offer.supplier,
        Offer.food == offer.food,
        Offer.pack_g == offer.pack_g,
        Offer.origin_country == offer.origin_country,
        Offer.valid_from <= monday + SUNDAY,
        Offer.valid_to >= monday,
    )
    found = session.exec(same.order_by(col(Offer.valid_from).desc()).with_for_update()).all()
    mine = [one for one in found if set(one.labels) == set(offer.labels)]
    if not mine:
        raise ConflictError(OVER.format(offer.name))
    return mine[0]


def _copy(session: Session, offer: Offer, first: date, last: date) -> Offer:
    """The same offer for other days, under the code of the product with a number nobody has."""
    stem, number = NUMBERED.sub("", offer.code), 1
    while session.get(Offer, code := f"{stem}-{number}") is not None:
        number += 1
    made = Offer(**(offer.model_dump() | {"code": code, "valid_from": first, "valid_to": last}))
    session.add(made)
    session.flush()
    return made
