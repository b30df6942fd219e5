"""The store and the plan agree: nothing delivered, issued or counted is counted twice by the next plan."""

from collections import Counter
from datetime import date, timedelta
from functools import partial

from sqlmodel import Session, col, select

from cantine.db import transaction
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.orders import life
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.store import source_of, staying, stock_at
from cantine.stores import closing, inventories, ledger, receptions
from cantine.suppliers.models import Offer, StockLot
from tests.cantine.orders import order_of
from tests.cantine.site import NOW, OWN, Site

ACTOR = life.Actor(who="essai")


def planned(session: Session) -> PlannedPurchase:
    """A delivery that feeds two meals at least."""
    meals: Counter[tuple[str, date]] = Counter()
    for use in session.exec(select(PlannedUse).where(PlannedUse.kitchen == OWN)):
        if use.offer and use.delivery:
            meals[use.offer, use.delivery] += 1
    (offer, delivery), _ = meals.most_common(1)[0]
    return session.get_one(PlannedPurchase, (OWN, delivery, offer))


def feeds(session: Session, row: PlannedPurchase) -> list[PlannedUse]:
    """What the delivery feeds, by date."""
    query = select(PlannedUse).where(
        PlannedUse.kitchen == OWN, PlannedUse.offer == row.offer, PlannedUse.delivery == row.delivery
    )
    return list(session.exec(query.order_by(col(PlannedUse.date))))


def receive(session: Session, row: PlannedPurchase, *, accepted: float = 1) -> StockLot:
    """Order it, receive it (a part), close; its lot."""
    order = order_of(session, (row.offer, row.packs), delivery=row.delivery)
    life.approve(session, order, ACTOR, NOW)
    who = Stamp(None, NOW, row.delivery, 0)
    reception = receptions.start(session, OWN, order.id or 0, who)
    (line,) = receptions.lines_of(session, reception)
    line.delivered_g = line.accepted_g = round(line.ordered_g * accepted)
    line.use_by = date(2027, 12, 31)
    closing.close(session, reception, who)
    return session.get_one(StockLot, (OWN, session.get_one(Offer, row.offer).food, date(2027, 12, 31)))


def there(session: Session, food: str, dates: list[date]) -> Counter[str]:
    """Grams of a food that a plan of these dates finds, from lots and from deliveries."""
    found: Counter[str] = Counter()
    for lot in stock_at(session, OWN, dates):
        if lot.food == food:
            found["livraison" if source_of(lot.code)[0] else "stock"] += lot.grams
    return found


def after(session: Session, day: date) -> list[date]:
    """Meals of the block from a day on."""
    query = select(Service.date).where(Service.kitchen == OWN, Service.date >= day)
    return list(session.exec(query.order_by(col(Service.date))))


def test_a_delivery_received_is_counted_once(bought_site: Site) -> None:
    """Before: the delivery; after: its lot, less what the other meals still take of it."""
    with transaction(bought_site.engine) as session:
        row = planned(session)
        uses = feeds(session, row)
        food, last = uses[0].food, uses[-1].date
        before = there(session, food, after(session, last))
        lot = receive(session, row)
        now = there(session, food, after(session, last))
        assert sum(now.values()) == sum(before.values())
        assert now["livraison"] == before["livraison"] - (lot.grams - sum(u.grams for u in uses[:-1]))
        kept = {(one.offer, one.delivery) for one, _ in staying(session, OWN, after(session, row.delivery))}
        assert (row.offer, row.delivery) in kept


def test_a_meal_that_was_given_its_food_takes_it_once(bought_site: Site) -> None:
    """Issued as planned or not: the lot says what is left; planned again, the meal finds what it holds."""
    with transaction(bought_site.engine) as session:
        row = planned(session)
        first, *others = feeds(session, row)
        lot = receive(session, row)
        later = [day for day in after(session, first.date) if day != first.date]
        everything = [first.date, *later]
        whole = there(session, first.food, everything)["stock"]
        rest = there(session, first.food, later)["stock"]
        assert rest == whole - first.grams
        give = partial(
            ledger.move,
            session,
            kitchen=OWN,
            food=first.food,
            expires_on=lot.expires_on,
            kind=ledger.ISSUE,
            date=first.date,
            at=NOW,
            user_id=None,
            service_date=first.date,
        )
        give(grams=-first.grams)
        assert there(session, first.food, later)["stock"] == rest
        give(grams=-700)
        assert there(session, first.food, later)["stock"] == rest - 700
        assert there(session, first.food, everything)["stock"] == whole
        assert others


def test_a_refused_delivery_no_longer_comes(bought_site: Site) -> None:
    """Nothing accepted: the plan finds nothing of it."""
    with transaction(bought_site.engine) as session:
        row = planned(session)
        uses = feeds(session, row)
        days = after(session, uses[-1].date)
        before = there(session, uses[0].food, days)["livraison"]
        gone = row.packs * session.get_one(Offer, row.offer).pack_g - sum(use.grams for use in uses[:-1])
        session.add(
            StockLot(
                kitchen=OWN, food=uses[0].food, expires_on=date(2027, 12, 31), grams=0, price_ht_per_kg=1
            )
        )
        receive(session, row, accepted=0)
        assert there(session, uses[0].food, days)["livraison"] == before - gone


def test_a_count_made_after_a_meal_holds_what_it_left(bought_site: Site) -> None:
    """A lot counted: the meals before the count are in the figure, those after it are still to come."""
    with transaction(bought_site.engine) as session:
        row = planned(session)
        uses = feeds(session, row)
        lot = receive(session, row)
        assert len(uses) > 1
        who = Stamp(None, NOW, uses[0].date + timedelta(days=1), 0)
        inventory = inventories.begin(session, OWN, "", who)
        key = f"{lot.food}@{lot.expires_on.isoformat()}"
        inventories.count(session, inventory, {key: lot.grams - 1_000}, {})
        inventories.validate(session, inventory, who)
        counted = session.get_one(StockLot, (OWN, lot.food, lot.expires_on)).grams
        days = [day for day in after(session, uses[-1].date) if day > uses[-1].date]
        still = sum(use.grams for use in uses if use.date >= who.today)
        assert sum(one.grams for one in stock_at(session, OWN, days) if one.code == key) == counted - still
