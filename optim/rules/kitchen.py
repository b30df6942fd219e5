"""What the kitchen can do on a day: season, equipment, hands, hygiene."""

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass

from optim.instance import Dish, Instance, Recipe, Service
from optim.linear import LinearModel
from optim.lines import Serving, served_diners, servings
from optim.plan import Plan, Violation
from optim.rules.base import Rule
from optim.rules.words import day_name, sentence
from optim.terms import Niveau, Slot
from optim.units import PERMILLE
from optim.variables import Variables

MONDAY = 0
HEAVY_A_DAY = 1
USAGE = "usage des cuisines"


@dataclass(frozen=True, kw_only=True)
class Unsuitable(Rule):
    """Rules that look at one dish on one day, nothing else."""

    @abstractmethod
    def reason(self, instance: Instance, service: Service, recipe: Recipe) -> str | None:
        """Why the dish does not suit that day, or nothing."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Dishes on days that do not suit them."""
        found = []
        for service in instance.horizon:
            for dish in plan.by_day.get(service.date, ()):
                for recipe in eaten(instance, dish):
                    reason = self.reason(instance, service, recipe)
                    if reason:
                        message = f"{recipe.name}, {day_name(service.date)} : {reason}."
                        found.append(self.fault(message, service.date, dish.slot.value))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Keep those dishes at zero."""
        for service in instance.horizon:
            for slot in Slot:
                for recipe, column in variables.by_slot.get((service.date, slot), ()):
                    other = substitute(instance, recipe)
                    bad = self.reason(instance, service, recipe)
                    if bad or (other and self.reason(instance, service, other)):
                        model.forbid(self.name, column)


def substitute(instance: Instance, recipe: Recipe) -> Recipe | None:
    """What those without pork eat instead, if anybody does."""
    if recipe.pork and recipe.substitute and instance.kitchen.no_pork_permille:
        return instance.recipe[recipe.substitute]
    return None


def eaten(instance: Instance, dish: Dish) -> list[Recipe]:
    """The recipe of a dish, and its substitute if it has one."""
    recipe = instance.recipe[dish.recipe]
    other = substitute(instance, recipe)
    return [recipe, other] if other else [recipe]


@dataclass(frozen=True, kw_only=True)
class Season(Unsuitable):
    """Fresh produce in its season, dishes in their months."""

    def reason(self, instance: Instance, service: Service, recipe: Recipe) -> str | None:
        """The dish or the fresh food out of season."""
        month = service.date.month
        if recipe.months and month not in recipe.months:
            return "ce plat n'est pas de saison"
        for ingredient in recipe.ingredients:
            food = instance.food[ingredient.food]
            if food.season_months and month not in food.season_months:
                return f"{food.name} hors saison"
        return None


@dataclass(frozen=True, kw_only=True)
class DayBefore(Unsuitable):
    """Work of the day before needs somebody the day before."""

    def reason(self, instance: Instance, service: Service, recipe: Recipe) -> str | None:
        """The kitchen was closed the day before."""
        closed = recipe.day_before and service.date in instance.closed_before
        return "à préparer la veille, or la cuisine est fermée" if closed else None


@dataclass(frozen=True, kw_only=True)
class MondayFish(Unsuitable):
    """No fresh fish on Mondays: no boat, no delivery."""

    def reason(self, instance: Instance, service: Service, recipe: Recipe) -> str | None:
        """Fresh fish on a Monday."""
        if service.date.weekday() != MONDAY:
            return None
        fresh = any(instance.food[i.food].fresh_fish for i in recipe.ingredients)
        return "pas de poisson frais le lundi" if fresh else None


@dataclass(frozen=True, kw_only=True)
class RawMilk(Unsuitable):
    """No raw-milk cheese for children under five."""

    def reason(self, instance: Instance, service: Service, recipe: Recipe) -> str | None:
        """Raw milk while pupils of maternelle eat."""
        if not service.diners.get(Niveau.MATERNELLE):
            return None
        raw = any(instance.food[i.food].raw_milk for i in recipe.ingredients)
        return "lait cru, interdit aux moins de 5 ans" if raw else None


@dataclass(frozen=True, kw_only=True)
class Pork(Rule):
    """Those who eat no pork find a dish: a substitute, or another choice."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Slots where every dish is pork without a substitute."""
        found: list[Violation] = []
        if not instance.kitchen.no_pork_permille:
            return found
        for service in instance.horizon:
            for slot in Slot:
                dishes = [d for d in plan.by_day.get(service.date, ()) if d.slot is slot]
                recipes = [instance.recipe[d.recipe] for d in dishes]
                if recipes and all(r.pork and not r.substitute for r in recipes):
                    message = (
                        f"{recipes[0].name}, {day_name(service.date)} : rien pour les convives sans porc."
                    )
                    found.append(self.fault(message, service.date, slot.value))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Forbidden where single, all but one where there is a choice."""
        if not instance.kitchen.no_pork_permille:
            return
        for service in instance.horizon:
            for slot in Slot:
                pork = variables.dishes(service.date, (slot,), lambda r: r.pork and not r.substitute)
                columns = list(pork)
                choices = instance.kitchen.presentations(slot)
                if choices == 1:
                    for column in columns:
                        model.forbid(self.name, column)
                elif columns:
                    about = f"sans porc, {day_name(service.date)}"
                    model.row(self.name, [(c, 1.0) for c in columns], high=choices - 1, about=about)


@dataclass(frozen=True, kw_only=True)
class Equipment(Rule):
    """Each oven, fryer or kettle takes so many dishes a day."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Days that ask more of a machine than it can."""
        found = []
        for service in instance.horizon:
            used = Counter(
                machine
                for dish in plan.by_day.get(service.date, ())
                for machine in instance.recipe[dish.recipe].equipment
            )
            for machine, count in used.items():
                room = self._rooms(instance).get(machine)
                if room is not None and count > room:
                    message = (
                        f"{day_name(service.date)} : {count} plats pour « {machine} », place pour {room}."
                    )
                    found.append(self.fault(sentence(message), service.date, count=count, limit=room))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per machine and day."""
        for service in instance.horizon:
            for machine, room in self._rooms(instance).items():
                columns = variables.dishes(
                    service.date,
                    tuple(Slot),
                    lambda r, name=machine: name in r.equipment,  # type: ignore[misc]
                )
                terms = [(c, 1.0) for c in columns]
                if len(terms) > room:
                    about = f"{machine}, {day_name(service.date)}"
                    model.row(self.name, terms, high=room, about=about, step=1)

    def _rooms(self, instance: Instance) -> dict[str, int]:
        """Dishes a day that each machine takes."""
        more = self.given_up(instance)
        return {machine: room + more for machine, room in instance.kitchen.equipment.items()}


@dataclass(frozen=True, kw_only=True)
class StaffMinutes(Rule):
    """The active minutes of the day's dishes fit in the team's morning."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Days with too much work."""
        room = self._room(instance)
        if room is None:
            return []
        found = []
        for service in instance.horizon:
            dishes = plan.by_day.get(service.date, ())
            minutes = sum(minutes_of(instance, dish) for dish in dishes)
            if minutes > room:
                message = f"{day_name(service.date)} : {minutes} minutes de travail, l'équipe en a {room}."
                found.append(self.fault(sentence(message), service.date, count=minutes, limit=room))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per day."""
        room = self._room(instance)
        if room is None:
            return
        for service in instance.horizon:
            terms = [
                (column, float(serving_minutes(instance, served)))
                for served, column in variables.servings.items()
                if served.date == service.date
            ]
            about = f"travail du {day_name(service.date)}"
            model.row(self.name, terms, high=room, about=about, step=1)

    def _room(self, instance: Instance) -> int | None:
        """Minutes of the team's morning."""
        room = instance.kitchen.staff_minutes
        return None if room is None else room + self.given_up(instance)


