"""The 15 frequencies of 20 successive meals, and their sliding counts.

Reading of the trade: consecutive blocks, one dish offered is one presentation, thresholds
multiplied by the number of presentations of the criterion's slot. A block that the horizon cuts
owes its part of each minimum, and leaves to the later meals no more than they can bring.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from optim.instance import Dish, Instance, Service
from optim.linear import LinearModel
from optim.plan import Plan, RuleCount, Violation, dishes_of
from optim.rules.base import Rule
from optim.rules.blocks import BLOCK, Block, Limit, Need, blocks, limits
from optim.rules.words import day_name
from optim.terms import Critere, Slot
from optim.variables import Variables

ARRETE = "Arrêté du 30 septembre 2011 (AGRG1032380A), annexe I"
IN_FORCE = date(2011, 10, 3)

RIVALS: tuple[tuple[str, ...], ...] = (
    ("F03", "F04"),
    ("F05", "F06", "F07"),
    ("F08", "F09"),
)
"""Criteria that fill the same component of a meal."""
RIVALS_FOUR_COMPONENTS = (("F01", "F02"),)
"""With four components, starter and dessert share one place."""


@dataclass(frozen=True, kw_only=True)
class Frequency(Rule):
    """One line of annexe I: so many presentations over 20 meals."""

    critere: Critere
    slots: tuple[Slot, ...]
    base: Slot
    """The slot whose presentations multiply the threshold."""
    op: str
    times: int
    once_per_choice: bool = False
    """A green salad beside the dish counts, but a meal never counts more than its presentations."""

    @property
    def row(self) -> tuple[str, date | None]:
        """Which row of the law: a criterion that a decree changes has one before and one after."""
        return self.name, self.valid_from

    def applies(self, instance: Instance) -> bool:
        """Whether some block of the horizon began in its time, and the kitchen did not switch it off."""
        return any(self.rules(block) for block in blocks(instance)) and self.switched_on(instance)

    def rules(self, block: Block) -> bool:
        """Whether it was in force at the first meal of the block: twenty meals are judged by one law."""
        return self.in_force(block.services[0].date)

    def limit(self, instance: Instance) -> int:
        """The threshold for this kitchen."""
        return self.times * instance.kitchen.presentations(self.base)

    def need(self, instance: Instance) -> Need:
        """The threshold as bounds of a block."""
        limit = self.limit(instance)
        return Need(
            least=limit if self.op in {">=", "="} else None,
            most=limit if self.op in {"<=", "="} else None,
            per_meal=instance.kitchen.presentations(self.base),
        )

    def count(self, instance: Instance, dishes: Iterable[Dish]) -> int:
        """Presentations of the criterion in one meal."""
        found = 0
        for dish in dishes:
            recipe = instance.recipe[dish.recipe]
            found += self.critere in recipe.tags and dish.slot in counted_slots(self, instance, dish)
        return min(found, instance.kitchen.presentations(self.base)) if self.once_per_choice else found

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """One counter per block of the horizon, set against the law itself whatever was given up."""
        return [
            RuleCount(
                rule=self.name,
                name=self.title,
                source=self.source,
                op=self.op,
                count=reading.total,
                limit=self.limit(instance),
                kept=reading.kept,
                block=reading.block.services[0].date,
                note=self.told(instance, reading.limit.note, kept=reading.kept),
            )
            for reading in self._readings(instance.as_ruled, plan)
        ]

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """The blocks whose count is out of its limits."""
        return [
            self.fault(
                _message(self, reading),
                day=reading.block.planned[-1].date,
                count=reading.total,
                limit=reading.bound,
            )
            for reading in self._readings(instance, plan)
            if not reading.kept
        ]

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per block: served presentations plus chosen ones within the limits."""
        for block, found in self._limits(instance):
            limit = found[self.name]
            terms: list[tuple[int, float]] = []
            for service in block.planned:
                terms += self._meal_terms(model, variables, instance, service)
            done = sum(self.count(instance, instance.history_by_day.get(s.date, ())) for s in block.served)
            low = float("-inf") if limit.low is None else limit.low - done
            high = float("inf") if limit.high is None else limit.high - done
            if low > 0 or high < len(terms):
                model.row(self.name, terms, low, high, about=self.title, step=1)
            self._build_rest(model, variables, instance, block, found)

    def _limits(self, instance: Instance) -> Iterator[tuple[Block, dict[str, Limit]]]:
        return ((block, found) for block, found in block_limits(instance) if self.rules(block))

    def _build_rest(
        self,
        model: LinearModel,
        variables: Variables,
        instance: Instance,
        block: Block,
        found: dict[str, Limit],
    ) -> None:
        """What this criterion and its rivals leave to the later meals fits in them together."""
        rest = self._rest(instance, block, found)
        if rest is None:
            return
        lacks = []
        for rule in rest.rules:
            lack, goal = model.following(0, found[rule.name].goal, -1), found[rule.name].goal
            done = sum(rule.count(instance, instance.history_by_day.get(s.date, ())) for s in block.served)
            planned = [t for s in block.planned for t in rule._meal_terms(model, variables, instance, s)]  # noqa: SLF001 - a sister criterion
            model.row(rule.name, [(lack, 1.0), *planned], low=goal - done, about=rule.title, step=1)
            lacks.append((lack, 1.0))
        model.row(self.name, lacks, high=rest.room, about=self.title)

    def _rest(self, instance: Instance, block: Block, found: dict[str, Limit]) -> "Rest | None":
        """The rivals that this criterion, last of them, answers for; nothing where the limits are enough."""
        for rivals in rivals_of(instance):
            group = [name for name in rivals if name in found]
            if not group or group[-1] != self.name:
                continue
            rules = tuple(rule for name, rule in ruling(block).items() if name in group)
            room = block.missing * max(rule.need(instance).per_meal for rule in rules)
            if sum(found[n].goal - (found[n].low or 0) for n in group) > room:
                return Rest(rules, room)
        return None

    def _meal_terms(
        self, model: LinearModel, variables: Variables, instance: Instance, service: Service
    ) -> list[tuple[int, float]]:
        columns = [
            column
            for slot in self.slots
            for recipe, column in variables.by_slot.get((service.date, slot), ())
            if self.critere in recipe.tags
            and _slot_counts(self, instance, slot, complete=recipe.complete_dish)
        ]
        outside = any(
            slot is not self.base for slot in self.slots if variables.by_slot.get((service.date, slot))
        )
        if not (self.once_per_choice and outside and columns):
            return [(column, 1.0) for column in columns]
        seen = model.following(0, instance.kitchen.presentations(self.base), 1)
        model.row(self.name, [(seen, 1.0), *((column, -1.0) for column in columns)], high=0, about=self.title)
        return [(seen, 1.0)]

    def _readings(self, instance: Instance, plan: Plan) -> Iterator["Reading"]:
        for block, found in self._limits(instance):
            total, rest = self._total(instance, plan, block), self._rest(instance, block, found)
            lack = room = 0
            if rest:
                room = rest.room
                for rule in rest.rules:
                    lack += max(0, found[rule.name].goal - rule._total(instance, plan, block))  # noqa: SLF001
            yield Reading(block, total, found[self.name], lack, room)

    def _total(self, instance: Instance, plan: Plan, block: Block) -> int:
        return sum(self.count(instance, dishes_of(instance, plan, s)) for s in block.services)


