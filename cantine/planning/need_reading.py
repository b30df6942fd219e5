"""Reads the needs of a kitchen: drafts brought to the plan of now, what has no draft yet, what is ordered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.foods.models import Food
from cantine.kitchens.headcount import get_kitchen
from cantine.menus.grid import Days, load_days, monday_of
from cantine.menus.signs import signs_of
from cantine.orders.life import lines_of
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.states import COMMITTED
from cantine.planning.credit import Credit, credit_of
from cantine.planning.drafts import Draft, drafts_of
from cantine.planning.need import Eaters, Need, NeedLine, NeedVisit
from cantine.planning.order_lines import Market
from cantine.planning.purchases import Feeds, Use, dishes_by_food, uses_of_purchases
from cantine.planning.wanted import mark_of, wanted
from cantine.suppliers.models import Offer, StockLot, Supplier
from cantine.suppliers.ordering import Ordering
from optim.terms import Label, Niveau

CLASSES: Mapping[Niveau, tuple[str, str]] = {
    Niveau.MATERNELLE: ("maternelle", "maternelles"),
    Niveau.ELEMENTAIRE: ("élémentaire", "élémentaires"),
    Niveau.COLLEGE: ("collégien", "collégiens"),
    Niveau.ADULTE: ("adulte", "adultes"),
}


def load_need(session: Session, kitchen: str, ordering: Ordering, bread: str, asked: date | None) -> Need:
    """The needs of the week of deliveries asked for, else of the first one that has some.

    Raises:
        NotFoundError: no such kitchen.
    """
    today = ordering.today
    reader = _Reader(session, kitchen, ordering, bread)
    visits = reader.visits()
    weeks: defaultdict[date, list[NeedVisit]] = defaultdict(list)
    for visit in visits:
        weeks[monday_of(visit.delivery)].append(visit)
    still = [monday for monday, found in weeks.items() if any(v.lines and not v.late for v in found)]
    week = asked if asked in weeks else next(iter(still or weeks), None)
    chosen = tuple(weeks[week]) if week else ()
    credit = credit_of(session, reader.days, max(week, today)) if week else None
    return Need(
        week=week,
        weeks=tuple(
            (monday, sum(bool(v.lines) for v in found), sum((v.total_ht for v in found), Decimal(0)))
            for monday, found in weeks.items()
        ),
        visits=chosen,
        others_ttc=_others_ttc(visits, chosen, credit),
        credit=credit,
        mark=mark_of(reader.asked.values()),
        eaters={
            use.date: eaters_of(reader.days, use.date)
            for visit in chosen
            for line in visit.lines
            for use in line.uses
        },
    )


def _others_ttc(visits: Iterable[NeedVisit], chosen: Sequence[NeedVisit], credit: Credit | None) -> Decimal:
    if credit is None:
        return Decimal(0)
    later = (v for v in visits if v not in chosen and v.delivery.replace(day=1) == credit.month)
    return sum((visit.total_ttc for visit in later), credit.bound_ttc)


class _Reader:
    """Everything read once for the needs of a kitchen."""

    def __init__(self, session: Session, kitchen: str, ordering: Ordering, bread: str) -> None:
        self.session, self.kitchen, self.ordering = session, kitchen, ordering
        today = ordering.today
        self.days = load_days(session, get_kitchen(session, kitchen), today)
        self.asked = wanted(session, kitchen, today)
        self.drafts = drafts_of(session, kitchen, today)
        self.market = Market.load(session, kitchen, today)
        feeds: Feeds = dishes_by_food(session, kitchen, today)
        self.uses = uses_of_purchases(session, kitchen, feeds, bread)
        self.stock = _stock(session, kitchen, today)
        self.foods = {food.code: food for food in session.exec(select(Food))}
        self.suppliers = {row.code: row for row in session.exec(select(Supplier))}
        self.bound = self._bound(monday_of(today))

    def visits(self) -> list[NeedVisit]:
        """Every delivery to come, by day then supplier."""
        lines = self._lines()
        places = {*lines, *self.bound}
        order = sorted(places, key=lambda v: (v[1], self.suppliers[v[0]].name))
        return [self._visit(place, lines.get(place, [])) for place in order]

    def _bound(self, first: date) -> dict[tuple[str, date], list[tuple[PurchaseOrder, Decimal]]]:
        found: defaultdict[tuple[str, date], list[tuple[PurchaseOrder, Decimal]]] = defaultdict(list)
        rows = self.session.exec(
            select(PurchaseOrder)
            .where(
                PurchaseOrder.kitchen == self.kitchen,
                col(PurchaseOrder.state).in_(COMMITTED),
                PurchaseOrder.delivery >= first,
            )
            .order_by(col(PurchaseOrder.id))
        )
        for order in rows:
            total = sum((line.total_ht for line in lines_of(self.session, order)), Decimal(0))
            found[order.supplier, order.delivery].append((order, total))
        return found

    def _lines(self) -> dict[tuple[str, date], list[NeedLine]]:
        """Lines of the drafts, brought to the plan of now, and of what has no draft yet."""
        found: defaultdict[tuple[str, date], list[NeedLine]] = defaultdict(list)
        left = dict(self.asked)
        for draft in self.drafts:
            for line in draft.lines:
                want = None if draft.staples else left.pop((line.offer, draft.order.delivery), None)
                shown = OrderLine(**line.model_dump())
                if not draft.staples:
                    asked = want.packs if want else 0
                    by_hand = line.packs != line.theoretical_packs
                    shown.packs = line.packs if by_hand else asked
                    shown.theoretical_packs, shown.needed_g = asked, want.needed_g if want else 0
                if shown.packs or shown.theoretical_packs:
                    found[draft.visit].append(self._need(shown, draft.staples, draft.order.delivery))
        for want in left.values():
            line = self.market.line(want)
            found[want.offer.supplier, want.delivery].append(self._need(line, False, want.delivery))
        return found

    def _need(self, line: OrderLine, staples: bool, delivery: date) -> NeedLine:
        labels = {Label(label) for label in line.labels}
        offer_row = self._supplier_of(line.offer)
        return NeedLine(
            cell=(staples, line.offer, delivery),
            line=line,
            food=self.foods[line.food],
            supplier=offer_row,
            stock_g=self.stock[line.food],
            signs=signs_of(labels, line.local_km, vegetarian=False),
            uses=() if staples else tuple(sorted(self.uses.get((line.offer, delivery), ()), key=_day)),
        )

    def _supplier_of(self, offer: str) -> Supplier:
        known = self.market.items.get(offer)
        if known:
            return self.suppliers[known[0].offer.supplier]
        return self.suppliers[self.session.get_one(Offer, offer).supplier]

    def _visit(self, place: tuple[str, date], lines: list[NeedLine]) -> NeedVisit:
        supplier = self.suppliers[place[0]]
        mine = [draft for draft in self.drafts if draft.visit == place]
        bound = self.bound.get(place, [])
        fee = max((d.order.fee_ht for d in mine), default=Decimal(0) if bound else supplier.delivery_fee_ht)
        return NeedVisit(
            supplier=supplier,
            delivery=place[1],
            ordering=self.ordering,
            lines=tuple(lines),
            bound=tuple(bound),
            versions=tuple((draft.place, draft.order.version) for draft in mine),
            fee_ht=fee,
            grouped_ht=grouped_ht(self.session, [draft for draft in mine if draft.order.group]),
        )


def _day(use: Use) -> date:
    return use.date


def grouped_ht(session: Session, drafts: Iterable[Draft]) -> Decimal:
    """Euros that the other kitchens' orders of the same groups bring."""
    total = Decimal(0)
    for draft in drafts:
        others = session.exec(
            select(PurchaseOrder).where(
                PurchaseOrder.group == draft.order.group,
                PurchaseOrder.id != draft.order.id,
                PurchaseOrder.state != "annule",
            )
        )
        total += sum((line.total_ht for order in others for line in lines_of(session, order)), Decimal(0))
    return total


def _stock(session: Session, kitchen: str, today: date) -> Counter[str]:
    rows = session.exec(
        select(col(StockLot.food), func.sum(col(StockLot.grams)))
        .where(StockLot.kitchen == kitchen, StockLot.expires_on >= today)
        .group_by(col(StockLot.food))
    )
    return Counter({food: int(grams) for food, grams in rows})


def eaters_of(days: Days, day: date) -> Eaters:
    """Who eats on a day; « 420 repas : 400 collégiens, 20 adultes »."""
    diners = {niveau: count for niveau, count in days.diners(day).items() if count}
    meals = sum(diners.values())
    classes = ", ".join(f"{count} {CLASSES[niveau][count > 1]}" for niveau, count in diners.items())
    return Eaters(meals, f"{meals} repas : {classes}" if meals else "aucun repas")
