"""What a meal is made of: four or five components, so many choices of each."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from optim.instance import Dish, Instance, Service
from optim.linear import LinearModel
from optim.plan import Plan, Violation
from optim.rules.base import Rule
from optim.rules.words import SLOTS, day_name, plural, sentence
from optim.terms import Slot
from optim.units import PERMILLE
from optim.variables import Variables

FOUR = 4
"""Components of the short menu (arrêté du 30 septembre 2011, art. 1): starter or dessert."""
GARNISHES = ("legume", "feculent")


@dataclass(frozen=True, kw_only=True)
class Components(Rule):
    """Each component is there, with its number of choices, and shares that make the whole."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Missing, superfluous or misplaced dishes of each service."""
        found = [
            self.fault(
                f"{instance.recipe[d.recipe].name} : pas de repas à préparer le {day_name(d.date)}.", d.date
            )
            for d in plan.dishes
            if d.date not in instance.service or instance.service[d.date].served
        ]
        for service in instance.horizon:
            found += self._service(instance, service, plan.by_day.get(service.date, ()))
        return found

    def _service(self, instance: Instance, service: Service, dishes: tuple[Dish, ...]) -> Iterator[Violation]:
        kitchen = instance.kitchen
        per_slot = {slot: [d for d in dishes if d.slot is slot] for slot in Slot}
        filled = {slot: len(per_slot[slot]) for slot in Slot}
        if kitchen.complete_fills_garnish:
            filled[Slot.GARNITURE] += sum(
                instance.recipe[d.recipe].complete_dish for d in per_slot[Slot.PLAT]
            )
        for slot in (Slot.ENTREE, Slot.DESSERT):
            if kitchen.dairy_fills(slot):
                filled[Slot.LAITIER] += sum(instance.recipe[d.recipe].covers_dairy for d in per_slot[slot])
        for slot, wanted in self._wanted(instance, filled).items():
            if filled[slot] != wanted:
                yield self._count_fault(service, slot, filled[slot], wanted)
        for slot, served in per_slot.items():
            yield from self._slot(instance, service, slot, served)
            yield from self._ranks(instance, service, slot, served)

    def _ranks(
        self, instance: Instance, service: Service, slot: Slot, dishes: list[Dish]
    ) -> Iterator[Violation]:
        """A line with fewer choices takes the first ones: they must be there, no more, no less."""
        if not dishes:
            return
        for level in instance.kitchen.levels(slot)[:-1]:
            first = sum(dish.choice <= level for dish in dishes)
            if first != level:
                there = plural(first, "plat")
                message = (
                    f"{day_name(service.date)}, {SLOTS[slot]} : {there} en premier choix au lieu de {level}."
                )
                yield self.fault(sentence(message), service.date, slot.value, first, level)

    def _wanted(self, instance: Instance, filled: dict[Slot, int]) -> dict[Slot, int]:
        wanted = {slot: instance.kitchen.presentations(slot) for slot in Slot}
        if instance.kitchen.components == FOUR:
            wanted[Slot.DESSERT if filled[Slot.ENTREE] else Slot.ENTREE] = 0
        return wanted

    def _count_fault(self, service: Service, slot: Slot, count: int, wanted: int) -> Violation:
        there = plural(count, "plat") if count else "rien"
        message = f"{day_name(service.date)}, {SLOTS[slot]} : {there}, il en faut {wanted}."
        return self.fault(sentence(message), service.date, slot.value, count, wanted)

    def _slot(
        self, instance: Instance, service: Service, slot: Slot, dishes: list[Dish]
    ) -> Iterator[Violation]:
        for dish in dishes:
            recipe = instance.recipe[dish.recipe]
            if recipe.slot is not slot:
                message = f"{recipe.name} se sert en {SLOTS[recipe.slot]}, pas en {SLOTS[slot]}."
                yield self.fault(message, service.date, slot.value)
        total = sum(d.share_permille for d in dishes)
        if dishes and abs(total - PERMILLE) > len(dishes):
            message = (
                f"{day_name(service.date)}, {SLOTS[slot]} : les parts font {total / 10:.0f} %, pas 100 %."
            )
            yield self.fault(sentence(message), service.date, slot.value, total, PERMILLE)

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One balance per service and slot."""
        kitchen = instance.kitchen
        for service in instance.horizon:
            day = service.date
            starter = model.binary() if kitchen.components == FOUR else None
            for slot in Slot:
                terms = [(column, 1.0) for column in variables.dishes(day, (slot,))]
                terms += self._fillers(variables, instance, service, slot)
                wanted = kitchen.presentations(slot)
                about = f"{SLOTS[slot]} du {day_name(day)}"
                if starter is not None and slot is Slot.ENTREE:
                    model.row(self.name, [*terms, (starter, -wanted)], 0, 0, about)
                elif starter is not None and slot is Slot.DESSERT:
                    model.row(self.name, [*terms, (starter, wanted)], wanted, wanted, about)
                else:
                    model.row(self.name, terms, wanted, wanted, about)
                self._build_levels(model, variables, kitchen.levels(slot), (day, slot))

    def _build_levels(
        self, model: LinearModel, variables: Variables, levels: tuple[int, ...], place: tuple[date, Slot]
    ) -> None:
        """The first presentations are so many, and are among those of the wider lines."""
        day, slot = place
        about = f"{SLOTS[slot]} du {day_name(day)}"
        recipes = [recipe.code for recipe, _ in variables.by_slot.get(place, ())]
        for level, wider in pairwise(levels):
            pairs = [
                (variables.among(day, slot, code, level), variables.among(day, slot, code, wider))
                for code in recipes
            ]
            for narrow, wide in pairs:
                model.row(self.name, [(narrow, 1.0), (wide, -1.0)], high=0, about=about)
            balance = [(column, float(wider)) for column, _ in pairs]
            balance += [(column, -float(level)) for _, column in pairs]
            model.row(self.name, balance, 0, 0, about)

    def _fillers(
        self, variables: Variables, instance: Instance, service: Service, slot: Slot
    ) -> list[tuple[int, float]]:
        day, kitchen = service.date, instance.kitchen
        if slot is Slot.GARNITURE and kitchen.complete_fills_garnish:
            return [(c, 1.0) for c in variables.dishes(day, (Slot.PLAT,), lambda r: r.complete_dish)]
        if slot is Slot.LAITIER:
            slots = tuple(s for s in (Slot.ENTREE, Slot.DESSERT) if kitchen.dairy_fills(s))
            return [(c, 1.0) for c in variables.dishes(day, slots, lambda r: r.covers_dairy)]
        return []


@dataclass(frozen=True, kw_only=True)
class GarnishPair(Rule):
    """Where two garnitures or more are offered: a vegetable and a starch among them."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Days whose choice lacks one of the two."""
        if not _has_choice(instance):
            return []
        found = []
        for service in instance.horizon:
            served = [d for d in plan.by_day.get(service.date, ()) if d.slot is Slot.GARNITURE]
            offered = {instance.recipe[d.recipe].garnish for d in served}
            for garnish, words in zip(GARNISHES, ("un légume", "un féculent"), strict=True):
                if served and garnish not in offered:
                    message = f"Le {day_name(service.date)}, il manque {words} parmi les garnitures."
                    found.append(self.fault(message, service.date, Slot.GARNITURE.value))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """At least one of each kind among the garnitures of a service."""
        if not _has_choice(instance):
            return
        for service in instance.horizon:
            for garnish in GARNISHES:
                columns = variables.dishes(
                    service.date,
                    (Slot.GARNITURE,),
                    lambda r, kind=garnish: r.garnish == kind,  # type: ignore[misc]
                )
                about = f"garnitures du {day_name(service.date)}"
                model.row(self.name, [(c, 1.0) for c in columns], low=1, about=about)