class Rest(NamedTuple):
    """Rival criteria, and what the meals after the horizon may bring to them together."""

    rules: tuple[Frequency, ...]
    room: int


class Reading(NamedTuple):
    """The count of one criterion in one block, beside what is asked."""

    block: Block
    total: int
    limit: Limit
    lack: int = 0
    """What the criterion and its rivals leave to the meals after the horizon."""
    room: int = 0

    @property
    def short(self) -> bool:
        """Whether the count is under its minimum."""
        return self.limit.low is not None and self.total < self.limit.low

    @property
    def over(self) -> bool:
        """Whether the count is over its maximum."""
        return self.limit.high is not None and self.total > self.limit.high

    @property
    def kept(self) -> bool:
        """Whether nothing is wrong."""
        return not self.short and not self.over and self.lack <= self.room

    @property
    def bound(self) -> int | None:
        """The limit that is not kept."""
        if self.over:
            return self.limit.high
        return self.limit.low if self.short else self.total + self.lack - self.room


def counted_slots(rule: Frequency, instance: Instance, dish: Dish) -> tuple[Slot, ...]:
    """Slots where a dish counts: the garnish of a complete dish counts only where it fills the garniture."""
    complete = instance.recipe[dish.recipe].complete_dish
    return tuple(slot for slot in rule.slots if _slot_counts(rule, instance, slot, complete=complete))


