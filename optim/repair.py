"""After a mishap, the valid plan that changes least: what was served or ordered stays, menus before orders.

First the plan as it stands, then its purchases alone, then a few dishes: those that cannot be served, then
any. Each step is one exact model kept small: the other foods keep their orders, the other dishes their place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from optim.backend import Answer, Compiled, Engine, Outcome, run
from optim.check import counts, menu_violations, violations
from optim.explain import over_budget_sentence
from optim.figures import objective_parts
from optim.incumbent import Incumbent, Listener
from optim.instance import Dish, Frozen, Instance
from optim.model import Model, Scope, full_model
from optim.plan import Plan, Purchase, Result, Status, in_order, need_g
from optim.purchasing import keep_ranks, packs_of, recipes_of
from optim.stand_ins import Place, Reach, places_of, reaches, stand_ins
from optim.terms import Slot
from optim.trouble import Trouble, find_trouble, short_foods
from optim.units import MILLICENTS
from optim.uses import Packs, make_plan

CHANGED_CENTS = 200_000.0
"""What a changed dish weighs beside the objective, cents: more than any dish could save."""
FIRM = 2.0
"""How much more a dish weighs that the chief kept or validated; the next meals weigh as much more."""
SOON_SERVICES = 5
PATIENCE_SECONDS = 20.0
BUY_SECONDS, PATIENT_BUY = 1.0, 4.0
"""For orders near those in force; where none were found meanwhile, for any that fit."""
MOVED_PERMILLE, NEW_LINE = 200, 1.5
"""What a pack more or less than ordered weighs, of its price, and how much more on a line of its own."""
MARGIN = 0.01
"""Share of the budget kept for whole packs and minimum orders, while dishes are chosen."""
KEEP = "garder"
TOO_FAR = "Aucun plan proche de celui en place ne convient : demandez une nouvelle proposition."


class InForce(Frozen):
    """The plan in force: its dishes, the orders that have not left."""

    dishes: tuple[Dish, ...]
    orders: tuple[Purchase, ...] = ()
    firm: frozenset[tuple[date, Slot]] = frozenset()
    """Places of the dishes that the chief keeps, or has validated."""
    mend_menus: bool = False
    """Whether the mishap changes the calendar: rules that the menus now break are then mended too."""

    @property
    def packs(self) -> dict[tuple[str, date], int]:
        """Packs of the orders that may still change."""
        return {(order.offer, order.delivery): order.packs for order in self.orders}


@dataclass
class Repaired:
    """What ``repair`` found: the result, and what stood in the way of the plan in force."""

    result: Result
    trouble: Trouble = field(default_factory=Trouble)


def repair(
    instance: Instance,
    in_force: InForce,
    *,
    seconds: float = PATIENCE_SECONDS,
    seed: int = 0,
    on_progress: Listener | None = None,
) -> Repaired:
    """The valid plan with the fewest changes, or why none was found.

    ``instance`` is the question after the mishap; what was ordered is among its lots. A plan is sought for
    ``seconds`` at most; once the dishes are known, the orders take ``BUY_SECONDS`` at most.
    """
    work = _Work(instance, in_force, on_progress, seconds, seed)
    for plan in work.plans():
        if plan is not None and not work.faults(plan):
            work.best.bring(plan)
            return Repaired(work.told(plan), work.trouble)
    return Repaired(work.nothing(), work.trouble)


def _free(instance: Instance, **changed: object) -> Instance:
    """The question where a kept dish may go, if it must."""
    off = instance.switched_off | {KEEP}
    return instance.changed(**{"locks": (), "switched_off": off, **changed})


@dataclass
class _Work:
    instance: Instance
    force: InForce
    listener: Listener | None
    seconds: float
    seed: int
    trouble: Trouble = field(default_factory=Trouble)
    over: Plan | None = None

    @property
    def left(self) -> float:
        return max(0.1, self.seconds - self.best.seconds)

    def __post_init__(self) -> None:
        dishes = [d for d in self.force.dishes if d.date in {s.date for s in self.instance.horizon}]
        self.dishes = [d for d in dishes if d.recipe in self.instance.recipe]
        self.off: frozenset[str] = frozenset()
        faults = menu_violations(_free(self.instance), self.dishes)
        if not self.force.mend_menus:
            self.off = frozenset(fault.rule for fault in faults)
        self.broken = [fault for fault in faults if fault.rule not in self.off]
        self.best = Incumbent(self.asked(self.dishes), self.listener)

    def plans(self) -> Iterator[Plan | None]:
        """Plans to try, from the one in force on, each further from it."""
        asked = self.asked(self.dishes)
        packs = {key: n for key, n in self.force.packs.items() if _sold(asked, *key)}
        if not self.broken:
            yield make_plan(asked, self.dishes, packs)
        self.trouble = find_trouble(asked, self.dishes, self.broken)
        if self.trouble.none:
            yield self.buy(self.dishes, short_foods(asked, self.dishes, packs))
            yield self.buy(self.dishes, None)
        dishes = None
        for reach in reaches(self.trouble.places):
            found = self.choose(reach)
            if found is not None:
                dishes = found
                yield self.buy(dishes, self.moved_foods(dishes, packs))
        if dishes is not None:
            yield self.buy(dishes, None)

    def asked(self, dishes: list[Dish]) -> Instance:
        """The question where these dishes have their own shares, and what they broke before is forgiven."""
        off = self.instance.switched_off | self.off | {KEEP}
        return _free(self.instance, locks=tuple(dishes), switched_off=off)

    def faults(self, plan: Plan) -> list[str]:
        """What is wrong with a plan; a plan that only costs too much is remembered."""
        found = violations(self.asked(list(plan.dishes)), plan)
        if found and all(fault.rule == "budget" for fault in found):
            self.over = self.over or plan
        return [fault.message for fault in found]

    def moved_foods(self, dishes: list[Dish], packs: Packs) -> frozenset[str]:
        """Foods whose need changes with the dishes, and those that lack anyway."""
        before, after = need_g(self.instance, self.dishes), need_g(self.instance, dishes)
        keys = {*before, *after}
        moved = {food for day, food in keys if before.get((day, food)) != after.get((day, food))}
        return short_foods(self.asked(dishes), dishes, packs) | moved

    def buy(self, dishes: list[Dish], foods: frozenset[str] | None) -> Plan | None:
        """These dishes with the orders nearest to those in force; other foods keep theirs exactly."""
        asked = self.asked(dishes)
        model = full_model(asked, Scope(recipes_of(asked, dishes)))
        keep_ranks(asked, model, dishes)
        self._near_orders(asked, model, foods)
        compiled = Compiled(model.linear)
        answer = run(compiled, Engine.HIGHS, seconds=BUY_SECONDS, gap=2e-3, seed=self.seed)
        if answer.outcome is Outcome.UNKNOWN:
            answer = run(compiled, Engine.SCIP, seconds=min(self.left, PATIENT_BUY), gap=1e-1, seed=self.seed)
        return None if answer.values is None else make_plan(asked, dishes, packs_of(model, answer))

    def _near_orders(self, asked: Instance, model: Model, foods: frozenset[str] | None) -> None:
        """A pack more or less than ordered has a price; of the foods that are not free, none moves."""
        linear = model.linear
        for key, column in model.variables.packs.items():
            offer, planned = asked.offer[key[0]], self.force.packs.get(key, 0)
            weight = offer.price_cents * MOVED_PERMILLE / 1000
            if foods is not None and offer.food not in foods:
                linear.fix(column, min(planned, linear.upper[column]))
            elif not planned:
                linear.cost[column] += NEW_LINE * weight
            else:
                moved = linear.var(0, float("inf"), cost=weight)
                linear.row("objectif", [(column, 1.0), (moved, -1.0)], high=planned)
                linear.row("objectif", [(column, 1.0), (moved, 1.0)], low=planned)

    def choose(self, reach: Reach) -> list[Dish] | None:
        """The fewest other dishes that the market can feed: packs are continuous meanwhile."""
        asked = self.asked(self.dishes)
        current = places_of(self.dishes)
        opened = stand_ins(asked, self.dishes, self.trouble.places, reach)
        settled = [d for d in self.dishes if (d.date, d.slot) not in opened]
        asked = self.asked(settled)
        recipes = {place: [asked.recipe[d.recipe] for d in dishes] for place, dishes in current.items()}
        model = full_model(asked, Scope({**recipes, **opened}))
        self._price_changes(model, current)
        for (day, _, _), column in model.variables.dish.items():
            if day in self.instance.kept:
                model.linear.fix(column, 1)
        self._near_orders(asked, model, None)
        compiled = Compiled(model.linear)
        variables = model.variables
        compiled.integer[[*variables.packs.values(), *variables.delivery.values()]] = False
        budget = [row for row, rule in enumerate(model.linear.row_rule) if rule == "budget"]
        compiled.row_high[budget] *= 1 - MARGIN
        answer = run(compiled, Engine.HIGHS, seconds=self.left, gap=2e-3, seed=self.seed)
        return None if answer.values is None else self._settled(model, answer, current)

    def _price_changes(self, model: Model, current: dict[Place, list[Dish]]) -> None:
        rank = {service.date: n for n, service in enumerate(self.instance.horizon)}
        for (day, slot, recipe), column in model.variables.dish.items():
            weight = CHANGED_CENTS / 2 * (FIRM if (day, slot) in self.force.firm else 1)
            weight *= 1 + 1 / (1 + rank[day] / SOON_SERVICES)
            here = any(dish.recipe == recipe for dish in current.get((day, slot), ()))
            model.linear.cost[column] += -weight if here else weight

    def _settled(self, model: Model, answer: Answer, current: dict[Place, list[Dish]]) -> list[Dish]:
        """A dish that stays keeps its rank and share, a new one takes those of the one that goes."""
        found: list[Dish] = []
        if answer.values is None:
            return found
        chosen: dict[Place, list[str]] = {}
        for (day, slot, recipe), column in sorted(model.variables.dish.items()):
            if answer.values[column] > 0.5:  # noqa: PLR2004 - binaries come back as floats
                chosen.setdefault((day, slot), []).append(recipe)
        for (day, slot), names in chosen.items():
            before = current.get((day, slot), [])
            stay = [dish for dish in before if dish.recipe in names]
            gone = [dish for dish in before if dish.recipe not in names]
            found += stay
            taken = {dish.choice for dish in stay}
            for new in (name for name in names if all(dish.recipe != name for dish in stay)):
                old = gone.pop(0) if gone else None
                rank = old.choice if old else min({1, 2, 3} - taken)
                taken.add(rank)
                share = old.share_permille if old else model.variables.share_of(day, slot, new)
                found.append(Dish(date=day, slot=slot, choice=rank, recipe=new, share_permille=share))
        return list(in_order(found))

    def told(self, plan: Plan) -> Result:
        """The result for a plan."""
        asked = self.asked(list(plan.dishes))
        parts = {name: value / MILLICENTS for name, value in objective_parts(asked, plan).items()}
        return Result(
            status=Status.FEASIBLE,
            plan=plan,
            objective_cents=sum(parts.values()),
            objective_parts=parts,
            seconds=self.best.seconds,
            first_solution_seconds=self.best.seconds,
            seed=self.seed,
            rules=tuple(counts(asked, plan)),
        )

    def nothing(self) -> Result:
        """Why no plan was found."""
        conflicts = list(self.trouble.sentences(self.instance))
        if self.over is not None:
            conflicts = [over_budget_sentence(self.instance, self.best.over_budget(self.over))]
        told = (*conflicts, TOO_FAR)
        return Result(status=Status.UNKNOWN, seconds=self.best.seconds, seed=self.seed, conflicts=told)


def _sold(instance: Instance, code: str, delivery: date) -> bool:
    """Whether packs of an offer may still be delivered on a day."""
    offer = instance.offer.get(code)
    if offer is None or not offer.valid_from <= delivery <= offer.valid_to:
        return False
    return delivery in instance.supplier[offer.supplier].delivery_dates
