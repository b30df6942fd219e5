"""Ways out of a question without answer: what to give up so that a plan exists, each way tried.

A way is offered only once a walk has met a plan with it; what that plan costs beyond the budget is
part of the way. Where only the money lacks, the rules that cost most are found by linear programmes.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from optim.concessions import (
    DECISIONS,
    MEASURES,
    decision_label,
    label_of,
    relaxable,
    without,
)
from optim.dear import cheaper_without, lacking_cents
from optim.effort import Effort
from optim.explain import Elastic, Lack, over_budget_sentence, over_per_meal, sentence_of, sentences
from optim.figures import worth_of
from optim.instance import Dish, Instance
from optim.plan import Concession, Plan, Way
from optim.rules import RULES
from optim.rules.budget import budget_cents, over_budget_cents
from optim.surrogate import MenuGuess

MOST_WAYS = 3
LEAST_SECONDS = 1.0
"""Of processor, like all seconds here: what is found does not hang on the load. However long the models took
to write, each step gets this: the last one may then end in time."""
TWO_STEPS = 2 * LEAST_SECONDS
"""To find another set of rules, then to try it."""
MENU_SHARE, MONEY_SHARE, TRY_SECONDS = 0.6, 0.6, 2.0
"""Shares of the time for the fewest rules of the menus, for the least money; time of a walk that tries."""
MOST_STEPS = 240

Meet = Callable[[Instance, MenuGuess, Sequence[Dish], float], Plan | None]
"""The best plan a walk meets from these menus in so many seconds, within the budget or not."""


class Why(NamedTuple):
    """Why nothing fits, and what may be done."""

    sentences: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()


def why(instance: Instance, base: Plan | None, meet: Meet, *, seconds: float) -> Why:
    """What stands in the way, and up to three ways out; ``base`` is a plan only over the budget."""
    return _Reason(instance, meet, Effort(seconds - LEAST_SECONDS)).look(base)


class _Reason:
    """One look for the reason, for so much effort."""

    def __init__(self, instance: Instance, meet: Meet, effort: Effort) -> None:
        self.instance, self.meet, self.effort = instance, meet, effort
        self.guess = MenuGuess(instance)

    @property
    def left(self) -> float:
        """Seconds of processor before the end."""
        return self.effort.left

    def _most(self, share: float) -> float:
        """So much of the time left, and never less than a step."""
        return max(LEAST_SECONDS, self.left * share)

    def _clock(self, share: float) -> float:
        """The same by the clock, for a solver."""
        return self.effort.clock(self._most(share))

    def look(self, base: Plan | None) -> Why:
        """Menus first; where they are possible, the money."""
        if base is not None:
            return self._money(base.dishes, base)
        menus = self.guess.any_menus(self._clock(1 / 3), 0)
        if menus is not None:
            return self._money(menus, None)
        elastic = Elastic(self.instance, self.guess)
        lack = elastic.least(self._clock(MENU_SHARE))
        if lack is None:
            return Why()
        if not lack.given:
            return self._money(lack.menus, None)
        ways = tuple(self._menu_ways(elastic, lack))
        return Why(tuple(sentences(lack.given)), ways)

    def _menu_ways(self, elastic: Elastic, lack: Lack) -> Iterable[Way]:
        """Sets of rules to give up, the fewest first, each one tried."""
        never = frozenset(r for r in elastic.switches if not (relaxable(r) or r in DECISIONS))
        first = lack if lack.rules.isdisjoint(never) else None
        queue, known = deque([never]), set[frozenset[str]]()
        while queue and len(known) < MOST_WAYS and (first or self.left > TWO_STEPS):
            kept = queue.popleft()
            found = first or elastic.least(self._clock(1 / 3), kept=kept)
            first = None
            if found is None or not found.given or found.rules in known:
                continue
            known.add(found.rules)
            queue.extend(kept | {rule} for rule in sorted(found.rules))
            way = self._tried(found)
            if way is not None:
                yield way

    def _tried(self, lack: Lack) -> Way | None:
        """The way that these menus ask for, if a plan is met with it."""
        concessions = []
        for rule in sorted(lack.rules):
            concession = self._concession(rule, lack)
            if concession is None:
                return None
            concessions.append(concession)
        eased = conceded(self.instance, concessions)
        plan = self.meet(eased, MenuGuess(eased), lack.menus, self._time())
        if plan is None:
            return None
        return self._way((*concessions, *self._money_lacking(eased, plan)), plan)

    def _way(self, concessions: tuple[Concession, ...], plan: Plan) -> Way:
        return Way(concessions=concessions, plan=plan, worth=worth_of(self.instance, plan))

    def _time(self) -> float:
        return min(TRY_SECONDS, self._most(1 / 2))

    def _concession(self, rule: str, lack: Lack) -> Concession | None:
        """What of a rule must be given up for menus that break it; nothing where it may not be."""
        given = [item for item in lack.given if item.rule == rule]
        told = sentence_of(rule, given)
        if rule in DECISIONS:
            decisions = self._decisions(rule, lack.menus)
            if any(day in self.instance.kept for day, _ in decisions) or not decisions:
                return None
            label = decision_label(self.instance, rule, decisions)
            return Concession(rule=rule, decisions=decisions, label=label, sentence=told)
        amount = steps_needed(self.instance, rule, lack.menus)
        if amount is None:
            return None
        return Concession(rule=rule, amount=amount, label=label_of(rule, amount), sentence=told)

    def _decisions(self, rule: str, menus: Iterable[Dish]) -> tuple[tuple[date, str], ...]:
        served = {(dish.date, dish.recipe) for dish in menus}
        if rule == "ecarter":
            return tuple(sorted(served & self.instance.bans))
        locks = {(lock.date, lock.recipe) for lock in self.instance.locks}
        return tuple(sorted(locks - served))

    def _money_lacking(self, instance: Instance, plan: Plan) -> tuple[Concession, ...]:
        over = over_budget_cents(instance, plan)
        if not over:
            return ()
        amount = instance.relaxed.get("budget", 0) + over_per_meal(instance, over)
        told = over_budget_sentence(instance, over)
        return (Concession(rule="budget", amount=amount, label=label_of("budget", amount), sentence=told),)

    def _money(self, menus: Sequence[Dish], base: Plan | None) -> Why:
        """Menus are possible: is it their price?"""
        if budget_cents(self.instance) == float("inf"):
            return Why()
        best = base or self.meet(self.instance, self.guess, menus, self._most(MONEY_SHARE))
        if best is None:
            over = lacking_cents(self.guess)
            return Why((over_budget_sentence(self.instance, over),) if over else ())
        money = self._money_lacking(self.instance, best)
        if not money:
            return Why()
        dear = self._dear_rules(best, over_budget_cents(self.instance, best))
        ways = (self._way(money, best), *dear)
        return Why(tuple(one.sentence for one in money), ways)

    def _dear_rules(self, plan: Plan, over: float) -> Iterable[Way]:
        """Rules of the menus that, given up alone, bring the plan within the budget."""
        found = 0
        for rule, least in cheaper_without(self.guess, over, lambda: self.effort.clock(self.left)):
            given = self.instance.relaxed.get(rule, 0)
            for amount in (given + least, given + least + MEASURES[rule].step):
                if self.left < LEAST_SECONDS or found == MOST_WAYS - 1:
                    return
                eased = self.instance.relaxing({rule: amount})
                met = self.meet(eased, MenuGuess(eased), plan.dishes, self._time())
                if met is not None and not over_budget_cents(eased, met):
                    told = over_budget_sentence(self.instance, over)
                    one = Concession(rule=rule, amount=amount, label=label_of(rule, amount), sentence=told)
                    found += 1
                    yield self._way((one,), met)
                    break


def conceded(instance: Instance, concessions: Sequence[Concession]) -> Instance:
    """The question once these concessions are made."""
    freed: defaultdict[str, list[tuple[date, str]]] = defaultdict(list)
    for one in concessions:
        freed[one.rule] += one.decisions
    steps = {one.rule: one.amount for one in concessions if one.amount}
    return without(instance, freed["garder"], freed["ecarter"]).relaxing(steps)


def steps_needed(instance: Instance, rule: str, menus: Iterable[Dish]) -> int | None:
    """The fewest steps of a rule with which it accepts these menus; nothing if none will do."""
    plan, readings = Plan(dishes=tuple(menus)), [r for r in RULES if r.name == rule]

    def accepts(steps: int) -> bool:
        eased = instance.relaxing({rule: steps})
        return not any(reading.violations(eased, plan) for reading in readings)

    unit = MEASURES[rule].step
    return next((n for n in range(unit, MOST_STEPS + 1, unit) if accepts(n)), None)
