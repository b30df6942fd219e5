"""The weekly vegetarian menu of the law, and the CNRC's advice on 20 meals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from optim.instance import Dish, Instance, Recipe, Service
from optim.linear import LinearModel
from optim.plan import Plan, RuleCount, Violation, dishes_of
from optim.rules.base import Rule
from optim.rules.blocks import Block, Limit, Need, blocks, limits, weeks
from optim.rules.words import day_name
from optim.terms import Slot, Vegetarien
from optim.variables import Variables

GUIDE = "Guide CNRC du menu végétarien (2020)"


def is_main(recipe: Recipe) -> bool:
    """Whether a plat is itself vegetarian."""
    return recipe.vegetarian not in {None, Vegetarien.AUTRE}


def has_vegetarian_menu(instance: Instance, dishes: tuple[Dish, ...]) -> bool:
    """Whether a diner may eat without meat or fish from the first to the last component."""
    mains = [instance.recipe[d.recipe] for d in dishes if d.slot is Slot.PLAT]
    if not any(is_main(recipe) for recipe in mains):
        return False
    slots = {d.slot for d in dishes} - {Slot.PLAT}
    return all(
        any(instance.recipe[d.recipe].vegetarian is not None for d in dishes if d.slot is slot)
        for slot in slots
    )


def vegetarian_columns(
    rule: str, model: LinearModel, variables: Variables, instance: Instance
) -> dict[date, int]:
    """One column per service of the horizon, 1 only where a whole vegetarian menu is offered."""
    columns = {}
    for service in instance.horizon:
        menu = model.following(0, 1, 1)
        columns[service.date] = menu
        for slot in Slot:
            for terms, high in _vegetarian_rows(variables, instance, service, slot):
                model.row(rule, [(menu, 1.0), *terms], high=high, about=f"menu du {day_name(service.date)}")
    return columns


def _vegetarian_rows(
    variables: Variables, instance: Instance, service: Service, slot: Slot
) -> Iterator[tuple[list[tuple[int, float]], float]]:
    single = instance.kitchen.presentations(slot) == 1
    good = is_main if slot is Slot.PLAT else (lambda recipe: recipe.vegetarian is not None)
    if single:
        meat = variables.dishes(service.date, (slot,), lambda recipe: not good(recipe))
        yield [(column, 1.0) for column in meat], 1
        if slot is Slot.PLAT:
            yield [(c, -1.0) for c in variables.dishes(service.date, (slot,), good)], 0
    elif instance.kitchen.presentations(slot):
        every = variables.dishes(service.date, (slot,))
        optional = instance.kitchen.components == 4 and slot in {Slot.ENTREE, Slot.DESSERT}  # noqa: PLR2004
        share = 1.0 / instance.kitchen.presentations(slot)
        absent = [(c, share) for c in every] if optional else []
        terms = [(c, -1.0) for c in variables.dishes(service.date, (slot,), good)]
        yield absent + terms, 1 if optional else 0


@dataclass(frozen=True, kw_only=True)
class WeeklyMenu(Rule):
    """At least one vegetarian menu in each ISO week with a service whose menu is asked."""

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """One counter per week."""
        return [
            RuleCount(
                rule=self.name,
                name=self.title,
                source=self.source,
                op=">=",
                count=count,
                limit=1,
                kept=count >= 1,
                block=services[0].date,
                note=self.told(instance, "", kept=count >= 1),
            )
            for services, count in self._weeks(instance, plan)
        ]

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Weeks without."""
        return [
            self.fault(
                f"Semaine du {day_name(services[0].date)} : il manque un menu végétarien.",
                services[-1].date,
                count=count,
                limit=1,
            )
            for services, count in self._weeks(instance, plan)
            if count < self._least(instance)
        ]

    def _least(self, instance: Instance) -> int:
        """Menus asked of a week; none once the rule is given up."""
        return max(0, 1 - self.given_up(instance))

    def _weeks(self, instance: Instance, plan: Plan) -> Iterator[tuple[list[Service], int]]:
        for services in weeks(instance).values():
            menus = (has_vegetarian_menu(instance, dishes_of(instance, plan, s)) for s in services)
            yield services, sum(menus)

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per week that has none served yet."""
        if not self._least(instance):
            return
        menu = vegetarian_columns(self.name, model, variables, instance)
        for services in weeks(instance).values():
            served = [instance.history_by_day.get(s.date, ()) for s in services if s.served]
            if not any(has_vegetarian_menu(instance, dishes) for dishes in served):
                terms = [(menu[s.date], 1.0) for s in services if not s.served]
                about = f"semaine du {day_name(services[0].date)}"
                model.row(self.name, terms, low=1, about=about, step=1)


@dataclass(frozen=True, kw_only=True)
class MenusPerBlock(Rule):
    """So many vegetarian menus over 20 meals, according to the lunches of a week."""

    four_days: int
    five_days: int

    def limit(self, instance: Instance) -> int:
        """Menus asked of 20 meals; a choice of dishes does not multiply them."""
        return self.five_days if instance.kitchen.week_days > 4 else self.four_days  # noqa: PLR2004

    def limits(self, instance: Instance) -> list[tuple[Block, Limit]]:
        """Each block with what is still reachable."""

        def compute() -> list[tuple[Block, Limit]]:
            need = {self.name: Need(self.limit(instance), None, 1)}
            done = [(block, {self.name: self._among(instance, block.settled)}) for block in blocks(instance)]
            eased = self.given_up(instance)
            return [(b, limits(b, need, told.__getitem__, ())[self.name].eased(eased)) for b, told in done]

        return instance.memo(self.name, compute)

    def _among(self, instance: Instance, settled: Iterable[Service]) -> int:
        meals = (instance.settled_by_day.get(s.date, ()) for s in settled)
        return sum(has_vegetarian_menu(instance, dishes) for dishes in meals)

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """One counter per block, set against the guide itself whatever was given up."""
        found = []
        for block, limit in self.limits(instance.as_ruled):
            count = self._count(instance, plan, block)
            kept = count >= (limit.low or 0)
            found.append(
                RuleCount(
                    rule=self.name,
                    name=self.title,
                    source=self.source,
                    op=">=",
                    count=count,
                    limit=self.limit(instance),
                    kept=kept,
                    block=block.services[0].date,
                    note=self.told(instance, limit.note, kept=kept),
                )
            )
        return found

    def _count(self, instance: Instance, plan: Plan, block: Block) -> int:
        return sum(has_vegetarian_menu(instance, dishes_of(instance, plan, s)) for s in block.services)

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Blocks with too few vegetarian menus."""
        found = []
        for block, limit in self.limits(instance):
            count, low = self._count(instance, plan, block), limit.low or 0
            if count < low:
                message = f"{count} menus végétariens {_of(block)} : il en faut au moins {low}."
                found.append(self.fault(message, block.planned[-1].date, count=count, limit=low))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per block."""
        menu = vegetarian_columns(self.name, model, variables, instance)
        for block, limit in self.limits(instance):
            low = (limit.low or 0) - self._among(instance, block.served)
            if low > 0:
                terms = [(menu[s.date], 1.0) for s in block.planned]
                model.row(self.name, terms, low=low, about=self.title, step=1)


@dataclass(frozen=True, kw_only=True)
class Kind(Rule):
    """How often one kind of vegetarian plat comes over 20 meals."""

    kind: Vegetarien
    op: str
    times: int

    def limit(self, instance: Instance) -> int:
        """A minimum stays as it is where there is a choice, a maximum follows the presentations."""
        factor = instance.kitchen.presentations(Slot.PLAT) if self.op == "<=" else 1
        return self.times * factor

    def limits(self, instance: Instance) -> list[tuple[Block, Limit]]:
        """Each block with what is still reachable."""

        def compute() -> list[tuple[Block, Limit]]:
            limit = self.limit(instance)
            more = self.op == ">="
            need = {self.name: Need(limit if more else None, None if more else limit, 1)}
            done = [(block, {self.name: self._among(instance, block.settled)}) for block in blocks(instance)]
            eased = self.given_up(instance)
            return [(b, limits(b, need, told.__getitem__, ())[self.name].eased(eased)) for b, told in done]

        return instance.memo(self.name, compute)

    def _among(self, instance: Instance, settled: Iterable[Service]) -> int:
        return sum(self._in_meal(instance, instance.settled_by_day.get(s.date, ())) for s in settled)

    def _in_meal(self, instance: Instance, dishes: tuple[Dish, ...]) -> int:
        return sum(d.slot is Slot.PLAT and instance.recipe[d.recipe].vegetarian is self.kind for d in dishes)

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Blocks with too many or too few of the kind."""
        found = []
        for block, limit in self.limits(instance):
            count = sum(self._in_meal(instance, dishes_of(instance, plan, s)) for s in block.services)
            day = block.planned[-1].date
            if limit.low is not None and count < limit.low:
                message = f"{self.title} : {count} {_of(block)}, il en faut au moins {limit.low}."
                found.append(self.fault(message, day, count=count, limit=limit.low))
            if limit.high is not None and count > limit.high:
                message = f"{self.title} : {count} {_of(block)}, pas plus de {limit.high}."
                found.append(self.fault(message, day, count=count, limit=limit.high))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per block."""
        for block, limit in self.limits(instance):
            done = self._among(instance, block.served)
            terms: list[tuple[int, float]] = []
            for service in block.planned:
                columns = variables.dishes(service.date, (Slot.PLAT,), lambda r: r.vegetarian is self.kind)
                terms += [(column, 1.0) for column in columns]
            if limit.low is not None and limit.low > done:
                model.row(self.name, terms, low=limit.low - done, about=self.title, step=1)
            if limit.high is not None and limit.high - done < len(terms):
                model.row(self.name, terms, high=limit.high - done, about=self.title, step=1)


@dataclass(frozen=True, kw_only=True)
class MostMains(Rule):
    """No more vegetarian plats over 20 meals than the kitchen's diners are used to."""

    four_days: int
    five_days: int

    def limit(self, instance: Instance, block: Block) -> int:
        """Vegetarian plats allowed in the block: by choice of plat, and never under what is settled."""
        most = self.five_days if instance.kitchen.week_days > 4 else self.four_days  # noqa: PLR2004
        most *= max(1, instance.kitchen.presentations(Slot.PLAT))
        return max(most, self._among(instance, block.settled))

    def _among(self, instance: Instance, settled: Iterable[Service]) -> int:
        return sum(_mains(instance, instance.settled_by_day.get(s.date, ())) for s in settled)

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """One counter per block."""
        found = []
        for block in blocks(instance):
            count, limit = self._count(instance, plan, block), self.limit(instance, block)
            found.append(
                RuleCount(
                    rule=self.name,
                    name=self.title,
                    source=self.source,
                    op="<=",
                    count=count,
                    limit=limit,
                    kept=count <= limit,
                    block=block.services[0].date,
                    note=self.told(instance, "", kept=count <= limit),
                )
            )
        return found

    def _count(self, instance: Instance, plan: Plan, block: Block) -> int:
        return sum(_mains(instance, dishes_of(instance, plan, s)) for s in block.services)

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Blocks with too many vegetarian plats."""
        more = self.given_up(instance)
        return [
            self.fault(
                f"{count.count} plats végétariens sur 20 repas : {count.limit + more} au plus "
                "pour cette cuisine.",
                count.block,
                count=count.count,
                limit=count.limit + more,
            )
            for count in self.counts(instance, plan)
            if count.count > count.limit + more
        ]

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per block."""
        for block in blocks(instance):
            plats = [c for s in block.planned for c in variables.dishes(s.date, (Slot.PLAT,), is_main)]
            room = self.limit(instance, block) - self._among(instance, block.served) + self.given_up(instance)
            model.row(self.name, [(column, 1.0) for column in plats], high=room, about=self.title, step=1)


