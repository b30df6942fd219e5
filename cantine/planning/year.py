"""The year so far: what a kitchen declared, what it bought since, and the purchases still planned."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.egalim.words import DECLARED, SOURCES
from cantine.egalim.year import Declared, KitchenYear, Purchases, kitchen_year
from cantine.foods.models import Food
from cantine.kitchens.models import Kitchen
from cantine.orders.models import OrderLine, Purchase, PurchaseOrder
from cantine.planning.models import PlannedPurchase
from cantine.planning.store import NOTHING_GONE, Bought, Gone, source_of, staying
from cantine.suppliers.models import Offer
from cantine.suppliers.prices import load_seasons, offer_code
from optim import instance as question
from optim.plan import Plan
from optim.terms import MEAT_FISH, Label

WHOLE = ("import", "generation")
"""Sources that tell a whole time at once: what was planned for it is in them."""
RECEIVED = ("recu", "facture")
"""States of an order that came in."""


@dataclass(frozen=True)
class YearSoFar:
    """Purchases of a calendar year, told apart by what is known of them."""

    year: int
    known: KitchenYear
    """Declared, then bought: see ``egalim.year``."""
    planned: Purchases
    """Purchases of the accepted menus that are in neither, by date of delivery."""

    @property
    def declared(self) -> Declared | None:
        """Totals given for the time before the system knew."""
        return self.known.declared

    @property
    def bought(self) -> Purchases:
        """Everything together."""
        return self.planned + self.known.bought

    @property
    def parts(self) -> tuple[tuple[int, str], ...]:
        """Cents HT and how far they are known, in words."""
        found = []
        if self.declared:
            words = f"{DECLARED[self.declared.origin]} jusqu'au {self.declared.until:%d/%m}"
            found.append((self.declared.purchases.total, words))
        sources = self.known.figures.sources
        found += [(round(sources[code] * 100), words) for code, words in SOURCES.items() if sources.get(code)]
        if self.planned.total:
            found.append((self.planned.total, "prévus"))
        return tuple(found)


def year_before(
    session: Session, kitchen: str, replanned: Collection[date], left: Gone = NOTHING_GONE
) -> YearSoFar:
    """What the year holds before the first of these dates, which are planned again.

    The year is that of its first service: a plan that crosses New Year counts whole in the year
    it starts in. Purchases that planning these dates again would replace are left out; what was ordered for
    them counts, whenever it comes.
    """
    first = min(replanned)
    rows = staying(session, kitchen, replanned, left)
    spent = [(row, o) for row, o in rows if row.delivery < first or (row.offer, row.delivery) in left.orders]
    last = max(first - timedelta(days=1), last_received(session, kitchen, first.year))
    return _year(session, kitchen, first.year, last, date.max, spent)


def year_until(session: Session, kitchen: str, year: int, last: date) -> YearSoFar:
    """What a year holds once the deliveries of a date are in, as it is planned now."""
    rows = session.exec(
        select(PlannedPurchase, Offer)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .where(PlannedPurchase.kitchen == kitchen)
    ).all()
    return _year(session, kitchen, year, last, last, rows)


def year_with(session: Session, kitchen: str, plan: Plan, year: int, last: date) -> YearSoFar:
    """The same with a proposal: its purchases in place of those it replaces, beside the orders it uses."""
    used = (source_of(use.lot) for use in plan.uses if use.lot)
    left = Gone(frozenset((offer, delivery) for offer, delivery, _ in used if offer and delivery))
    rows = [*staying(session, kitchen, list(plan.by_day), left), *_bought(session, kitchen, plan)]
    return _year(session, kitchen, year, last, last, rows)


def _bought(session: Session, kitchen: str, plan: Plan) -> Iterator[Bought]:
    """The purchases of a plan as rows, not yet written."""
    codes = {offer_code(purchase.offer) for purchase in plan.purchases}
    offers = {row.code: row for row in session.exec(select(Offer).where(col(Offer.code).in_(codes)))}
    seasons = load_seasons(session)
    for p in plan.purchases:
        offer = offers[offer_code(p.offer)]
        price = seasons.price_on(offer, p.delivery)
        yield (
            PlannedPurchase(
                kitchen=kitchen, delivery=p.delivery, offer=offer.code, packs=p.packs, price_ht=price
            ),
            offer,
        )


def egalim_of(kitchen: Kitchen, year: YearSoFar) -> question.Egalim:
    """The trajectory of a kitchen: the year so far and the targets of its manager."""
    past = year.bought
    return question.Egalim(
        past_cents=past.total,
        past_egalim_cents=past.egalim,
        past_bio_cents=past.bio,
        past_meat_fish_cents=past.meat_fish,
        past_meat_fish_egalim_cents=past.meat_fish_egalim,
        target_egalim_permille=kitchen.target_egalim_permille,
        target_bio_permille=kitchen.target_bio_permille,
        target_meat_fish_permille=kitchen.target_meat_fish_permille,
    )


def last_received(session: Session, kitchen: str, year: int) -> date:
    """The last day on which something ordered came in; the eve of the year while nothing has."""
    statement = select(func.max(Purchase.date)).where(
        Purchase.kitchen == kitchen,
        col(Purchase.order_line).is_not(None),
        col(Purchase.date).between(date(year, 1, 1), date(year, 12, 31)),
    )
    return session.exec(statement).one() or date(year - 1, 12, 31)


def _year(
    session: Session, kitchen: str, year: int, known: date, last: date, rows: Iterable[Bought]
) -> YearSoFar:
    """The year: what is known until a day, then what is planned until another and did not come in yet."""
    found = kitchen_year(session, kitchen, year, known)
    since = max(
        date(year, 1, 1), *(day + timedelta(days=1) for day in _told_until(session, kitchen, found, known))
    )
    came = _came_in(session, kitchen, since)
    kept = [
        (row, offer)
        for row, offer in rows
        if since <= row.delivery <= last
        and row.delivery.year == year
        and (row.offer, row.delivery) not in came
    ]
    foods = {offer.food for _, offer in kept}
    families = dict(session.exec(select(Food.code, Food.family).where(col(Food.code).in_(foods))).all())
    lines = (_line(row.packs, row.price_ht, offer, families[offer.food]) for row, offer in kept)
    return YearSoFar(year, found, sum(lines, Purchases()))


def _told_until(session: Session, kitchen: str, found: KitchenYear, known: date) -> Iterator[date]:
    """Days until which everything bought was told from outside: the totals declared, the files imported."""
    if found.declared:
        yield found.declared.until
    statement = select(func.max(Purchase.date)).where(
        Purchase.kitchen == kitchen, col(Purchase.source).in_(WHOLE), col(Purchase.date) <= known
    )
    yield session.exec(statement).one() or date.min


def _came_in(session: Session, kitchen: str, since: date) -> set[tuple[str, date]]:
    """Offers and deliveries of orders that were received: the purchases hold what they came to."""
    statement = (
        select(col(OrderLine.offer), col(PurchaseOrder.delivery))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order))
        .outerjoin(Purchase, col(Purchase.order_line) == col(OrderLine.id))
        .where(
            PurchaseOrder.kitchen == kitchen,
            col(PurchaseOrder.delivery) >= since,
            col(PurchaseOrder.state).in_(RECEIVED) | col(Purchase.id).is_not(None),
        )
    )
    return set(session.exec(statement).all())


def _line(packs: int, price_ht: Decimal, offer: Offer, family: str) -> Purchases:
    cents = round(price_ht * packs * 100)
    labelled, meat = bool(offer.labels), family in MEAT_FISH
    return Purchases(
        total=cents,
        egalim=cents * labelled,
        bio=cents * (Label.BIO in offer.labels),
        meat_fish=cents * meat,
        meat_fish_egalim=cents * (meat and labelled),
    )
