"""« À commander »: what from whom, for when, and what it feeds. Reading only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.menus.models import Dish
from cantine.menus.signs import Sign, signs_of
from cantine.planning.board import Board
from cantine.planning.free_food import bought_beyond
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.ordered import NOTHING, committed
from cantine.recipes.models import Recipe, RecipeIngredient
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import Ordering
from cantine.suppliers.prices import estimated_on
from optim.terms import Label

SMALL_G = 50
ROUNDING = 1.01
"""Needs under this are a matter of rounding, not of supply."""

Feeds = Mapping[tuple[date, str], tuple[str, ...]]


@dataclass(frozen=True)
class Use:
    """One service that a line feeds."""

    date: date
    grams: int
    dishes: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """Packs of one offer."""

    name: str
    food: str
    pack_label: str
    packs: int
    grams: int
    price_ht: Decimal
    signs: tuple[Sign, ...]
    uses: tuple[Use, ...]
    estimated: bool
    ordered: bool = False
    """Whether orders that bind the kitchen hold all its packs."""

    @property
    def total_ht(self) -> Decimal:
        """Euros of the line."""
        return self.price_ht * self.packs

    @property
    def spare_g(self) -> int:
        """Grams that no service of the plan takes."""
        return max(0, self.grams - sum(use.grams for use in self.uses))


@dataclass(frozen=True)
class Visit:
    """One supplier, one delivery, and until when it can be ordered."""

    supplier: Supplier
    delivery: date
    ordering: Ordering

    @property
    def deadline(self) -> date:
        """Last day to order."""
        return self.ordering.deadline(self.supplier, self.delivery)

    @property
    def late(self) -> bool:
        """Whether the deadline has passed."""
        return self.ordering.too_late(self.supplier, self.delivery)

    @property
    def due_today(self) -> bool:
        """Whether it must leave today."""
        return self.deadline == self.ordering.today and not self.late


@dataclass(frozen=True)
class Order(Visit):
    """What one delivery brings."""

    lines: tuple[Line, ...]

    @property
    def anchor(self) -> str:
        """Identifier in the page."""
        return f"l-{self.delivery.isoformat()}-{self.supplier.code}"

    @property
    def ordered(self) -> bool:
        """Whether nothing of it is left to order."""
        return all(line.ordered for line in self.lines)

    @property
    def total_ht(self) -> Decimal:
        """Euros of the goods."""
        return sum((line.total_ht for line in self.lines), Decimal(0))

    @property
    def missing_ht(self) -> Decimal:
        """Euros short of the supplier's minimum."""
        return max(Decimal(0), self.supplier.min_order_ht - self.total_ht)


@dataclass(frozen=True)
class Uncovered:
    """A food that some menus need and that nothing planned brings."""

    code: str
    food: str
    grams: float
    uses: tuple[Use, ...]
    supplier: str


def load_orders(
    session: Session, kitchen: str, ordering: Ordering, distances: Mapping[str, float], bread: str = ""
) -> list[Order]:
    """Every order still to be delivered, or that still feeds a meal, by date then supplier.

    ``distances`` are those of local offers, in km.
    """
    today = ordering.today
    statement = (
        select(PlannedPurchase, Offer, Supplier, Food.name)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .join(Food, col(Food.code) == col(Offer.food))
        .where(
            PlannedPurchase.kitchen == kitchen,
            (col(PlannedPurchase.delivery) >= today) | _feeds_from(kitchen, today),
        )
        .order_by(col(PlannedPurchase.delivery), col(Supplier.name), col(Offer.name))
    )
    feeds = dishes_by_food(session, kitchen, today)
    uses = uses_of_purchases(session, kitchen, feeds, bread)
    bound, suppliers = committed(session, kitchen), dict[str, Supplier]()
    groups: defaultdict[tuple[date, str], list[Line]] = defaultdict(list)
    for purchase, offer, supplier, food in session.exec(statement):
        suppliers[supplier.code] = supplier
        fed = uses.get((purchase.offer, purchase.delivery), ())
        line = _line(purchase, offer, food, fed, distances)
        bought = bound.get((purchase.offer, purchase.delivery), NOTHING).packs
        groups[purchase.delivery, supplier.code].append(replace(line, ordered=bought >= purchase.packs))
    return [
        Order(suppliers[code], delivery, ordering, tuple(lines)) for (delivery, code), lines in groups.items()
    ]


