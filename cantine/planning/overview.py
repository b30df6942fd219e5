"""The département on one screen: who is planned, what the plans are worth, who to look at first.

Everything is counted from the menus in place and their planned purchases; nothing is served or
billed here, and the page says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from cantine.french import fold
from cantine.kitchens.distance import kilometres
from cantine.kitchens.headcount import UsualDiners, all_diners, load_calendar, service_dates
from cantine.kitchens.models import Commune, Kitchen
from cantine.kitchens.settings import Settings
from cantine.menus.grid import monday_of
from cantine.menus.models import Dish, Service
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.suppliers.models import Offer
from optim.terms import Label, Niveau

WEEKS = 4
NOBODY = UsualDiners({}, {})


@dataclass(frozen=True)
class Spent:
    """Planned purchases, euros HT; additive."""

    total: Decimal = Decimal(0)
    egalim: Decimal = Decimal(0)
    bio: Decimal = Decimal(0)
    local: Decimal = Decimal(0)

    def __add__(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(
            self.total + other.total,
            self.egalim + other.egalim,
            self.bio + other.bio,
            self.local + other.local,
        )

    def share(self, part: str) -> float | None:
        """« egalim », « bio » or « local » as a fraction of the total; None when nothing is planned."""
        return float(getattr(self, part) / self.total) if self.total else None


@dataclass(frozen=True)
class Week:
    """One week of a kitchen: its meals still to come, and how many have a menu."""

    monday: date
    meals: int
    planned: int

    @property
    def state(self) -> str:
        """« fermee », « prevue », « entamee » or « vide »."""
        if not self.meals:
            return "fermee"
        return "prevue" if self.planned == self.meals else "entamee" if self.planned else "vide"


@dataclass(frozen=True)
class Line:
    """One kitchen."""

    code: str
    name: str
    commune: str
    target: float | None
    diners: int
    weeks: tuple[Week, ...]
    first_empty: date | None
    spent: Spent

    @property
    def missing(self) -> int:
        """Meals of these weeks without a menu."""
        return sum(week.meals - week.planned for week in self.weeks)

    @property
    def under_target(self) -> bool:
        """Whether the plans stay under what the kitchen aims at."""
        share = self.spent.share("egalim")
        return share is not None and self.target is not None and share < self.target

    @property
    def rank(self) -> tuple[int, float, str]:
        """Most meals without menu first, then the farthest under its target."""
        share = self.spent.share("egalim")
        return -self.missing, (share or 0.0) - (self.target or 0.0), fold(self.name)


@dataclass(frozen=True)
class Overview:
    """What the page shows."""

    today: date
    mondays: tuple[date, ...]
    lines: tuple[Line, ...]
    spent: Spent

    @property
    def diners(self) -> int:
        """Meals of the day in the whole département."""
        return sum(line.diners for line in self.lines)

    @property
    def open(self) -> int:
        """Kitchens that serve today."""
        return sum(bool(line.diners) for line in self.lines)

    @property
    def planned(self) -> int:
        """Kitchens whose every meal of these weeks has a menu."""
        return sum(any(week.meals for week in line.weeks) and not line.missing for line in self.lines)

    @property
    def started(self) -> int:
        """Kitchens with some menu in these weeks."""
        return sum(any(week.planned for week in line.weeks) for line in self.lines)

    def planned_in(self, rank: int) -> tuple[int, int]:
        """Kitchens ready for one of the weeks, among those that serve then."""
        weeks = [line.weeks[rank] for line in self.lines]
        return sum(week.state == "prevue" for week in weeks), sum(week.meals > 0 for week in weeks)

    def found(self, query: str) -> list[Line]:
        """Lines that hold every word of a query, the ones to look at first on top."""
        words = fold(query).split()
        lines = (
            one for one in self.lines if all(w in fold(f"{one.name} {one.commune} {one.code}") for w in words)
        )
        return sorted(lines, key=lambda line: line.rank)


def load_overview(session: Session, settings: Settings, today: date) -> Overview:
    """Read every kitchen at once: a few queries, whatever their number."""
    mondays = tuple(monday_of(today) + timedelta(days=7 * rank) for rank in range(WEEKS))
    last = mondays[-1] + timedelta(days=6)
    kitchens = session.exec(select(Kitchen).order_by(col(Kitchen.code))).all()
    communes = {row.insee: row.name for row in session.exec(select(Commune))}
    services = _services(session, today, last)
    dishes = _with_dishes(session, today, last)
    spent = _spent(session, {k.code: k for k in kitchens}, settings.local_km, mondays[0], last)
    usual, calendar = all_diners(session), load_calendar(session)
    lines = []
    for kitchen in kitchens:
        own = services.get(kitchen.code, {})
        expected = usual.get(kitchen.code, NOBODY)
        dates = [day for day in service_dates(kitchen, calendar, today) if day <= last]
        diners = {day: count for day in dates if (count := _diners(own.get(day), expected, day))}
        ready = dishes.get(kitchen.code, set())
        lines.append(
            Line(
                code=kitchen.code,
                name=kitchen.name,
                commune=communes.get(kitchen.insee, ""),
                target=kitchen.target_egalim_permille / 1000 or None,
                diners=diners.get(today, 0),
                weeks=tuple(_week(monday, diners, ready) for monday in mondays),
                first_empty=next((day for day in diners if day not in ready), None),
                spent=spent.get(kitchen.code, Spent()),
            )
        )
    return Overview(today, mondays, tuple(lines), sum(spent.values(), Spent()))


def _diners(service: Service | None, usual: UsualDiners, day: date) -> int:
    """Who eats: decided with the menu, else the usual diners; nobody on an excluded day."""
    if service is None:
        return sum(usual.on(day).values())
    if service.status == "exclu":
        return 0
    return sum(int(getattr(service, niveau.value)) for niveau in Niveau)


def _week(monday: date, meals: Iterable[date], ready: set[date]) -> Week:
    days = [day for day in meals if monday_of(day) == monday]
    return Week(monday, len(days), sum(day in ready for day in days))


def _services(session: Session, first: date, last: date) -> dict[str, dict[date, Service]]:
    found: defaultdict[str, dict[date, Service]] = defaultdict(dict)
    for row in session.exec(select(Service).where(col(Service.date).between(first, last))):
        found[row.kitchen][row.date] = row
    return found


def _with_dishes(session: Session, first: date, last: date) -> dict[str, set[date]]:
    found: defaultdict[str, set[date]] = defaultdict(set)
    statement = (
        select(col(Dish.kitchen), col(Dish.date)).where(col(Dish.date).between(first, last)).distinct()
    )
    for kitchen, day in session.exec(statement):
        found[kitchen].add(day)
    return found


def _spent(
    session: Session, kitchens: Mapping[str, Kitchen], local_km: int, first: date, last: date
) -> dict[str, Spent]:
    """What the meals between two dates take from the planned purchases, by kitchen."""
    offers = {
        offer.code: (offer, origin)
        for offer, origin in session.exec(
            select(Offer, Commune).outerjoin(Commune, col(Commune.insee) == col(Offer.origin_insee))
        )
    }
    found: defaultdict[str, Spent] = defaultdict(Spent)
    for code, name, price, grams in session.exec(_taken(first, last)):
        (offer, origin), kitchen = offers[name], kitchens[code]
        euros = price * grams / offer.pack_g
        local = origin is not None and local_km >= kilometres(
            origin.latitude, origin.longitude, kitchen.latitude, kitchen.longitude
        )
        labels = offer.labels
        found[code] += Spent(euros, euros * bool(labels), euros * (Label.BIO in labels), euros * local)
    return dict(found)


def _taken(first: date, last: date) -> Select[str, str, Decimal, int]:
    """Kitchen, offer, price of the pack and grams taken, one row per price."""
    use, bought = PlannedUse, PlannedPurchase
    same = (
        (col(bought.kitchen) == col(use.kitchen))
        & (col(bought.offer) == col(use.offer))
        & (col(bought.delivery) == col(use.delivery))
    )
    return (
        select(col(use.kitchen), col(bought.offer), col(bought.price_ht), func.sum(use.grams))
        .join(bought, same)
        .where(col(use.date).between(first, last))
        .group_by(col(use.kitchen), col(bought.offer), col(bought.price_ht))
    )
