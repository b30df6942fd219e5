"""Volumes and prices that a producer announces for the weeks to come, and what the buyer does of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.errors import ConflictError, NotFoundError
from cantine.french import fold
from cantine.orders.models import Announcement, PurchaseOrder
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.price_week import sell_for_a_week

WEEKS = 4
SHOWN = 200
SUBJECT = "annonce"
GONE = "Cette annonce n'existe pas, ou plus."
NO_OFFER = (
    "Cette annonce ne nomme aucun produit du marché : ajoutez d'abord l'offre « {} » de ce fournisseur."
)
APPLIED = "Cette annonce est déjà reprise dans le marché."


@dataclass(frozen=True)
class Told:
    """What is announced for a week; None: not said."""

    packs: int | None
    price_ht: Decimal | None

    @property
    def empty(self) -> bool:
        """Whether nothing is said."""
        return self.packs is None and self.price_ht is None


@dataclass(frozen=True)
class Shown:
    """One announcement as the buyer reads it, beside the offer it speaks of."""

    row: Announcement
    supplier: str
    offer: Offer | None

    @property
    def friday(self) -> date:
        """Last day to cook it."""
        return self.row.week + timedelta(days=4)

    @property
    def grams(self) -> int | None:
        """Weight announced, where the pack is known."""
        if self.offer is None or self.row.packs is None:
            return None
        return self.row.packs * self.offer.pack_g

    @property
    def difference_ht(self) -> Decimal | None:
        """Euros more (or less) for a pack than the offer says."""
        if self.offer is None or self.row.price_ht is None:
            return None
        return self.row.price_ht - self.offer.price_ht


def coming_weeks(today: date) -> list[date]:
    """Mondays of the four weeks after this one."""
    monday = today - timedelta(days=today.weekday())
    return [monday + timedelta(weeks=n) for n in range(1, WEEKS + 1)]


def announced(session: Session, supplier: str, offer: str | None, name: str, first: date) -> dict[date, Told]:
    """What a supplier said of a product, by week from ``first`` on."""
    rows = _of_product(session, supplier, offer, name)
    return {row.week: Told(row.packs, row.price_ht) for row in rows if row.week >= first}


def announce(
    session: Session,
    *,
    supplier: str,
    offer: str | None,
    name: str,
    weeks: Mapping[date, Told],
    note: str,
    link: int | None,
    now: datetime,
) -> int:
    """Keep what a supplier announces of a product; said again, it takes the place of what was said.

    A week left blank is taken back; what the buyer took over already is kept beside.

    Returns:
        How many weeks are announced.
    """
    known = {row.week: row for row in _of_product(session, supplier, offer, name) if row.applied_at is None}
    for week, told in weeks.items():
        row = known.get(week)
        if told.empty:
            if row is not None:
                session.delete(row)
            continue
        row = row or Announcement(supplier=supplier, offer=offer, name=name, week=week, at=now)
        if (row.packs, row.price_ht, row.note) != (told.packs, told.price_ht, note):
            row.seen_at = row.seen_by = None
            row.at = now
        row.packs, row.price_ht, row.note, row.link = told.packs, told.price_ht, note, link
        session.add(row)
    return sum(not told.empty for told in weeks.values())


def announcements_for(session: Session, kitchen: str, today: date) -> list[Shown]:
    """What the suppliers of a kitchen announce for this week and later, new ones first."""
    suppliers = select(PurchaseOrder.supplier).where(PurchaseOrder.kitchen == kitchen)
    monday = today - timedelta(days=today.weekday())
    query = (
        select(Announcement, Supplier.name)
        .join(Supplier, col(Supplier.code) == col(Announcement.supplier))
        .where(col(Announcement.supplier).in_(suppliers), Announcement.week >= monday)
        .order_by(
            col(Announcement.seen_at).is_not(None),
            col(Announcement.week),
            col(Supplier.name),
            col(Announcement.id),
        )
        .limit(SHOWN)
    )
    return [
        Shown(row, name, session.get(Offer, row.offer) if row.offer else None)
        for row, name in session.exec(query)
    ]


def see(session: Session, row: Announcement, by: int | None, now: datetime) -> None:
    """Somebody read it."""
    if row.seen_at is None:
        row.seen_at, row.seen_by = now, by
        session.add(row)


def take_over(session: Session, row: Announcement, kitchen: str, by: int | None, now: datetime) -> Offer:
    """Sell the product at what was announced, for that week: the buyer's decision, kept in the journal.

    Returns:
        The offer of that week.

    Raises:
        ConflictError: done already, or the announcement names no product of the market.
    """
    session.refresh(row, with_for_update=True)
    if row.applied_at is not None:
        raise ConflictError(APPLIED)
    offer = session.get(Offer, row.offer, with_for_update=True) if row.offer else None
    if offer is None:
        raise ConflictError(NO_OFFER.format(row.name))
    before = {"prix": str(offer.price_ht), "colis par semaine": offer.weekly_packs}
    sold = sell_for_a_week(session, offer, row.week, packs=row.packs, price_ht=row.price_ht)
    row.applied_at = now
    see(session, row, by, now)
    session.add(row)
    journal.record(
        session,
        user_id=by,
        kitchen=kitchen,
        subject=SUBJECT,
        key=f"{offer.code}/{row.week.isoformat()}",
        before=before,
        after={"offre": sold.code, "prix": str(sold.price_ht), "colis par semaine": sold.weekly_packs},
        now=now,
    )
    return sold


def get_announcement(session: Session, number: int, kitchen: str) -> Announcement:
    """An announcement of a supplier of a kitchen.

    Raises:
        NotFoundError: none such.
    """
    row = session.get(Announcement, number)
    mine = select(PurchaseOrder.id).where(PurchaseOrder.kitchen == kitchen)
    if row is None or session.exec(mine.where(PurchaseOrder.supplier == row.supplier)).first() is None:
        raise NotFoundError(GONE)
    return row


def _of_product(session: Session, supplier: str, offer: str | None, name: str) -> list[Announcement]:
    query = select(Announcement).where(Announcement.supplier == supplier).order_by(col(Announcement.id))
    if offer is not None:
        return list(session.exec(query.where(Announcement.offer == offer)))
    unnamed = session.exec(query.where(col(Announcement.offer).is_(None)))
    return [row for row in unnamed if fold(row.name) == fold(name)]