@dataclass(frozen=True, kw_only=True)
class Directed(Rule):
    """Choix dirigé: the presentations of the slot are variants of one dish, and count once."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Slots that offer dishes of different kinds."""
        found = []
        for service in instance.horizon:
            for slot in Slot:
                dishes = [d for d in plan.by_day.get(service.date, ()) if d.slot is slot]
                roots = {instance.recipe[d.recipe].root for d in dishes}
                if slot in instance.kitchen.directed and len(roots) > 1:
                    names = ", ".join(instance.recipe[d.recipe].name for d in dishes)
                    message = (
                        f"{day_name(service.date)}, {SLOTS[slot]} : en choix dirigé, "
                        f"{names} devraient être des variantes d'un même plat."
                    )
                    found.append(self.fault(sentence(message), service.date, slot.value))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One family of variants a slot; a family too small for the choice is left out."""
        kitchen = instance.kitchen
        for service in instance.horizon:
            for slot in kitchen.directed:
                families: defaultdict[str, list[int]] = defaultdict(list)
                for recipe, column in variables.by_slot.get((service.date, slot), ()):
                    families[recipe.root].append(column)
                wanted, chosen = kitchen.presentations(slot), []
                for columns in families.values() if wanted > 1 else ():
                    family = model.following(0, 1, -1, integer=True)
                    chosen.append((family, 1.0))
                    about = f"{SLOTS[slot]} du {day_name(service.date)}"
                    terms = [*((c, 1.0) for c in columns), (family, -float(wanted))]
                    model.row(self.name, terms, high=0, about=about)
                if chosen:
                    model.row(self.name, chosen, high=1, about=f"{SLOTS[slot]} du {day_name(service.date)}")


def _has_choice(instance: Instance) -> bool:
    return instance.kitchen.presentations(Slot.GARNITURE) > 1


STRUCTURE = (
    Components(
        name="structure",
        title="composition du repas",
        source="Arrêté du 30 septembre 2011 (AGRG1032380A), art. 1 ; D230-25 CRPM",
    ),
    Directed(name="choix-dirige", title="variantes d'un même plat", source="choix de la cuisine"),
)
GARNISH_PAIR = GarnishPair(
    name="garnitures", title="un légume et un féculent au choix", source="usage (CNRC)"
)