def _slot_counts(rule: Frequency, instance: Instance, slot: Slot, *, complete: bool) -> bool:
    garnish = rule.base is Slot.GARNITURE and slot is Slot.PLAT
    return not garnish or (complete and instance.kitchen.complete_fills_garnish)


def ruling(block: Block) -> dict[str, Frequency]:
    """The criteria in force for a block, by name: a decree that changes one is another row with its dates."""
    return {rule.name: rule for rule in FREQUENCIES if rule.rules(block)}


def block_limits(instance: Instance) -> list[tuple[Block, dict[str, Limit]]]:
    """Each block of the horizon with the reachable limits of the criteria in force for it."""
    return instance.memo("frequency limits", lambda: list(_block_limits(instance)))


def rivals_of(instance: Instance) -> tuple[tuple[str, ...], ...]:
    """Groups of criteria in force that fill the same component of a meal."""

    def compute() -> tuple[tuple[str, ...], ...]:
        groups = RIVALS
        aside = any(Critere.F01 in r.tags and r.slot in {Slot.PLAT, Slot.GARNITURE} for r in instance.recipes)
        if instance.kitchen.components == 4 and not aside:  # noqa: PLR2004 - the law's "quatre composantes"
            groups += RIVALS_FOUR_COMPONENTS
        on = {rule.name for rule in FREQUENCIES if rule.applies(instance)}
        found = (tuple(name for name in group if name in on) for group in groups)
        return tuple(group for group in found if len(group) > 1)

    return instance.memo("frequency rivals", compute)


def _block_limits(instance: Instance) -> Iterator[tuple[Block, dict[str, Limit]]]:
    for block in blocks(instance):
        rules = ruling(block)
        needs = {name: rule.need(instance) for name, rule in rules.items()}
        meals = [instance.settled_by_day.get(s.date, ()) for s in block.settled]
        done = {name: sum(rule.count(instance, meal) for meal in meals) for name, rule in rules.items()}
        found = limits(block, needs, done.__getitem__, rivals_of(instance))
        yield (
            block,
            {
                name: _on_its_days(instance, block, rule, found[name], done[name]).eased(
                    rule.given_up(instance)
                )
                for name, rule in rules.items()
            },
        )


def _on_its_days(instance: Instance, block: Block, rule: Frequency, limit: Limit, done: int) -> Limit:
    """What the days on which the component is taken may bring: not all, for a line that alternates."""
    free = sum(instance.kitchen.presented(rule.base, service.date) for service in block.free)
    every = len(block.free) * instance.kitchen.presentations(rule.base)
    if limit.low is None or free == every:
        return limit
    later = block.missing // 2 * instance.kitchen.presentations(rule.base)
    goal = min(limit.goal, done + free + later)
    return replace(limit, low=min(limit.low, done + free), goal=goal)


class Window(NamedTuple):
    """Twenty meals running that end in the horizon and are no block."""

    rule: Frequency
    dates: tuple[date, ...]
    """Its services of the horizon."""
    served: int
    """Presentations of the criterion at its other meals."""
    least: int | None
    most: int | None

    def off(self, total: int) -> int:
        """By how much so many presentations miss the criterion."""
        over = max(0, total - self.most) if self.most is not None else 0
        return max(0, (self.least or 0) - total) + over


