"""The crédit nourriture of a month against what is ordered and what is about to be.

The credit is that of the meals of the month (budget of the kitchen × diners), TTC as it is voted; orders
count on the month of their delivery, fees included. It is a rhythm to keep: the account is the year's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlmodel import Session, col, select

from cantine.menus.grid import Days
from cantine.orders.life import expected_packs
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.states import COMMITTED
from optim.rules.budget import FEE_VAT_PERMILLE

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Credit:
    """A month: its meals, its credit, what orders bind of it, euros TTC."""

    month: date
    meals: int
    credit_ttc: Decimal
    bound_ttc: Decimal

    @property
    def rest_ttc(self) -> Decimal:
        """What no order binds yet; negative where they pass it."""
        return self.credit_ttc - self.bound_ttc


def credit_of(session: Session, days: Days, day: date) -> Credit:
    """The credit of the month of a delivery."""
    month = day.replace(day=1)
    meals = sum(
        sum(days.diners(one).values())
        for one in days.meal_dates(ahead=None)
        if (one.year, one.month) == (day.year, day.month)
    )
    credit = Decimal(meals * days.kitchen.budget_ttc_cents) / 100
    return Credit(month, meals, credit, bound_ttc(session, days.kitchen.code, month))


def bound_ttc(session: Session, kitchen: str, month: date) -> Decimal:
    """Euros TTC of what is ordered for a month, as it is expected after the suppliers' answers."""
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    here = (
        PurchaseOrder.kitchen == kitchen,
        col(PurchaseOrder.state).in_(COMMITTED),
        PurchaseOrder.delivery >= month,
        PurchaseOrder.delivery < following,
    )
    orders = session.exec(select(PurchaseOrder).where(*here)).all()
    lines = session.exec(
        select(OrderLine)
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order))
        .where(*here, col(OrderLine.version) == col(PurchaseOrder.order_version))
    )
    goods = sum(
        (taxed(line.price_ht * expected_packs(line), line.vat_permille) for line in lines), Decimal(0)
    )
    return goods + sum((fee_ttc(order.fee_ht) for order in orders), Decimal(0))


def order_ttc(order: PurchaseOrder, lines: Iterable[OrderLine]) -> Decimal:
    """Euros TTC of an order as it is written, its fee included."""
    return sum((taxed(line.total_ht, line.vat_permille) for line in lines), fee_ttc(order.fee_ht))


def taxed(euros_ht: Decimal, vat_permille: int) -> Decimal:
    """With VAT, to the cent."""
    return (euros_ht * (1000 + vat_permille) / 1000).quantize(CENT, ROUND_HALF_UP)


def fee_ttc(euros_ht: Decimal) -> Decimal:
    """A delivery fee with its VAT."""
    return taxed(euros_ht, FEE_VAT_PERMILLE)
