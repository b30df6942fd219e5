"""The plan in force for the meals of a question: its dishes, its orders that may still change.

Its orders are valued at the prices of the question, like those of any plan that answers it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from cantine.menus.models import Dish, Service
from cantine.planning.convert import dish_of
from cantine.planning.models import PlannedPurchase
from cantine.planning.store import gone_in, staying
from cantine.suppliers.prices import offer_code
from optim.check import violations
from optim.figures import Figures, figures
from optim.instance import Instance
from optim.plan import Plan, Purchase, names_known
from optim.repair import InForce
from optim.terms import Slot
from optim.uses import make_plan

IN_FORCE = "in_force"
"""Key of a run's request."""
GONE = "un plat ou un produit commandé ne se trouve plus"
SHORT = "les achats prévus ne suffisent pas à tous ces repas"


@dataclass(frozen=True)
class InPlace:
    """The plan in place as an answer to the question; without figures, it is none."""

    plan: Plan | None
    figures: Figures | None
    faults: tuple[str, ...] = ()

    @property
    def lawful(self) -> Plan | None:
        """The plan, where it answers the question as well as any other."""
        return None if self.faults else self.plan


def force_of(session: Session, kitchen: str, instance: Instance, *, mend_menus: bool = False) -> InForce:
    """What is in place for the meals of a question, in the terms of that question."""
    dates = [service.date for service in instance.horizon]
    rows = session.exec(
        select(Dish, Service.status)
        .join(Service, (col(Service.kitchen) == Dish.kitchen) & (col(Service.date) == Dish.date))
        .where(Dish.kitchen == kitchen, col(Dish.date).in_(dates))
        .order_by(col(Dish.date), col(Dish.slot), col(Dish.choice))
    ).all()
    return InForce(
        dishes=tuple(dish_of(dish) for dish, _ in rows),
        orders=_orders(session, kitchen, instance, dates),
        firm=frozenset((d.date, Slot(d.slot)) for d, status in rows if d.locked or status == "valide"),
        mend_menus=mend_menus,
    )


def _orders(
    session: Session, kitchen: str, instance: Instance, dates: Collection[date]
) -> tuple[Purchase, ...]:
    """Planned purchases, less those that the question counts on as it finds them."""
    stay = {(row.offer, row.delivery) for row, _ in staying(session, kitchen, dates, gone_in(instance.stock))}
    rows = session.exec(
        select(PlannedPurchase)
        .where(PlannedPurchase.kitchen == kitchen)
        .order_by(col(PlannedPurchase.delivery), col(PlannedPurchase.offer))
    )
    return tuple(
        Purchase(offer=_sold_as(instance, row), delivery=row.delivery, packs=row.packs)
        for row in rows
        if (row.offer, row.delivery) not in stay
    )


def _sold_as(instance: Instance, row: PlannedPurchase) -> str:
    """The code that a question gives to an offer on the day of a delivery."""
    return next(
        (
            offer.code
            for offer in instance.offers
            if offer_code(offer.code) == row.offer and offer.valid_from <= row.delivery <= offer.valid_to
        ),
        row.offer,
    )


def in_place(instance: Instance, request: Mapping[str, Any]) -> InPlace | None:
    """The plan in force of a request, measured as an answer; nothing where a meal has no menu."""
    force = InForce.model_validate(request.get(IN_FORCE, {"dishes": ()}))
    if {dish.date for dish in force.dishes} != {service.date for service in instance.horizon}:
        return None
    if not names_known(instance, Plan(dishes=force.dishes, purchases=force.orders)):
        return InPlace(None, None, (GONE,))
    plan = make_plan(instance, force.dishes, force.packs)
    if plan is None:
        return InPlace(None, None, (SHORT,))
    return InPlace(plan, figures(instance, plan), tuple(_told(instance, plan)))


def _told(instance: Instance, plan: Plan) -> Iterator[str]:
    """What a plan breaks, each sentence once."""
    yield from dict.fromkeys(fault.message.rstrip(".") for fault in violations(instance, plan))
