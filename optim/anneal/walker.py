"""A walker on a board: from menus, or from nothing, to plans."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import numpy as np

from optim.anneal.build import make_board
from optim.anneal.cooling import cool, load
from optim.anneal.larder import UNFED, price
from optim.anneal.records import EMPTY, FOODS, HARD, OVER, Ints
from optim.figures import delivery_closing_millicents_kg, largest_pack_g
from optim.instance import Dish, Instance, Offer
from optim.plan import Plan
from optim.surrogate import MenuGuess
from optim.units import MILLICENTS
from optim.uses import make_plan

MISSED = 20_000.0
"""Cents for a unit that a rule misses."""


class Walker:
    """One walk: the present plan on its board, the best choices seen."""

    def __init__(self, instance: Instance, guess: MenuGuess, seed: int) -> None:
        self.instance, self.seed = instance, seed
        self.board, self.names = make_board(instance, guess)
        self.dishes: Ints = np.full(len(self.board.place), EMPTY, np.int64)
        self.opened: Ints = np.ones(len(self.board.visit), np.int64)
        self.moods: Ints = np.zeros(len(self.board.food), np.int64)
        self.best = np.inf
        self.rounds = 0
        self._fill_fixed()
        self.reload()

    def _fill_fixed(self) -> None:
        """A place whose dish is kept holds it from the start."""
        for n, place in enumerate(self.board.place):
            if not place["free"] and place["stop"] > place["start"]:
                self.dishes[n] = place["start"]

    def reload(self) -> None:
        """Take the best choices up again, everything worked out anew."""
        load(self.board, self.dishes, self.opened, self.moods)

    def start_from(self, dishes: Iterable[Dish]) -> None:
        """Begin with given menus, every delivery open."""
        known = {
            (d.date, d.slot, d.choice, d.recipe): n for n, d in enumerate(self.names.dishes) if d is not None
        }
        chosen = {(d.date, d.slot, d.choice): known[d.date, d.slot, d.choice, d.recipe] for d in dishes}
        for n, (day, slot, choice) in enumerate(self.names.places):
            self.dishes[n] = EMPTY if slot is None else chosen.get((day, slot, choice), EMPTY)
        self._switch()
        self.opened[:] = 1
        self.best = np.inf
        self.reload()

    def _switch(self) -> None:
        """Fill the places that are no dish where that misses less."""
        for n, (_, slot, _) in enumerate(self.names.places):
            if slot is None:
                missed = []
                for choice in (EMPTY, self.board.place[n]["start"]):
                    self.dishes[n] = choice
                    self.reload()
                    missed.append((self.board.total[HARD], choice))
                self.dishes[n] = min(missed)[1]

    @property
    def lawful(self) -> bool:
        """Whether the present menus keep every rule of the menus."""
        return bool(self.board.total[HARD] < 1e-6)

    @property
    def fed(self) -> bool:
        """Whether every need finds a delivery."""
        return bool(self.board.total[FOODS] < UNFED / 2)

    @property
    def price(self) -> float:
        """Cents of the present plan, as the objective sees it."""
        return float(price(self.board, MISSED))

    def walk(self, moves: int, warmth: float, over: float) -> None:
        """Try moves at one warmth, cents; a cent over the budget costs ``over``."""
        self.rounds += 1
        if over != self.board.scalar[OVER]:
            self.board.scalar[OVER] = over
            self.best = np.inf
        seed = (self.seed * 7_919 + self.rounds) % 2**31
        self.best = cool(
            self.board, moves, warmth, MISSED, seed, self.best, self.dishes, self.opened, self.moods
        )

    def plan(self) -> Plan | None:
        """The best plan seen, orders filled up to their minimum; the walk goes on from there."""
        self.reload()
        self.best = min(self.best, self.price)
        if not (self.lawful and self.fed):
            return None
        dishes = [d for n in self.dishes if n >= 0 and (d := self.names.dishes[n]) is not None]
        return make_plan(self.instance, dishes, self._packs())

    def _packs(self) -> dict[tuple[str, date], int]:
        packs: Counter[tuple[str, date]] = Counter()
        for food, picks in zip(self.board.food, self.board.pick[:, 0], strict=True):
            for pick in picks[: food["picks"]]:
                packs[self.names.arrivals[pick["arrival"]]] += int(pick["packs"])
        for number, (supplier, day) in enumerate(self.names.visits):
            visit = self.board.visit[number]
            if 0 < visit["spend"] < visit["minimum"]:
                self._fill(packs, supplier, day, int(visit["minimum"] - visit["spend"]))
        return dict(packs)

    def _fill(self, packs: Counter[tuple[str, date]], supplier: str, day: date, missing: int) -> None:
        """Top an order up: with what loses least of what it fills."""
        offers = self._sold(supplier, day)
        while missing > 0 and offers:
            (_, _, count), offer = min(
                ((self._filling(packs, o, day, missing), o) for o in offers),
                key=lambda found: (found[0], found[1].code),
            )
            if offer.weekly_packs is not None:
                count = min(count, max(0, offer.weekly_packs - packs[offer.code, day]))
            packs[offer.code, day] += count
            missing -= count * offer.price_cents
            if not count:
                offers.remove(offer)

    def _filling(
        self, packs: Counter[tuple[str, date]], offer: Offer, day: date, missing: int
    ) -> tuple[float, int, int]:
        """Share lost of what an offer fills, its price and how many packs: those that may be kept, or all."""
        count = -(-missing // offer.price_cents)
        kept = min(count, self._room_g(packs, offer) // offer.pack_g)
        worth = delivery_closing_millicents_kg(self.instance, offer, day) * offer.pack_g // 1000 / MILLICENTS
        count = kept if worth and kept else count
        cents = count * offer.price_cents
        return (cents - kept * worth) / min(cents, missing), cents, count

    def _room_g(self, packs: Counter[tuple[str, date]], offer: Offer) -> int:
        """Grams of its food that may still be left and be worth something."""
        need = int(self.board.need[self.names.foods.index(offer.food)].sum())
        bought = sum(
            n * sold.pack_g
            for (code, _), n in packs.items()
            if (sold := self.instance.offer[code]).food == offer.food
        )
        return max(0, need + largest_pack_g(self.instance, offer.food) - max(0, bought - need))

    def _sold(self, supplier: str, day: date) -> list[Offer]:
        """Offers of a delivery whose food some meal still to come needs while it keeps."""
        needed = {
            (self.names.foods[f], self.instance.horizon[meal].date)
            for f, meal in np.argwhere(self.board.need)
        }
        found = []
        for offer in self.instance.offers:
            last = self.instance.keeps_to(offer.food, day)
            wanted = any(food == offer.food and day <= meal <= last for food, meal in needed)
            if offer.supplier == supplier and offer.valid_from <= day <= offer.valid_to and wanted:
                found.append(offer)
        return found
