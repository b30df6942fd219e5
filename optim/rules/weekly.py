"""What comes at most so many times a week: a kitchen that fries keeps it for one day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from optim.instance import Dish, Instance, Service
from optim.linear import LinearModel
from optim.plan import Plan, RuleCount, Violation, dishes_of
from optim.rules.base import Rule
from optim.rules.blocks import weeks
from optim.rules.words import day_name, plural
from optim.terms import Critere, Slot
from optim.variables import Variables

DECIDED = "déjà servi ou gardé par le chef"


@dataclass(frozen=True, kw_only=True)
class WeeklyMost(Rule):
    """No more presentations of a criterion in an ISO week than so many for each plat offered.

    What is served or kept is never blamed: it fills the week, and nothing more may join it.
    """

    critere: Critere
    slots: tuple[Slot, ...]
    times: int
    noun: str
    """What is counted, in a sentence: « friture »."""

    def limit(self, instance: Instance, services: list[Service]) -> int:
        """The most of a week: by choice of plat, and never under what is decided already."""
        decided = (*instance.history, *instance.locks)
        return max(self.asked(instance), self._among(instance, decided, {s.date for s in services}))

    def asked(self, instance: Instance) -> int:
        """What the kitchen wants at most, by choice of plat."""
        return self.times * max(1, instance.kitchen.presentations(Slot.PLAT))

    def _among(self, instance: Instance, dishes: Iterable[Dish], dates: Iterable[date]) -> int:
        known = set(dates)
        return sum(d.date in known and self._counted(instance, d) for d in dishes)

    def _counted(self, instance: Instance, dish: Dish) -> bool:
        return dish.slot in self.slots and self.critere in instance.recipe[dish.recipe].tags

    def _weeks(self, instance: Instance, plan: Plan) -> Iterator[tuple[list[Service], int, int]]:
        for services in weeks(instance).values():
            dishes = [dish for service in services for dish in dishes_of(instance, plan, service)]
            count = sum(self._counted(instance, dish) for dish in dishes)
            yield services, count, self.limit(instance, services)

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """One counter per week, set against what is asked whatever was decided or given up."""
        return [
            RuleCount(
                rule=self.name,
                name=self.title,
                source=self.source,
                op="<=",
                count=count,
                limit=self.asked(instance),
                kept=count <= self.asked(instance),
                block=services[0].date,
                note=self.told(instance, self._note(instance, count, limit), kept=count <= limit),
            )
            for services, count, limit in self._weeks(instance, plan)
        ]

    def _note(self, instance: Instance, count: int, limit: int) -> str:
        """Why nobody is blamed for a week over what is asked."""
        return DECIDED if self.asked(instance) < count <= limit else ""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Weeks with too many."""
        found = []
        for services, count, asked in self._weeks(instance, plan):
            limit = asked + self.given_up(instance)
            if count > limit:
                week = f"Semaine du {day_name(services[0].date)}"
                message = f"{week} : {plural(count, self.noun)}, pas plus de {limit}."
                found.append(self.fault(message, services[-1].date, count=count, limit=limit))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per week: the columns of its days within what the served ones leave."""
        for services in weeks(instance).values():
            days = [service.date for service in services if not service.served]
            terms = [
                (column, 1.0)
                for day in days
                for column in variables.dishes(day, self.slots, lambda r: self.critere in r.tags)
            ]
            eaten = self._among(instance, instance.history, (s.date for s in services))
            room = self.limit(instance, services) + self.given_up(instance) - eaten
            if len(terms) > room:
                about = f"semaine du {day_name(services[0].date)}"
                model.row(self.name, terms, high=room, about=about, step=1)


FRIED = WeeklyMost(
    name="friture",
    title="fritures de la semaine",
    source="choix de la cuisine, sous les 4 sur 20 repas de l'arrêté",
    critere=Critere.F13,
    slots=(Slot.PLAT, Slot.GARNITURE),
    times=1,
    noun="friture",
)
WEEKLY = (FRIED,)
