"""After a mishap, the valid plan that changes least: what was served or ordered stays, menus before orders.

First the plan as it stands, then its purchases alone, then a few dishes: those that cannot be served, then
any. Each step is one exact model kept small: the other foods keep their orders, the other dishes their place.
Where money is so short that no solver finds orders, a walk does, and a solver brings them nearer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from optim.anneal.walker import Walker
from optim.backend import Answer, Compiled, Engine, run
from optim.check import counts, menu_violations, violations
from optim.effort import Effort
from optim.explain import over_budget_sentence
from optim.figures import objective_parts
from optim.incumbent import Incumbent, Listener
from optim.instance import Dish, Frozen, Instance
from optim.model import Model, Scope, full_model, shares
from optim.plan import Plan, Purchase, Result, Status, in_order, need_g
from optim.purchasing import bought, keep_ranks, packs_of, recipes_of
from optim.solve import Cooling, Search, cool, meet
from optim.stand_ins import Place, Reach, places_of, reaches, stand_ins
from optim.surrogate import MenuGuess
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
CHOOSE_SECONDS, BUY_SECONDS, WALK_SECONDS = 3.0, 1.0, 1.5
"""Of processor: for other dishes; for orders near those in force; for a walk where a solver found none."""
WALK_SLOWEST = 10.0
"""A walk is short: it goes as far as it should even on a machine with ten others at work."""
ROAM, ROAM_CENTS = Cooling(seconds=1.5, warmth=0.005, over=3), (10_000.0, 7_000.0, 5_000.0)
"""A walk that may change any dish, longer at each try, and what a changed one weighs in it: enough that those
in force stay but for the money that lacks (3 and 0.005 did best of nine, on two plans)."""
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
    ``seconds`` of processor at most: what is found does not hang on the load.
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

    def __post_init__(self) -> None:
        self.effort = Effort(self.seconds)
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
            yield self.walked(self.dishes)
        if self.trouble.none:
            yield from self.roams(self.dishes)
            return
        dishes = next(filter(None, map(self.choose, reaches(self.trouble.places))), None)
        if dishes is not None:
            yield self.buy(dishes, self.moved_foods(dishes, packs))
            yield self.walked(dishes)
            yield from self.roams(dishes)

    def roams(self, dishes: list[Dish]) -> Iterator[Plan | None]:
        """Plans of walks from these dishes, while there is time."""
        for number in range(len(ROAM_CENTS)):
            if self.effort.left > 0:
                yield self.roamed(dishes, number)

    def asked(self, dishes: list[Dish]) -> Instance:
        """The question where these dishes have their own shares, and what they broke before is forgiven."""
        off = self.instance.switched_off | self.off | {KEEP}
        return _free(self.instance, locks=tuple(dishes), switched_off=off)

    def faults(self, plan: Plan) -> list[str]:
        """What is wrong with a plan; a plan that only costs too much is remembered, the least dear."""
        found = violations(self.asked(list(plan.dishes)), plan)
        if found and all(fault.rule == "budget" for fault in found):
            self.over = min(filter(None, (self.over, plan)), key=self.best.over_budget)
        return [fault.message for fault in found]

    def moved_foods(self, dishes: list[Dish], packs: Packs) -> frozenset[str]:
        """Foods whose need changes with the dishes, and those that lack anyway."""
        before, after = need_g(self.instance, self.dishes), need_g(self.instance, dishes)
        keys = {*before, *after}
        moved = {food for day, food in keys if before.get((day, food)) != after.get((day, food))}
        return short_foods(self.asked(dishes), dishes, packs) | moved

    def walked(self, dishes: list[Dish]) -> Plan | None:
        """These dishes with orders that a walk met, then brought nearer to those in force."""
        asked = self.asked(dishes)
        return self._nearer(meet(asked, MenuGuess(asked), dishes, WALK_SECONDS, WALK_SLOWEST))

    def roamed(self, dishes: list[Dish], number: int) -> Plan | None:
        """Where these dishes cost too much, the plan of a walk from them: any may change, each at a price."""
        usual = {place: shares(self.instance, *place)[1] for place in places_of(dishes)}
        stay = [
            d for d in dishes if d.date in self.instance.kept or d.share_permille != usual[d.date, d.slot]
        ]
        asked = self.asked(stay)
        guess = MenuGuess(asked)
        walker = Walker(asked, guess, self.seed + number)
        current = {(d.date, d.slot, d.recipe) for d in self.dishes}
        for row, dish in enumerate(walker.names.dishes):
            if dish is not None and (dish.date, dish.slot, dish.recipe) not in current:
                firm = FIRM if (dish.date, dish.slot) in self.force.firm else 1
                walker.board.candidate[row]["extras"] += ROAM_CENTS[number] * firm
        walker.start_from(dishes)
        roam = ROAM._replace(seconds=ROAM.seconds * (1 + number))
        best = Incumbent(asked, None, Effort(roam.seconds, WALK_SLOWEST).spent)
        cool(Search(asked, guess, best, roam.seconds + 1, self.seed), walker, roam)
        return self._nearer(best.plan or best.base)

    def _nearer(self, met: Plan | None) -> Plan | None:
        """The plan that a walk met; with its orders nearer to those in force, where a solver finds them."""
        if met is None or self.faults(met):
            return met
        near = self.buy(list(met.dishes), None, {(p.offer, p.delivery): p.packs for p in met.purchases})
        return met if near is None or self.faults(near) else near

    def buy(
        self, dishes: list[Dish], foods: frozenset[str] | None, known: Packs | None = None
    ) -> Plan | None:
        """These dishes with the orders nearest to those in force; other foods keep theirs exactly.

        ``known``: orders that fit, to begin with.
        """
        asked = self.asked(dishes)
        model = full_model(asked, Scope(recipes_of(asked, dishes)))
        keep_ranks(asked, model, dishes)
        self._near_orders(asked, model, foods)
        compiled = Compiled(model.linear)
        seconds = self.effort.clock(BUY_SECONDS)
        if known is None:
            answer = run(compiled, Engine.HIGHS, seconds=seconds, gap=2e-3, seed=self.seed)
        else:
            hint = bought(asked, model, known)
            answer = run(compiled, Engine.SCIP, seconds=seconds, gap=2e-3, seed=self.seed, hint=hint)
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
        seconds = self.effort.clock(max(0.1, min(CHOOSE_SECONDS, self.effort.left)))
        answer = run(compiled, Engine.HIGHS, seconds=seconds, gap=2e-3, seed=self.seed)
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
