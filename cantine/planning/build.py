"""Rows to question: one kitchen's recipes, offers, stock and past as an ``optim.Instance``."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from pydantic import ValidationError
from sqlmodel import Session, col, select

from cantine.errors import CantineError, NotFoundError, NothingToPlanError
from cantine.foods.models import Food
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.lines import load_lines
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import Settings, load_settings
from cantine.menus.models import Ban, Dish, Service
from cantine.planning import convert
from cantine.planning.ceilings import exhausted_lots
from cantine.planning.horizon import Horizon, days_after_closing, find_horizon
from cantine.planning.mishaps import load_mishaps
from cantine.planning.models import PlannedPurchase, Profile
from cantine.planning.store import (
    Gone,
    gone,
    ordered_cents,
    source_of,
    staying,
    stock_at,
    told,
)
from cantine.planning.year import egalim_of, year_before
from cantine.recipes.book import BookRecipe
from cantine.suppliers.book import load_book
from cantine.suppliers.market import Reachable, reachable_offers
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import load_ordering
from optim import instance as question
from optim.check import menu_violations
from optim.refusal import reasons
from optim.terms import Label
from optim.units import iso_week

ORDERED_AHEAD_DAYS = 21
"""A demonstration supposes that the orders of its first days have left; « À commander » says so."""

EARLY_DELIVERY_DAYS = 14
"""Goods may arrive this long before the first service of the plan."""


STRUCTURE = "structure"
"""The rule that a meal without all its components breaks."""


@dataclass(frozen=True)
class Asked:
    """Who asks: for which kitchen, with which prices, on which day and at what time in France."""

    kitchen: Kitchen
    profile: question.Profile
    settings: Settings
    today: date
    hour: time
    repairing: bool = False
    """A repair takes a demonstration at its word: it is the morning of its day, orders left in time."""

    @property
    def supposing(self) -> bool:
        """Whether the orders of the first days are supposed to have left."""
        return self.settings.demonstration and not self.repairing


def build_instance(
    session: Session,
    kitchen_code: str,
    first: date,
    services: int,
    profile_code: str,
    today: date,
    hour: time = time.min,
    *,
    repairing: bool = False,
) -> question.Instance:
    """The question for ``services`` services of a kitchen from ``first`` on.

    The meals that follow and already have a menu keep it: they are in the question so that the
    rules and the purchases of both hold together. One that lacks a component is left out.
    ``hour`` is the time in France: after a supplier's hour, an order counts as placed tomorrow. What had
    to be ordered before is bought already. For a repair, every dish in place is among the locks, and meals
    without a whole menu are left as they are.

    Raises:
        NotFoundError: unknown kitchen or profile.
        NothingToPlanError: no service in that period.
        CantineError: the data contradict themselves; every reason is told.
    """
    settings = load_settings(session)
    asked = Asked(
        kitchen=get_kitchen(session, kitchen_code),
        profile=load_profile(session, profile_code),
        settings=settings,
        today=today,
        hour=time.min if settings.demonstration else hour,
        repairing=repairing,
    )
    horizon = find_horizon(session, asked.kitchen, first, services, today)
    try:
        return _without_unfinished(session, asked, horizon)
    except ValidationError as error:
        told = " ; ".join(reasons(error))
        raise CantineError(f"Ces données se contredisent, rien n'est cherché : {told}.") from error


def _without_unfinished(session: Session, asked: Asked, horizon: Horizon) -> question.Instance:
    """The question, less the meals to keep, or to repair, that lack a component."""
    instance = _instance(session, asked, horizon)
    fixed = horizon.dates if asked.repairing else horizon.kept
    faults = menu_violations(instance, instance.locks) if fixed else []
    unfinished = {f.date for f in faults if f.rule == STRUCTURE and f.date in fixed} - {None}
    if unfinished == horizon.dates:
        raise NothingToPlanError("Aucun des repas à venir n'a de menu complet : il n'y a rien à réparer.")
    return _instance(session, asked, horizon.leaving(unfinished)) if unfinished else instance


def _instance(session: Session, asked: Asked, horizon: Horizon) -> question.Instance:
    kitchen, settings = asked.kitchen, asked.settings
    spent = exhausted_lots(session, kitchen.code, horizon.first)
    left = _gone(session, asked)
    offers = reachable_offers(session, kitchen, horizon.first, horizon.last, settings.local_km, spent)
    offers = list(left.mishaps.on_sale(offers))
    stock = stock_at(session, kitchen.code, horizon.dates, left)
    dishes = _dishes(session, kitchen.code, horizon, everything=asked.repairing)
    before_tax, with_tax = ordered_cents(session, kitchen.code, horizon.dates, left)
    available = {r.offer.food for r in offers} | {lot.food for lot in stock}
    meals = max(s.meals for s in horizon.planned)
    chosen = _cookable(load_book(session), available, {dish.recipe for dish in dishes})
    recipes = tuple(convert.recipe_of(entry, meals) for entry in chosen)
    foods = {i.food for r in recipes for i in r.ingredients} | {settings.bread_food}
    # What was ordered stays in the question even where no dish takes it: accepting a plan must not cancel it.
    foods |= {lot.food for lot in stock if source_of(lot.code)[0]}
    statement = select(Food).where(col(Food.code).in_(foods)).order_by(col(Food.code))
    return question.Instance(
        kitchen=convert.kitchen_of(kitchen, settings, load_lines(session, kitchen)),
        services=horizon.services,
        history=tuple(d for d in dishes if d.date < horizon.first),
        locks=tuple(d for d in dishes if d.date >= horizon.first),
        kept=horizon.kept,
        without_menu=horizon.without_menu,
        bans=_bans(session, kitchen.code, horizon),
        foods=tuple(convert.food_of(row) for row in session.exec(statement)),
        recipes=recipes,
        suppliers=_suppliers(session, offers, horizon, asked),
        offers=_offers(session, kitchen.code, [r for r in offers if r.offer.food in foods], horizon, left),
        stock=tuple(lot for lot in stock if lot.food in foods),
        ordered_ht_cents=round(before_tax),
        ordered_ttc_cents=round(with_tax),
        storage_closed=left.mishaps.closed,
        closed_before=days_after_closing(kitchen, horizon.services, horizon.without_menu),
        budget_ttc_cents=kitchen.budget_ttc_cents,
        egalim=egalim_of(kitchen, year_before(session, kitchen.code, horizon.dates, left)),
        profile=asked.profile,
        today=asked.today,
    )


def load_profile(session: Session, code: str) -> question.Profile:
    """A named set of prices.

    Raises:
        NotFoundError: no such profile; names those that exist.
    """
    row = session.get(Profile, code)
    if row is None:
        known = ", ".join(session.exec(select(Profile.code).order_by(col(Profile.code))))
        raise NotFoundError(f"Le profil « {code} » n'existe pas. Profils connus : {known or 'aucun'}.")
    return question.Profile(**row.model_dump())


def _gone(session: Session, asked: Asked) -> Gone:
    """The orders that have left; in a demonstration, all may still change but those approved or answered."""
    mishaps = load_mishaps(session, asked.kitchen.code, asked.today)
    if asked.supposing:
        return told(session, asked.kitchen.code, mishaps)
    return gone(session, asked.kitchen.code, load_ordering(session, asked.today, asked.hour), mishaps)


def _dishes(
    session: Session, kitchen: str, horizon: Horizon, *, everything: bool = False
) -> list[question.Dish]:
    """Dishes of the history, of the meals kept, and those the chief keeps or has validated, or all."""
    served = {s.date: s.served for s in horizon.services}
    statement = select(col(Service.date)).where(Service.kitchen == kitchen, Service.status == "valide")
    validated = set(session.exec(statement))
    rows = session.exec(
        select(Dish)
        .where(Dish.kitchen == kitchen, col(Dish.date).in_(served))
        .order_by(col(Dish.date), col(Dish.slot), col(Dish.choice))
    )
    return [
        convert.dish_of(row)
        for row in rows
        if everything or served[row.date] or row.locked or row.date in validated or row.date in horizon.kept
    ]


def _bans(session: Session, kitchen: str, horizon: Horizon) -> frozenset[tuple[date, str]]:
    rows = session.exec(select(Ban).where(Ban.kitchen == kitchen, col(Ban.date) >= horizon.first))
    return frozenset((row.date, row.recipe) for row in rows)


def _cookable(book: Mapping[str, BookRecipe], available: set[str], kept: set[str]) -> list[BookRecipe]:
    """Recipes whose every food can be had, with their substitutes; kept dishes always."""

    def has_foods(entry: BookRecipe) -> bool:
        return all(food.staple or food.code in available for _, food in entry.lines)

    def cookable(entry: BookRecipe) -> bool:
        substitute = entry.recipe.substitute
        return bool(entry.lines) and has_foods(entry) and (not substitute or has_foods(book[substitute]))

    chosen = {code for code, entry in book.items() if cookable(entry)} | kept
    chosen |= {substitute for code in chosen if (substitute := book[code].recipe.substitute)}
    return [book[code] for code in sorted(chosen)]


def _suppliers(
    session: Session, offers: Sequence[Reachable], horizon: Horizon, asked: Asked
) -> tuple[question.Supplier, ...]:
    """Who sells, with the days for which an order may leave; a demonstration ordered well before."""
    ahead = horizon.first - timedelta(days=ORDERED_AHEAD_DAYS)
    today = min(asked.today, ahead) if asked.supposing else asked.today
    ordering = load_ordering(session, today, asked.hour)
    early = horizon.first - timedelta(days=EARLY_DELIVERY_DAYS)
    suppliers = {r.supplier.code: r.supplier for r in offers}
    return tuple(
        supplier_of(row, ordering.deliveries(row, early, horizon.last))
        for _, row in sorted(suppliers.items())
    )


def supplier_of(row: Supplier, dates: Iterable[date]) -> question.Supplier:
    """Who still delivers on some days."""
    return question.Supplier(
        code=row.code,
        name=row.name,
        delivery_dates=tuple(dates),
        min_order_cents=round(row.min_order_ht * 100),
        delivery_fee_cents=round(row.delivery_fee_ht * 100),
    )


def _offers(
    session: Session, kitchen: str, offers: Sequence[Reachable], horizon: Horizon, left: Gone
) -> tuple[question.Offer, ...]:
    promised, credit = _promised(session, kitchen, horizon, left), credits_kg(offers)
    return tuple(offer_of(item, credit[labelled(item)], promised.get(item.offer.code, 0)) for item in offers)


def credits_kg(offers: Iterable[Reachable]) -> dict[tuple[str, frozenset[str]], int]:
    """Cents a kilogram that may be credited, by food and labels: those of the cheapest offer."""
    cheapest: dict[tuple[str, frozenset[str]], int] = {}
    for item in offers:
        cents = int(item.cents_per_kg)
        cheapest[labelled(item)] = min(cents, cheapest.get(labelled(item), cents))
    return cheapest


def labelled(item: Reachable) -> tuple[str, frozenset[str]]:
    """What makes two offers the same product: food and labels."""
    return item.offer.food, frozenset(item.offer.labels)


def offer_of(item: Reachable, credit_cents_kg: int, promised_packs: int) -> question.Offer:
    """An offer at one of its prices; ``promised_packs`` of its week are bought already."""
    row = item.offer
    return question.Offer(
        code=item.code,
        supplier=row.supplier,
        food=row.food,
        pack_g=row.pack_g,
        price_cents=round(item.price_ht * 100),
        vat_permille=row.vat_permille,
        labels=frozenset(Label(label) for label in row.labels),
        local=item.local,
        local_counts=item.local_counts,
        credit_cents_kg=credit_cents_kg,
        weekly_packs=None if row.weekly_packs is None else max(0, row.weekly_packs - promised_packs),
        valid_from=item.valid_from,
        valid_to=item.valid_to,
        price_holds_to=None if row.estimated_price else row.valid_to,
    )


def _promised(session: Session, kitchen: str, horizon: Horizon, left: Gone) -> dict[str, int]:
    """Packs of each offer bought already, here or elsewhere, in the fullest week of the horizon."""
    early = horizon.first - timedelta(days=EARLY_DELIVERY_DAYS)
    others = session.exec(
        select(PlannedPurchase).where(
            PlannedPurchase.kitchen != kitchen,
            PlannedPurchase.delivery >= early,
            PlannedPurchase.delivery <= horizon.last,
        )
    )
    own = (row for row, _ in staying(session, kitchen, horizon.dates, left))
    weekly: defaultdict[tuple[str, tuple[int, int]], int] = defaultdict(int)
    for row in (*others, *(row for row in own if early <= row.delivery <= horizon.last)):
        weekly[row.offer, iso_week(row.delivery)] += row.packs
    fullest: dict[str, int] = {}
    for (offer, _week), packs in weekly.items():
        fullest[offer] = max(packs, fullest.get(offer, 0))
    return fullest