def minutes_of(instance: Instance, dish: Dish) -> int:
    """Active minutes for the diners who take the dish, rounded up."""
    return sum(serving_minutes(instance, served) for served in servings(instance, dish))


def serving_minutes(instance: Instance, served: Serving) -> int:
    """Active minutes for one level of choice, in proportion to all the diners of the day."""
    meals = max(1, instance.service[served.date].meals)
    diners = sum(served_diners(instance, served).values())
    work = instance.recipe[served.recipe].staff_minutes * served.share_permille * diners
    return -(-work // (PERMILLE * meals))


@dataclass(frozen=True, kw_only=True)
class Heavy(Rule):
    """At most one heavy dish a day."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Days with two or more."""
        found, most = [], self._most(instance)
        for service in instance.horizon:
            count = sum(instance.recipe[d.recipe].heavy for d in plan.by_day.get(service.date, ()))
            if count > most:
                message = f"{day_name(service.date)} : {count} plats lourds à préparer le même jour."
                found.append(self.fault(sentence(message), service.date, count=count, limit=most))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per day."""
        for service in instance.horizon:
            columns = variables.dishes(service.date, tuple(Slot), lambda r: r.heavy)
            about = f"plats lourds du {day_name(service.date)}"
            terms = [(c, 1.0) for c in columns]
            model.row(self.name, terms, high=self._most(instance), about=about, step=1)

    def _most(self, instance: Instance) -> int:
        """Heavy dishes a day."""
        return HEAVY_A_DAY + self.given_up(instance)


PORK = Pork(name="sans-porc", title="plat sans porc", source="choix de la cuisine")
"""Apart from the others: each line must hold a dish for those without pork."""
KITCHEN = (
    Season(name="saison", title="produits de saison", source="D230-26 CRPM ; fiches des produits"),
    DayBefore(name="veille", title="travail de la veille", source=USAGE),
    MondayFish(name="lundi", title="pas de poisson frais le lundi", source=USAGE),
    RawMilk(name="lait-cru", title="pas de lait cru en maternelle", source="Instruction DGAL/SDSSA/2019-126"),
    Equipment(name="materiel", title="matériel de cuisson", source="choix de la cuisine"),
    StaffMinutes(name="temps", title="temps de l'équipe", source="choix de la cuisine"),
    Heavy(name="lourd", title="un seul plat lourd par jour", source=USAGE),
)
