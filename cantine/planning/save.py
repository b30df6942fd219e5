"""Plan to rows: the accepted menus, purchases and uses replace what was planned for those days."""

from datetime import date

from sqlalchemy import delete
from sqlmodel import Session, col

from cantine.errors import ConflictError
from cantine.menus.models import Dish, Service
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.suppliers.models import Offer
from optim import instance as question
from optim.instance import Instance
from optim.plan import Plan


def save_plan(session: Session, kitchen: str, instance: Instance, plan: Plan) -> None:
    """Write a plan; services already served or validated since are never touched.

    Raises:
        ConflictError: a service of the plan was served or validated meanwhile.
    """
    dates = [service.date for service in instance.horizon]
    kept = {(d.date, d.slot, d.choice) for d in instance.locks}
    for service in instance.horizon:
        _save_service(session, kitchen, service, instance)
    session.execute(delete(Dish).where(col(Dish.kitchen) == kitchen, col(Dish.date).in_(dates)))
    _forget_purchases(session, kitchen, dates)
    session.flush()
    for dish in plan.dishes:
        locked = (dish.date, dish.slot, dish.choice) in kept
        session.add(
            Dish(
                kitchen=kitchen,
                date=dish.date,
                slot=dish.slot.value,
                choice=dish.choice,
                recipe=dish.recipe,
                share_permille=dish.share_permille,
                locked=locked,
                chosen_by="chef" if locked else "proposition",
            )
        )
    _save_purchases(session, kitchen, plan)
    _save_uses(session, kitchen, plan)
    session.flush()


def _save_service(session: Session, kitchen: str, service: question.Service, instance: Instance) -> None:
    day = service.date
    row = session.get(Service, (kitchen, day))
    if row is None:
        row = Service(kitchen=kitchen, date=day)
        for niveau, count in service.diners.items():
            setattr(row, niveau.value, count)
        session.add(row)
        return
    locked_days = {lock.date for lock in instance.locks}
    if row.status == "servi" or (row.status == "valide" and day not in locked_days):
        raise ConflictError(
            f"Le menu du {day:%d/%m/%Y} a été validé ou servi pendant la recherche. Relancez la proposition."
        )
    row.version += 1
    session.add(row)


def _forget_purchases(session: Session, kitchen: str, dates: list[date]) -> None:
    """Drop what earlier plans bought for these services; deliveries that feed other days stay."""
    session.execute(
        delete(PlannedUse).where(col(PlannedUse.kitchen) == kitchen, col(PlannedUse.date).in_(dates))
    )
    session.flush()
    feeding = (
        PlannedUse.__table__.select()  # type: ignore[attr-defined]
        .where(
            col(PlannedUse.kitchen) == kitchen,
            col(PlannedUse.offer) == col(PlannedPurchase.offer),
            col(PlannedUse.delivery) == col(PlannedPurchase.delivery),
        )
        .exists()
    )
    session.execute(delete(PlannedPurchase).where(col(PlannedPurchase.kitchen) == kitchen, ~feeding))


def _save_purchases(session: Session, kitchen: str, plan: Plan) -> None:
    for purchase in plan.purchases:
        offer = session.get_one(Offer, purchase.offer)
        row = session.get(PlannedPurchase, (kitchen, purchase.delivery, purchase.offer))
        if row is None:
            row = PlannedPurchase(
                kitchen=kitchen,
                delivery=purchase.delivery,
                offer=purchase.offer,
                packs=purchase.packs,
                price_ht=offer.price_ht,
            )
        else:
            row.packs += purchase.packs
        session.add(row)


def _save_uses(session: Session, kitchen: str, plan: Plan) -> None:
    for use in plan.uses:
        expires = date.fromisoformat(use.lot.rpartition("@")[2]) if use.lot else None
        session.add(
            PlannedUse(
                kitchen=kitchen,
                date=use.date,
                food=use.food,
                grams=use.grams,
                offer=use.offer,
                delivery=use.delivery,
                lot_expires_on=expires,
            )
        )
