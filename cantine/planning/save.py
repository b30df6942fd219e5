"""Plan to rows: the accepted menus, purchases and uses replace what was planned for those days."""

from collections import Counter
from collections.abc import Callable
from datetime import date, time

from sqlalchemy import delete
from sqlmodel import Session, col, select

from cantine.errors import ConflictError
from cantine.foods.models import Food
from cantine.french import kg
from cantine.kitchens.settings import load_settings
from cantine.menus.models import Dish, Service
from cantine.menus.words import lower_first
from cantine.planning.mishaps import load_mishaps
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.ordered import committed
from cantine.planning.store import Gone, excluded_since, gone, gone_in, source_of, staying, stock_at, told
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import load_ordering
from cantine.suppliers.prices import load_seasons, offer_code
from optim import instance as question
from optim.instance import Instance
from optim.plan import Plan, Use

Versions = dict[str, int]
"""Version of each service when the question was built, by ISO date; 0 where there was no row."""


def versions_of(session: Session, kitchen: str, instance: Instance) -> Versions:
    """What a proposal is built on: a service changed since is a service decided by somebody."""
    found = {}
    for service in instance.horizon:
        row = session.get(Service, (kitchen, service.date))
        found[service.date.isoformat()] = row.version if row else 0
    return found


def check_unchanged(
    session: Session, kitchen: str, instance: Instance, versions: Versions, today: date
) -> None:
    """Refuse to write over what people did meanwhile.

    Raises:
        ConflictError: a service is past, or was changed since the question was built.
    """
    if instance.horizon[0].date < today:
        raise ConflictError(
            f"Le repas du {instance.horizon[0].date:%d/%m/%Y} est passé. "
            "Relancez une proposition à partir d'aujourd'hui."
        )
    changed = [
        day
        for day, version in versions_of(session, kitchen, instance).items()
        if versions.get(day) != version
    ]
    if changed:
        days = ", ".join(f"{date.fromisoformat(day):%d/%m}" for day in changed)
        raise ConflictError(
            f"Un collègue a changé ces jours pendant la recherche : {days}. "
            "Rien n'est remplacé : relancez la proposition, ou écartez-la."
        )


def check_orders(
    session: Session, kitchen: str, instance: Instance, today: date, hour: time, *, repaired: bool
) -> None:
    """Refuse a plan that would cancel an order that left after its question was built.

    Raises:
        ConflictError: names the supplier and the delivery.
    """
    mishaps = load_mishaps(session, kitchen, today)
    supposing = load_settings(session).demonstration and not repaired
    left = (
        told(session, kitchen, mishaps)
        if supposing
        else gone(session, kitchen, load_ordering(session, today, hour), mishaps)
    )
    bound = committed(session, kitchen)
    dates = [service.date for service in instance.horizon]
    known = {
        (row.offer, row.delivery) for row, _ in staying(session, kitchen, dates, gone_in(instance.stock))
    }
    for row, offer in staying(session, kitchen, dates, left):
        order = row.offer, row.delivery
        if order not in known and mishaps.arriving(order, row.packs):
            name = session.get_one(Supplier, offer.supplier).name
            if order in bound:
                raise ConflictError(
                    f"La commande de {name} pour le {row.delivery:%d/%m} a été approuvée depuis : elle ne se "
                    "change plus ainsi. Relancez la recherche, ou écartez-la."
                )
            raise ConflictError(
                f"L'heure limite de commande de {name} pour le {row.delivery:%d/%m} est passée depuis : "
                "cette commande ne se change plus. Relancez la recherche, ou écartez-la."
            )


def check_stock(session: Session, kitchen: str, instance: Instance, plan: Plan, today: date) -> None:
    """Refuse a plan that counts on food which other meals took since, or which comes no more.

    Raises:
        ConflictError: names each food, with how much of it lacks.
    """
    wanted: Counter[tuple[str, str]] = Counter()
    for use in plan.uses:
        if use.lot:
            wanted[use.lot, use.food] += use.grams
    left = Gone(gone_in(instance.stock).orders, load_mishaps(session, kitchen, today))
    dates = {service.date for service in instance.horizon}
    there = {lot.code: lot.grams for lot in stock_at(session, kitchen, dates, left)}
    lacking: Counter[str] = Counter()
    for (lot, food), grams in wanted.items():
        lacking[food] += max(0, grams - there.get(lot, 0))
    named = [
        f"{lower_first(session.get_one(Food, food).name)} ({kg(grams)})"
        for food, grams in lacking.most_common()
        if grams
    ]
    if named:
        raise ConflictError(
            "Cette proposition comptait sur des restes qui ne sont plus là, servis à un autre repas ou "
            f"décommandés depuis : {', '.join(named)}. Rien n'est remplacé : relancez la proposition, "
            "ou écartez-la."
        )


