"""Repair: the plan in force as a question hears it, and what a repaired one changes, in words."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlmodel import Session, col, select

from cantine.french import day as day_words
from cantine.french import plural, short_day
from cantine.menus.signs import SLOT_WORDS
from cantine.menus.words import lower_first
from cantine.planning.in_force import IN_FORCE, force_of
from cantine.planning.models import Run
from cantine.suppliers.models import Offer as SoldOffer
from cantine.suppliers.models import Supplier
from cantine.suppliers.prices import offer_code
from optim.instance import Instance, Offer
from optim.plan import Plan, Purchase, dish_need_g
from optim.repair import InForce, Repaired
from optim.stand_ins import Place, places_of
from optim.terms import Slot

KIND = "reparation"
FOLLOWS = "pour que les autres menus et leurs règles tiennent"


@dataclass(frozen=True)
class Change:
    """One thing that the repair changes, and why."""

    about: str
    """« mardi 12 janvier, plat », or « Givrelys, livraison du jeu. 14 janv. »."""
    what: str
    why: str


@dataclass(frozen=True)
class Changes:
    """What a repair would change, for its page."""

    because: str
    dishes: tuple[Change, ...]
    orders: tuple[Change, ...]


def in_force(session: Session, kitchen: str, instance: Instance, *, mend_menus: bool) -> dict[str, Any]:
    """The plan in force for the meals of a question built to repair it, and the names of what it orders."""
    force = force_of(session, kitchen, instance, mend_menus=mend_menus)
    codes = {offer_code(code) for code in (*(o.offer for o in force.orders), *instance.offer)}
    named = session.exec(
        select(SoldOffer.code, Supplier.name, SoldOffer.name)
        .join(Supplier, col(Supplier.code) == col(SoldOffer.supplier))
        .where(col(SoldOffer.code).in_(codes))
    )
    sold = {code: names for code, *names in named}
    return {IN_FORCE: force.model_dump(mode="json"), "sold": sold}


def changes_of(run: Run) -> Changes | None:
    """What a finished repair changes; nothing for another run."""
    told = json.loads(run.findings or "{}") if run.kind == KIND else {}
    if not told:
        return None
    dishes, orders = (tuple(Change(**item) for item in told[name]) for name in ("dishes", "orders"))
    return Changes(told["because"], dishes, orders)


@dataclass(frozen=True)
class Told:
    """What a repair found, to be told: the child process has the question, the page only these words."""

    instance: Instance
    force: InForce
    found: Repaired
    because: str
    sold: Mapping[str, tuple[str, str]]
    """Supplier and name of each offer, those withdrawn too: the question has no names."""

    def findings(self) -> dict[str, Any]:
        """The changes and their reasons, as a run keeps them; nothing without a plan."""
        if self.found.result.plan is None:
            return {}
        return asdict(Changes(self.because, tuple(self._dishes()), tuple(self._orders())))

    @cached_property
    def plan(self) -> Plan:
        """The plan found."""
        return self.found.result.plan or Plan(dishes=())

    @cached_property
    def _known(self) -> dict[str, Offer]:
        return {offer_code(offer.code): offer for offer in self.instance.offers}

    def _dishes(self) -> Iterator[Change]:
        before, after = places_of(self.force.dishes), places_of(self.plan.dishes)
        slots = {slot: rank for rank, slot in enumerate(Slot)}
        for place in sorted(before.keys() | after.keys(), key=lambda p: (p[0], slots[p[1]])):
            old = {dish.recipe for dish in before.get(place, ())}
            new = {dish.recipe for dish in after.get(place, ())}
            if old != new:
                yield Change(
                    about=f"{day_words(place[0])}, {SLOT_WORDS[place[1]].lower()}",
                    what=f"{self._names(old - new) or 'rien'} → {self._names(new - old) or 'rien'}",
                    why=self._why(place, old - new),
                )

    def _names(self, codes: Iterable[str]) -> str:
        return ", ".join(sorted(self.instance.recipe[code].name for code in codes))

    def _why(self, place: Place, old: Collection[str]) -> str:
        """The foods that lack for the dish, else the rule it broke, else what else changes."""
        gone = (d for d in self.force.dishes if (d.date, d.slot) == place and d.recipe in old)
        eaten = {food for dish in gone for food in dish_need_g(self.instance, dish)}
        trouble = self.found.trouble
        lacking = sorted(lower_first(self.instance.food[code].name) for code in eaten & trouble.foods)
        if lacking:
            return f"n'arrive pas en quantité à temps : {', '.join(lacking)}"
        faults = (f for f in trouble.rules if f.date == place[0] and f.slot in {None, place[1].value})
        return next((fault.message.rstrip(".") for fault in faults), FOLLOWS)

    def _orders(self) -> Iterator[Change]:
        """Per supplier and delivery, the packs more or less."""
        before, after = _packs(self.force.orders), _packs(self.plan.purchases)
        moved: defaultdict[tuple[date, str], dict[str, int]] = defaultdict(dict)
        for offer, delivery in before.keys() | after.keys():
            difference = after.get((offer, delivery), 0) - before.get((offer, delivery), 0)
            if difference:
                moved[delivery, self.sold[offer][0]][offer] = difference
        for (delivery, supplier), lines in sorted(moved.items()):
            ranked = sorted(lines.items(), key=lambda item: (-item[1], item[0]))
            words = (f"{_signed(packs)} colis, {self.sold[offer][1]}" for offer, packs in ranked)
            yield Change(
                about=f"{supplier}, livraison du {short_day(delivery)}",
                what=" ; ".join(words),
                why=self._order_why(lines),
            )

    def _order_why(self, lines: Iterable[str]) -> str:
        """The dishes that come or go and take these foods, else the mishap itself."""
        foods = {self._known[code].food for code in lines if code in self._known}
        old, new = (
            {(d.date, d.recipe): d for d in dishes} for dishes in (self.force.dishes, self.plan.dishes)
        )
        parts = []
        for word, keys, source in (
            ("pour", new.keys() - old.keys(), new),
            ("sans", old.keys() - new.keys(), old),
        ):
            takers = {key[1] for key in keys if foods & dish_need_g(self.instance, source[key]).keys()}
            parts += [f"{word} {self._names(takers)}"] if takers else []
        return ", ".join(parts) or self.because


def _signed(count: int) -> str:
    """With the true minus."""
    return f"+{count}" if count > 0 else f"−{-count}"


def _packs(orders: Iterable[Purchase]) -> dict[tuple[str, date], int]:
    """Packs by offer and delivery, whatever the price."""
    found: defaultdict[tuple[str, date], int] = defaultdict(int)
    for order in orders:
        found[offer_code(order.offer), order.delivery] += order.packs
    return found


def summary(changes: Changes) -> str:
    """« 2 plats et 3 commandes changent », or that nothing does."""
    if not changes.dishes and not changes.orders:
        return "Rien à changer : le plan en place tient encore."
    plats = plural(len(changes.dishes), "plat change", "plats changent")
    orders = plural(len(changes.orders), "commande change", "commandes changent")
    return f"{plats}, {orders}." if changes.dishes else f"Les menus ne changent pas, {orders}."
