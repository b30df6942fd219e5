"""Figures of the purchase list: packs to order, by supplier and delivery, and what they feed."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlmodel import Session, col, select

from cantine import french
from cantine.foods.models import Food
from cantine.kitchens.models import ClosedDay
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.reports.head import Head, make_head, period_words
from cantine.reports.reading import Reading
from cantine.reports.signs import LABEL_SIGNS, SIGN_WORDS
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.prices import estimated_on
from optim.terms import Label
from optim.units import PERMILLE

CENT = Decimal("0.01")
SATURDAY = 6
FEE_VAT_PERMILLE = 55
"""A delivery fee is an accessory of the goods and follows their rate (CGI, art. 267)."""
MANY_SERVICES = 3

STORAGE_WORDS = {
    "legumerie": "légumerie",
    "froid_positif": "froid positif",
    "froid_negatif": "froid négatif",
    "epicerie": "épicerie",
    "pain": "pain",
}


@dataclass(frozen=True)
class PurchaseLine:
    """Packs of one reference; grams and euros."""

    name: str
    labels: str
    packs: int
    pack: str
    grams: int
    price_ht: Decimal
    total_ht: Decimal
    vat_permille: int
    feeds: str
    storage: str
    estimated: bool
    """Whether the price is a guess: its week is over, or the supplier says so."""


@dataclass(frozen=True)
class Delivery:
    """One order: a supplier on a day.

    Attributes:
        vat: rate per mille and amount.
        missing_ht: euros under the supplier's minimum, 0 if it is reached.
    """

    day: str
    deadline: str
    too_late: bool
    lines: tuple[PurchaseLine, ...]
    fee_ht: Decimal
    total_ht: Decimal
    vat: tuple[tuple[int, Decimal], ...]
    minimum_ht: Decimal
    missing_ht: Decimal

    @property
    def total_ttc(self) -> Decimal:
        """Euros, VAT included."""
        return self.total_ht + sum((amount for _, amount in self.vat), Decimal(0))


@dataclass(frozen=True)
class SupplierOrders:
    """All the orders to one supplier."""

    name: str
    contact: str
    terms: str
    deliveries: tuple[Delivery, ...]

    @property
    def total_ht(self) -> Decimal:
        """Euros, fees included."""
        return sum((delivery.total_ht for delivery in self.deliveries), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros, fees and VAT included."""
        return sum((delivery.total_ttc for delivery in self.deliveries), Decimal(0))

    @property
    def below_minimum(self) -> int:
        """Orders the supplier may refuse."""
        return sum(delivery.missing_ht > 0 for delivery in self.deliveries)