def sliding_windows(instance: Instance) -> Iterator[Window]:
    """The sliding counts that the objective prices; a meal left without a menu brings nothing to them."""
    empty = (Service(date=day, diners={}, served=True) for day in instance.without_menu)
    services = sorted((*instance.services, *empty), key=lambda service: service.date)
    for rule in FREQUENCIES:
        need = rule.need(instance)
        past = [
            rule.count(instance, instance.history_by_day.get(s.date, ())) if s.served else 0 for s in services
        ]
        for start in range(len(services) - BLOCK + 1):
            span = services[start : start + BLOCK]
            if start % BLOCK and not span[-1].served and rule.in_force(span[0].date):
                dates = tuple(s.date for s in span if not s.served)
                yield Window(rule, dates, sum(past[start : start + BLOCK]), need.least, need.most)


def sliding_off(instance: Instance, plan: Plan) -> int:
    """By how much the sliding windows of 20 meals that touch the horizon miss the 15 criteria in all."""
    return sum(window.off(total) for window, total in sliding_totals(instance, plan))


def sliding_totals(instance: Instance, plan: Plan) -> Iterator[tuple[Window, int]]:
    """Each window with the presentations that a plan brings to it, those of its other meals included."""
    counts = presentations(instance, plan)
    for window in sliding_windows(instance):
        yield window, window.served + sum(counts.get((*window.rule.row, day), 0) for day in window.dates)


def presentations(instance: Instance, plan: Plan) -> dict[tuple[str, date | None, date], int]:
    """Presentations of each row of the law on each day of a plan."""
    return {
        (*rule.row, day): rule.count(instance, dishes)
        for rule in FREQUENCIES
        for day, dishes in plan.by_day.items()
    }


def _message(rule: Frequency, reading: Reading) -> str:
    first, last = reading.block.services[0].date, reading.block.services[-1].date
    span = f"du {day_name(first)} au {day_name(last)}"
    count = f"{rule.title} : {reading.total} présentations {span}"
    if reading.short:
        return f"{count}, il en faut au moins {reading.limit.low}."
    if reading.over:
        return f"{count}, pas plus de {reading.limit.high}."
    return (
        f"{count}, avec les autres critères de la même composante il en manquerait {reading.lack}, "
        f"les repas suivants n'en portent que {reading.room}."
    )


def _line(
    critere: Critere,
    title: str,
    slots: tuple[Slot, ...],
    op: str,
    times: int,
    base: Slot | None = None,
    *,
    once: bool = False,
) -> Frequency:
    return Frequency(
        name=critere.value,
        title=title,
        source=ARRETE,
        valid_from=IN_FORCE,
        critere=critere,
        slots=slots,
        base=base or slots[0],
        op=op,
        times=times,
        once_per_choice=once,
    )


_E, _P, _G, _L, _D = Slot.ENTREE, Slot.PLAT, Slot.GARNITURE, Slot.LAITIER, Slot.DESSERT

FREQUENCIES = (
    _line(Critere.F01, "crudités en entrée", (_E, _P, _G), ">=", 10, once=True),
    _line(Critere.F02, "fruits crus en dessert", (_D,), ">=", 8),
    _line(Critere.F03, "légumes cuits en garniture", (_G, _P), "=", 10),
    _line(Critere.F04, "féculents ou légumes secs en garniture", (_G, _P), "=", 10),
    _line(Critere.F05, "fromages riches en calcium", (_L, _E), ">=", 8),
    _line(Critere.F06, "fromages moyens en calcium", (_L, _E), ">=", 4),
    _line(Critere.F07, "laitages peu gras", (_L, _D), ">=", 6),
    _line(Critere.F08, "viandes non hachées de bœuf, veau ou agneau", (_P,), ">=", 4),
    _line(Critere.F09, "poissons", (_P,), ">=", 4),
    _line(Critere.F10, "plats peu garnis en viande, poisson ou œuf", (_P,), "<=", 3),
    _line(Critere.F11, "entrées grasses", (_E,), "<=", 4),
    _line(Critere.F12, "desserts gras", (_D,), "<=", 3),
    _line(Critere.F13, "plats ou garnitures frits", (_P, _G), "<=", 4),
    _line(Critere.F14, "plats trop gras pour leurs protéines", (_P,), "<=", 2),
    _line(Critere.F15, "desserts ou laitages sucrés", (_D, _L), "<=", 4),
)
"""Annexe I, line by line."""