def _feeds_from(kitchen: str, today: date) -> ColumnElement[bool]:
    """Whether a purchase feeds a meal from ``today`` on: a plan may start with deliveries of the eve."""
    return (
        select(PlannedUse.id)
        .where(
            PlannedUse.kitchen == kitchen,
            PlannedUse.date >= today,
            col(PlannedUse.offer) == col(PlannedPurchase.offer),
            col(PlannedUse.delivery) == col(PlannedPurchase.delivery),
        )
        .exists()
    )


def _line(
    purchase: PlannedPurchase, offer: Offer, food: str, uses: Sequence[Use], distances: Mapping[str, float]
) -> Line:
    labels = {Label(label) for label in offer.labels}
    return Line(
        name=offer.name,
        food=food,
        pack_label=offer.pack_label or f"colis de {offer.pack_g} g",
        packs=purchase.packs,
        grams=purchase.packs * offer.pack_g,
        price_ht=purchase.price_ht,
        signs=signs_of(labels, distances.get(offer.code), vegetarian=False),
        uses=tuple(sorted(uses, key=lambda use: use.date)),
        estimated=estimated_on(offer, purchase.delivery),
    )


def uses_of_purchases(
    session: Session, kitchen: str, feeds: Feeds, bread: str
) -> dict[tuple[str, date], list[Use]]:
    """What each purchase feeds, meal by meal."""
    found: defaultdict[tuple[str, date], list[Use]] = defaultdict(list)
    rows = session.exec(
        select(PlannedUse).where(PlannedUse.kitchen == kitchen, col(PlannedUse.offer).is_not(None))
    )
    for row in rows:
        if row.offer and row.delivery:
            nothing = ("pain",) if row.food == bread else ("plus au menu",)
            dishes = feeds.get((row.date, row.food), nothing)
            found[row.offer, row.delivery].append(Use(row.date, row.grams, dishes))
    return found


def dishes_by_food(session: Session, kitchen: str, first: date) -> Feeds:
    """Names of the dishes of each day that take each food."""
    found: defaultdict[tuple[date, str], list[str]] = defaultdict(list)
    for eaten in (Recipe.code, Recipe.substitute):
        statement = (
            select(col(Dish.date), col(RecipeIngredient.food), col(Recipe.name))
            .join(Recipe, col(Recipe.code) == col(Dish.recipe))
            .join(RecipeIngredient, col(RecipeIngredient.recipe) == col(eaten))
            .where(Dish.kitchen == kitchen, Dish.date >= first)
        )
        for day, food, name in session.exec(statement):
            if name not in found[day, food]:
                found[day, food].append(name)
    return {key: tuple(names) for key, names in found.items()}


def uncovered(session: Session, board: Board) -> tuple[Uncovered, ...]:
    """Foods of the menus to come that neither the orders nor the stock bring.

    Lines added by hand, and whatever deliveries leave free, count for the meals that lack something; what a
    hand or a supplier took off a delivery is lacking to its last meals.
    """
    feeds = dishes_by_food(session, board.kitchen.code, board.days.today)
    bought = bought_beyond(session, board.kitchen.code, board.days.today)
    open_days = {day.date for day in board.open}
    short = {key: grams for key, grams in bought.short.items() if key[0] in open_days and feeds.get(key)}
    lacks: defaultdict[str, list[Use]] = defaultdict(list)
    for (day, code), grams in bought.fill(_lacking(board, short)).items():
        if grams > SMALL_G:
            lacks[code].append(Use(day, round(grams), feeds.get((day, code), ())))
    names = {food.code: food.name for food in session.exec(select(Food).where(col(Food.code).in_(lacks)))}
    found = (
        Uncovered(
            code,
            names[code],
            sum(use.grams for use in uses),
            tuple(uses),
            board.coster.sources.cheapest_supplier(code),
        )
        for code, uses in lacks.items()
    )
    return tuple(sorted(found, key=lambda item: item.uses[0].date))


def _lacking(board: Board, short: Mapping[tuple[date, str], float]) -> dict[tuple[date, str], float]:
    """What each meal needs beyond what the plan gives it, and what the plan gives that does not come."""
    lacks = dict(short)
    for day in board.open:
        need: defaultdict[str, float] = defaultdict(float)
        for dish in day.dishes:
            for code, weight in board.coster.need(dish, day).items():
                need[code] += weight
        for code, weight in need.items():
            lack = weight - ROUNDING * board.coster.sources.planned(day.date, code)
            if lack > SMALL_G:
                lacks[day.date, code] = lacks.get((day.date, code), 0) + lack
    return lacks


def missed(orders: Iterable[Order], today: date, *, demonstration: bool) -> list[Order]:
    """Orders that should have left and are still awaited; a demonstration supposes that they left."""
    return [] if demonstration else [o for o in orders if o.late and not o.ordered and o.delivery >= today]