@dataclass(frozen=True)
class PurchaseList:
    """What to order over a period."""

    head: Head
    suppliers: tuple[SupplierOrders, ...]

    @property
    def total_ht(self) -> Decimal:
        """Euros of all suppliers."""
        return sum((supplier.total_ht for supplier in self.suppliers), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros of all suppliers, VAT included."""
        return sum((supplier.total_ttc for supplier in self.suppliers), Decimal(0))


Row = tuple[PlannedPurchase, Offer, Supplier, Food]


@dataclass(frozen=True)
class _Agenda:
    """What a delivery needs beside its rows: services fed, public holidays, today."""

    feeds: Mapping[tuple[str, date], list[date]]
    holidays: Container[date]
    today: date


def purchase_list(session: Session, reading: Reading, first: date, last: date, today: date) -> PurchaseList:
    """Deliveries planned between two dates; deadlines before ``today`` are said to be passed."""
    kitchen = reading.kitchen.code
    rows = session.exec(
        select(PlannedPurchase, Offer, Supplier, Food)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .join(Food, col(Food.code) == col(Offer.food))
        .where(PlannedPurchase.kitchen == kitchen, col(PlannedPurchase.delivery).between(first, last))
        .order_by(col(PlannedPurchase.delivery), col(Offer.name))
    ).all()
    holidays = {row.date for row in session.exec(select(ClosedDay).where(ClosedDay.kind == "ferie"))}
    agenda = _Agenda(_feeds(session, kitchen, first, last), holidays, today)
    by_supplier: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_supplier[row[2].code].append(row)
    orders = [_supplier(rows, agenda) for rows in by_supplier.values()]
    return PurchaseList(
        head=make_head(
            reading, "Achats à commander", f"livraisons {period_words(first, last)}", "achats planifiés"
        ),
        suppliers=tuple(sorted(orders, key=lambda order: order.name)),
    )


def feeding_deliveries(session: Session, kitchen: str, first: date, last: date) -> tuple[date, date] | None:
    """First and last deliveries that feed the services between two dates."""
    days = session.exec(
        select(col(PlannedUse.delivery)).where(
            PlannedUse.kitchen == kitchen,
            col(PlannedUse.date).between(first, last),
            col(PlannedUse.delivery).is_not(None),
        )
    ).all()
    known = [day for day in days if day]
    return (min(known), max(known)) if known else None


def order_deadline(supplier: Supplier, delivery: date, holidays: Container[date] = ()) -> date:
    """Last day to order: the supplier's delay before the delivery, never on a weekend or a public holiday."""
    day = delivery - timedelta(days=supplier.lead_days)
    while day.isoweekday() >= SATURDAY or day in holidays:
        day -= timedelta(days=1)
    return day


def _feeds(session: Session, kitchen: str, first: date, last: date) -> dict[tuple[str, date], list[date]]:
    rows = session.exec(
        select(PlannedUse)
        .where(PlannedUse.kitchen == kitchen, col(PlannedUse.delivery).between(first, last))
        .order_by(col(PlannedUse.date))
    )
    feeds: defaultdict[tuple[str, date], list[date]] = defaultdict(list)
    for use in rows:
        if use.offer and use.delivery and use.date not in feeds[use.offer, use.delivery]:
            feeds[use.offer, use.delivery].append(use.date)
    return feeds


def _supplier(rows: Sequence[Row], agenda: _Agenda) -> SupplierOrders:
    supplier = rows[0][2]
    by_day: defaultdict[date, list[Row]] = defaultdict(list)
    for row in rows:
        by_day[row[0].delivery].append(row)
    minimum = french.euros(supplier.min_order_ht)
    return SupplierOrders(
        name=supplier.name,
        contact=" · ".join(part for part in (supplier.email, supplier.phone) if part),
        terms=f"commande minimale {minimum} HT" if supplier.min_order_ht else "sans minimum de commande",
        deliveries=tuple(_delivery(day, by_day[day], agenda) for day in sorted(by_day)),
    )


def _delivery(day: date, rows: Sequence[Row], agenda: _Agenda) -> Delivery:
    supplier = rows[0][2]
    lines = tuple(_line(row, agenda.feeds.get((row[1].code, day), [])) for row in rows)
    goods = sum((line.total_ht for line in lines), Decimal(0))
    fee = supplier.delivery_fee_ht
    deadline = order_deadline(supplier, day, agenda.holidays)
    hour = supplier.cutoff_hour.replace(":", " h ").removesuffix(" 00")
    return Delivery(
        day=french.day(day, year=True),
        deadline=f"{french.day(deadline)}, {hour}",
        too_late=deadline < agenda.today,
        lines=lines,
        fee_ht=fee,
        total_ht=goods + fee,
        vat=_vat([*((line.vat_permille, line.total_ht) for line in lines), (FEE_VAT_PERMILLE, fee)]),
        minimum_ht=supplier.min_order_ht,
        missing_ht=max(Decimal(0), supplier.min_order_ht - goods),
    )


def _vat(amounts: Iterable[tuple[int, Decimal]]) -> tuple[tuple[int, Decimal], ...]:
    """VAT by rate, each rounded to the cent."""
    bases: defaultdict[int, Decimal] = defaultdict(Decimal)
    for rate, amount in amounts:
        bases[rate] += amount
    return tuple(
        (rate, (base * rate / PERMILLE).quantize(CENT, ROUND_HALF_UP))
        for rate, base in sorted(bases.items())
        if base
    )


def _line(row: Row, services: list[date]) -> PurchaseLine:
    purchase, offer, _, food = row
    signs = [SIGN_WORDS[LABEL_SIGNS[Label(label)]] for label in offer.labels if Label(label) in LABEL_SIGNS]
    name = offer.name.removesuffix(f" – {offer.pack_label}")
    return PurchaseLine(
        name=name,
        labels=", ".join(sign for sign in signs if sign.lower() not in name.lower()),
        packs=purchase.packs,
        pack=offer.pack_label or french.kg(offer.pack_g),
        grams=purchase.packs * offer.pack_g,
        price_ht=purchase.price_ht,
        total_ht=purchase.packs * purchase.price_ht,
        vat_permille=offer.vat_permille,
        feeds=_services(services),
        storage=STORAGE_WORDS.get(food.storage, food.storage),
        estimated=estimated_on(offer, purchase.delivery),
    )


def _services(days: list[date]) -> str:
    """Services fed: each day, or the span and the number when they are many."""
    if len(days) <= MANY_SERVICES:
        return ", ".join(french.short_day(day) for day in days)
    return f"{len(days)} services, du {french.short_day(days[0])} au {french.short_day(days[-1])}"
