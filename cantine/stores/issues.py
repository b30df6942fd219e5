"""What a meal takes out of the store: prefilled from its recipes, the earliest date first, in one act."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.french import day as day_words
from cantine.menus.models import Dish, Service
from cantine.menus.versions import Stamp
from cantine.stores import ledger
from cantine.stores.models import StockMove
from cantine.stores.needs import Need, needs_of
from cantine.stores.stock import lot_in
from cantine.suppliers.models import StockLot

SMALL_G = 5
"""A need under so many grams is no trouble."""
MEALS_BEFORE, MEALS_AHEAD = 2, 6
"""Meals offered on the page of issues."""
MOVED = (
    "Des produits sont déjà sortis pour ce repas depuis que la page est ouverte. "
    "Voici où en sont les sorties\u00a0: vérifiez, puis recommencez si besoin."
)


@dataclass(frozen=True)
class Pick:
    """Grams to take from one lot."""

    lot: StockLot
    grams: int

    @property
    def key(self) -> str:
        """Name of the lot in forms."""
        return f"{self.lot.food}@{self.lot.expires_on.isoformat()}"


@dataclass(frozen=True)
class Wanted:
    """A food of a meal: what it takes, what is out already, from which lots, what the store lacks."""

    need: Need
    issued_g: int
    picks: Sequence[Pick]
    lacking_g: int


@dataclass(frozen=True)
class IssueSheet:
    """The sheet of a meal.

    Attributes:
        mark: moves made so far for the meal, so that one act is done once.
    """

    day: date
    wanted: Sequence[Wanted]
    staples: Sequence[Wanted]
    mark: int

    @property
    def rows(self) -> list[Wanted]:
        """Everything the meal takes, staples last."""
        return [*self.wanted, *self.staples]

    @property
    def done(self) -> bool:
        """Whether everything the meal takes from the store is out."""
        return bool(self.mark) and not any(pick.grams for row in self.rows for pick in row.picks)


def meals_near(session: Session, kitchen: str, today: date) -> list[date]:
    """The last meals and those to come that have dishes."""
    days = select(col(Dish.date)).join(
        Service, (col(Service.kitchen) == col(Dish.kitchen)) & (col(Service.date) == col(Dish.date))
    )
    days = days.where(Dish.kitchen == kitchen, Service.status != "exclu").distinct()
    past = session.exec(
        days.where(Dish.date < today).order_by(col(Dish.date).desc()).limit(MEALS_BEFORE)
    ).all()
    ahead = session.exec(days.where(Dish.date >= today).order_by(col(Dish.date)).limit(MEALS_AHEAD)).all()
    return [*reversed(past), *ahead]


def issue_sheet(session: Session, kitchen: str, day: date) -> IssueSheet:
    """What to take out for a meal, what is out already deducted; empty where no meal is served."""
    needs = needs_of(session, kitchen, day)
    issued = issued_for(session, kitchen, day)
    lots = _lots(session, kitchen, [need.food.code for need in needs], day)
    rows = [_wanted(need, issued.get(need.food.code, 0), lots[need.food.code]) for need in needs]
    return IssueSheet(
        day,
        wanted=[row for row in rows if not row.need.food.staple],
        staples=[row for row in rows if row.need.food.staple],
        mark=mark_of(session, kitchen, day),
    )


def issued_for(session: Session, kitchen: str, day: date) -> dict[str, int]:
    """Grams out already for a meal, by food."""
    rows = session.exec(
        select(col(StockMove.food), func.sum(col(StockMove.grams)))
        .where(StockMove.kitchen == kitchen, StockMove.service_date == day, StockMove.kind == ledger.ISSUE)
        .group_by(col(StockMove.food))
    )
    return {food: -int(grams) for food, grams in rows}


def mark_of(session: Session, kitchen: str, day: date) -> int:
    """How many moves were made for a meal."""
    query = select(func.count()).select_from(StockMove)
    return session.exec(query.where(StockMove.kitchen == kitchen, StockMove.service_date == day)).one()


def _lots(
    session: Session, kitchen: str, foods: Sequence[str], day: date
) -> defaultdict[str, list[StockLot]]:
    """Lots still good on the day of the meal, the earliest first."""
    found: defaultdict[str, list[StockLot]] = defaultdict(list)
    query = select(StockLot).where(
        StockLot.kitchen == kitchen,
        col(StockLot.food).in_(foods),
        StockLot.grams > 0,
        StockLot.expires_on >= day,
    )
    for lot in session.exec(query.order_by(col(StockLot.expires_on))):
        found[lot.food].append(lot)
    return found


def _wanted(need: Need, issued: int, lots: Sequence[StockLot]) -> Wanted:
    left = max(0, need.grams - issued)
    picks: list[Pick] = []
    for lot in lots:
        grams = min(left, lot.grams)
        if grams or not picks:
            picks.append(Pick(lot, grams))
        left -= grams
    return Wanted(need, issued, picks, left if left > SMALL_G else 0)


def issue(session: Session, kitchen: str, day: date, grams: Mapping[str, int], mark: int, who: Stamp) -> int:
    """« Sortir pour le repas »: all at once or nothing; the number of lots moved. Never commits.

    Args:
        session: a database session.
        kitchen: its key.
        day: of the meal.
        grams: by name of a lot (food@date); zero is left out.
        mark: ``IssueSheet.mark`` as it was shown.
        who: who takes it out.

    Raises:
        ConflictError: something was taken out for this meal meanwhile.
        CantineError: nothing to take out, or a lot holds less.
    """
    service = session.get(Service, (kitchen, day), with_for_update=True)
    if service is None:
        raise NotFoundError(f"Aucun repas n'est prévu le {day_words(day)}.")
    if mark_of(session, kitchen, day) != mark:
        raise ConflictError(MOVED)
    wanted = sorted((*lot_in(key), weight) for key, weight in grams.items() if weight)
    if not wanted:
        raise CantineError("Rien à sortir\u00a0: aucun poids n'est écrit.")
    for food, expires_on, weight in wanted:
        ledger.move(
            session,
            kitchen=kitchen,
            food=food,
            expires_on=expires_on,
            grams=-weight,
            kind=ledger.ISSUE,
            date=who.today,
            at=who.now,
            user_id=who.user_id,
            service_date=day,
        )
    return len(wanted)