def save_plan(session: Session, kitchen: str, instance: Instance, plan: Plan) -> None:
    """Write a plan; validated days keep their dishes, kept dishes keep who kept them.

    Of the meals kept after those asked, only the purchases are written again.
    """
    dates = [service.date for service in instance.horizon]
    asked = [day for day in dates if day not in instance.kept]
    validated = {day for day in asked if _save_service(session, kitchen, instance.service[day])}
    validated -= _reopened(session, kitchen, validated, plan)
    _forget_purchases(session, kitchen, dates, gone_in(instance.stock))
    _save_dishes(session, kitchen, plan, [day for day in asked if day not in validated])
    _save_purchases(session, kitchen, plan)
    _save_uses(session, kitchen, plan)
    session.flush()


def _save_service(session: Session, kitchen: str, service: question.Service) -> bool:
    """Write the headcount of a new service, raise the version of an old one; whether it is validated."""
    row = session.get(Service, (kitchen, service.date))
    if row is None:
        row = Service(kitchen=kitchen, date=service.date)
        for niveau, count in service.diners.items():
            setattr(row, niveau.value, count)
    else:
        row.version += 1
    session.add(row)
    return row.status == "valide"


def _reopened(session: Session, kitchen: str, validated: set[date], plan: Plan) -> set[date]:
    """Validated days that a repair changes: like any that changes, they have to be validated again."""
    rows = session.exec(select(Dish).where(Dish.kitchen == kitchen, col(Dish.date).in_(validated)))
    before = {(row.date, row.slot, row.recipe) for row in rows}
    after = {(d.date, d.slot.value, d.recipe) for d in plan.dishes if d.date in validated}
    changed = {day for day, _, _ in before ^ after}
    for day in changed:
        session.get_one(Service, (kitchen, day)).status = "prevu"
    return changed


def _save_dishes(session: Session, kitchen: str, plan: Plan, dates: list[date]) -> None:
    here = col(Dish.kitchen) == kitchen, col(Dish.date).in_(dates)
    kept = {
        (d.date, d.slot, d.recipe): d.chosen_by for d in session.exec(select(Dish).where(*here)) if d.locked
    }
    session.execute(delete(Dish).where(*here))
    session.flush()
    for dish in plan.dishes:
        if dish.date in dates:
            place = dish.date, dish.slot.value, dish.recipe
            session.add(
                Dish(
                    kitchen=kitchen,
                    date=dish.date,
                    slot=dish.slot.value,
                    choice=dish.choice,
                    recipe=dish.recipe,
                    share_permille=dish.share_permille,
                    locked=place in kept,
                    chosen_by=kept.get(place, "proposition"),
                )
            )


def _forget_purchases(session: Session, kitchen: str, dates: list[date], left: Gone) -> None:
    """Drop what earlier plans bought for these services alone, and what they were to use."""
    kept = {(row.offer, row.delivery) for row, _ in staying(session, kitchen, dates, left)}
    for row in session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == kitchen)):
        if (row.offer, row.delivery) not in kept:
            session.delete(row)
    fed = {*dates, *excluded_since(session, kitchen, min(dates))}
    session.execute(
        delete(PlannedUse).where(col(PlannedUse.kitchen) == kitchen, col(PlannedUse.date).in_(fed))
    )
    session.flush()


def _save_purchases(session: Session, kitchen: str, plan: Plan) -> None:
    seasons = load_seasons(session)
    for purchase in plan.purchases:
        offer = session.get_one(Offer, offer_code(purchase.offer))
        row = session.get(PlannedPurchase, (kitchen, purchase.delivery, offer.code))
        if row is None:
            row = PlannedPurchase(
                kitchen=kitchen,
                delivery=purchase.delivery,
                offer=offer.code,
                packs=purchase.packs,
                price_ht=seasons.price_on(offer, purchase.delivery),
            )
        else:
            row.packs += purchase.packs
        session.add(row)


def _save_uses(session: Session, kitchen: str, plan: Plan) -> None:
    session.add_all(use_row(kitchen, use) for use in plan.uses)


def use_row(kitchen: str, use: Use, row_of: Callable[[str], str] = offer_code) -> PlannedUse:
    """The row of a use; ``row_of`` gives the code of an offer from the one that the question gave it."""
    offer, delivery, lot = source_of(use.lot) if use.lot else (use.offer, use.delivery, None)
    return PlannedUse(
        kitchen=kitchen,
        date=use.date,
        food=use.food,
        grams=use.grams,
        offer=row_of(offer) if offer else None,
        delivery=delivery,
        lot_expires_on=lot,
    )
