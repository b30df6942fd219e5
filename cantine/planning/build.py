"""Rows to question: one kitchen's recipes, offers, stock and past as an ``optim.Instance``."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.foods.models import Food
from cantine.kitchens.headcount import get_kitchen, load_calendar
from cantine.kitchens.settings import Settings, load_settings
from cantine.menus.models import Ban, Dish, Service
from cantine.planning import convert
from cantine.planning.ceilings import exhausted_lots
from cantine.planning.horizon import Horizon, days_after_closing, find_horizon
from cantine.planning.models import PlannedPurchase, Profile
from cantine.planning.store import stock_at
from cantine.recipes.book import BookRecipe
from cantine.suppliers.book import load_book
from cantine.suppliers.market import Reachable, delivery_dates, reachable_offers
from optim import instance as question
from optim.terms import Label, Slot
from optim.units import iso_week

ORDERED_AHEAD_DAYS = 21
"""A demonstration supposes that the orders of its first days have left; « À commander » says so."""

EARLY_DELIVERY_DAYS = 14
"""Goods may arrive this long before the first service of the plan."""


def build_instance(
    session: Session, kitchen_code: str, first: date, services: int, profile_code: str, today: date
) -> question.Instance:
    """The question for ``services`` services of a kitchen from ``first`` on.

    Raises:
        NotFoundError: unknown kitchen or profile.
        CantineError: nothing to plan in that period.
    """
    kitchen = get_kitchen(session, kitchen_code)
    profile = load_profile(session, profile_code)
    settings = load_settings(session)
    horizon = find_horizon(session, kitchen, first, services)
    spent = exhausted_lots(session, kitchen.code, horizon.first)
    offers = reachable_offers(session, kitchen, horizon.first, horizon.last, settings.local_km, spent)
    stock = stock_at(session, kitchen.code, horizon.first)
    dishes = _dishes(session, kitchen.code, horizon)
    available = {r.offer.food for r in offers} | {lot.food for lot in stock}
    meals = max(s.meals for s in horizon.planned)
    chosen = _cookable(load_book(session), available, {dish.recipe for dish in dishes})
    recipes = tuple(convert.recipe_of(entry, meals) for entry in chosen)
    foods = {i.food for r in recipes for i in r.ingredients} | {settings.bread_food}
    statement = select(Food).where(col(Food.code).in_(foods)).order_by(col(Food.code))
    return question.Instance(
        kitchen=convert.kitchen_of(kitchen, settings),
        services=horizon.services,
        history=tuple(d for d in dishes if d.date < horizon.first),
        locks=tuple(d for d in dishes if d.date >= horizon.first),
        bans=_bans(session, kitchen.code, horizon),
        foods=tuple(convert.food_of(row) for row in session.exec(statement)),
        recipes=recipes,
        suppliers=_suppliers(session, offers, horizon, _ordering_day(settings, horizon, today)),
        offers=_offers(session, kitchen.code, [r for r in offers if r.offer.food in foods], horizon),
        stock=tuple(lot for lot in stock if lot.food in foods),
        closed_before=days_after_closing(kitchen, horizon.services),
        budget_ttc_cents=kitchen.budget_ttc_cents,
        egalim=question.Egalim(
            target_egalim_permille=kitchen.target_egalim_permille,
            target_bio_permille=kitchen.target_bio_permille,
            target_meat_fish_permille=kitchen.target_meat_fish_permille,
        ),
        profile=profile,
        today=today,
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


def _dishes(session: Session, kitchen: str, horizon: Horizon) -> list[question.Dish]:
    """Dishes of the history, and those the chief keeps or has validated in the horizon."""
    served = {s.date: s.served for s in horizon.services}
    statement = select(col(Service.date)).where(Service.kitchen == kitchen, Service.status == "valide")
    validated = set(session.exec(statement))
    rows = session.exec(
        select(Dish)
        .where(Dish.kitchen == kitchen, col(Dish.date).in_(served))
        .order_by(col(Dish.date), col(Dish.slot), col(Dish.choice))
    )
    return [
        question.Dish(
            date=row.date,
            slot=Slot(row.slot),
            choice=row.choice,
            recipe=row.recipe,
            share_permille=row.share_permille,
        )
        for row in rows
        if served[row.date] or row.locked or row.date in validated
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


def _ordering_day(settings: Settings, horizon: Horizon, today: date) -> date:
    """The day from which orders may leave: today, or well before the first meal of a demonstration."""
    if not settings.demonstration:
        return today
    return min(today, horizon.first - timedelta(days=ORDERED_AHEAD_DAYS))


def _suppliers(
    session: Session, offers: Sequence[Reachable], horizon: Horizon, ordered_from: date
) -> tuple[question.Supplier, ...]:
    calendar = load_calendar(session)
    early = horizon.first - timedelta(days=EARLY_DELIVERY_DAYS)
    suppliers = {r.supplier.code: r.supplier for r in offers}
    return tuple(
        question.Supplier(
            code=row.code,
            name=row.name,
            delivery_dates=tuple(
                delivery_dates(
                    row, calendar, max(early, ordered_from + timedelta(days=row.lead_days)), horizon.last
                )
            ),
            min_order_cents=round(row.min_order_ht * 100),
            delivery_fee_cents=round(row.delivery_fee_ht * 100),
        )
        for _, row in sorted(suppliers.items())
    )


def _offers(
    session: Session, kitchen: str, offers: Sequence[Reachable], horizon: Horizon
) -> tuple[question.Offer, ...]:
    cheapest: dict[tuple[str, frozenset[str]], int] = {}
    for item in offers:
        key = item.offer.food, frozenset(item.offer.labels)
        cents = int(item.cents_per_kg)
        cheapest[key] = min(cents, cheapest.get(key, cents))
    promised = _promised(session, kitchen, horizon)
    return tuple(
        _offer(
            item, cheapest[item.offer.food, frozenset(item.offer.labels)], promised.get(item.offer.code, 0)
        )
        for item in offers
    )


def _offer(item: Reachable, credit_cents_kg: int, promised_packs: int) -> question.Offer:
    row = item.offer
    return question.Offer(
        code=row.code,
        supplier=row.supplier,
        food=row.food,
        pack_g=row.pack_g,
        price_cents=round(row.price_ht * 100),
        vat_permille=row.vat_permille,
        labels=frozenset(Label(label) for label in row.labels),
        local=item.local,
        local_counts=item.local_counts,
        credit_cents_kg=credit_cents_kg,
        weekly_packs=None if row.weekly_packs is None else max(0, row.weekly_packs - promised_packs),
        valid_from=item.valid_from,
        valid_to=item.valid_to,
    )


def _promised(session: Session, kitchen: str, horizon: Horizon) -> dict[str, int]:
    """Packs of each offer that other kitchens plan in their fullest week of the horizon."""
    rows = session.exec(
        select(PlannedPurchase).where(
            PlannedPurchase.kitchen != kitchen,
            PlannedPurchase.delivery >= horizon.first - timedelta(days=EARLY_DELIVERY_DAYS),
            PlannedPurchase.delivery <= horizon.last,
        )
    )
    weekly: defaultdict[tuple[str, tuple[int, int]], int] = defaultdict(int)
    for row in rows:
        weekly[row.offer, iso_week(row.delivery)] += row.packs
    fullest: dict[str, int] = {}
    for (offer, _week), packs in weekly.items():
        fullest[offer] = max(packs, fullest.get(offer, 0))
    return fullest