def _of(block: Block) -> str:
    return f"sur {len(block.services)} repas"


def _mains(instance: Instance, dishes: Iterable[Dish]) -> int:
    return sum(d.slot is Slot.PLAT and is_main(instance.recipe[d.recipe]) for d in dishes)


def _kind(name: str, kind: Vegetarien, title: str, op: str, times: int) -> Kind:
    return Kind(
        name=name, title=title, source=f"{GUIDE}, équilibre des 20 repas", kind=kind, op=op, times=times
    )


VEGETARIAN = (
    WeeklyMenu(
        name="V1",
        title="menu végétarien de la semaine",
        source="CRPM L230-5-6 (loi du 22 août 2021)",
        valid_from=date(2021, 8, 24),
    ),
    MenusPerBlock(name="V6", title="menus végétariens sur 20 repas", source=GUIDE, four_days=5, five_days=4),
    MostMains(
        name="vege-plus",
        title="plats végétariens sur 20 repas",
        source="choix de la cuisine, autour des 4 à 5 menus du guide CNRC",
        four_days=7,
        five_days=6,
    ),
    _kind("V7", Vegetarien.CEREALE_LEGUMINEUSE, "plats céréales et légumes secs", ">=", 2),
    _kind("V7-oeuf", Vegetarien.OEUF, "plats végétariens à l'œuf", "<=", 1),
    _kind("V7-fromage", Vegetarien.FROMAGE, "plats végétariens au fromage", "<=", 1),
    _kind("V7-transforme", Vegetarien.TRANSFORME, "plats végétariens industriels", "<=", 1),
    _kind("V7-soja", Vegetarien.SOJA, "plats végétariens au soja", "<=", 1),
)
