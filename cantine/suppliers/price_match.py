"""Which offer, and which food, a line of a supplier's list is."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cantine.foods.models import Food
from cantine.french import fold
from cantine.suppliers.models import Offer
from cantine.suppliers.price_reading import ListLine
from cantine.suppliers.price_words import without_pack, words_of

SOON = timedelta(days=35)
"""How far from a day an offer still tells what the supplier sells about then."""
Product = tuple[Offer, ...]
"""The same thing sold by one supplier through time, in the order of validity."""


@dataclass(frozen=True)
class Ambiguous:
    """Several products answer to a line."""

    names: tuple[str, ...]
    codes: tuple[str, ...]


class Shelf:
    """All that a supplier sells or sold, found again by reference, else by name and pack."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        """Group the offers of one supplier by product."""
        groups: defaultdict[tuple[object, ...], list[Offer]] = defaultdict(list)
        for offer in sorted(offers, key=lambda one: (one.valid_from, one.code)):
            groups[product_key(offer)].append(offer)
        self._products: list[Product] = [tuple(group) for group in groups.values()]
        self._references: dict[str, Product] = {}
        self._names: defaultdict[str, list[Product]] = defaultdict(list)
        for product in self._products:
            for offer in product:
                if offer.reference:
                    self._references[fold(offer.reference)] = product
            for name in dict.fromkeys(word for offer in product for word in _names(offer.name)):
                self._names[name].append(product)

    def find(self, line: ListLine) -> Product | Ambiguous | None:
        """The product of a line; the reference decides, then name, pack and labels."""
        if line.reference and (known := self._references.get(fold(line.reference))):
            return known
        for name in _names(line.name):
            found = [
                product
                for product in self._names.get(name, ())
                if _same_pack(product[-1], line) and not _other_reference(product, line)
            ]
            if len(found) > 1 and line.labels is not None:
                found = [one for one in found if set(one[-1].labels) == set(line.labels)] or found
            if len(found) == 1:
                return found[0]
            if found:
                codes = tuple(offer.code for product in found for offer in product)
                return Ambiguous(tuple(product[-1].name for product in found), codes)
        return None

    def product(self, code: str) -> Product | None:
        """The product that an offer is a price of."""
        return next((one for one in self._products if any(offer.code == code for offer in one)), None)

    def titled(self, name: str) -> Product | None:
        """The product that now has this very name, if only one has."""
        found = [one for one in self._products if words_of(one[-1].name) == words_of(name)]
        return found[0] if len(found) == 1 else None

    def selling(self, food: str, labels: Collection[str], day: date) -> Product | None:
        """The product on sale that is this food under these labels, if there is only one."""
        found = [
            product
            for product in self._products
            if product[0].food == food
            and set(product[0].labels) == set(labels)
            and any(offer.valid_from <= day + SOON and offer.valid_to >= day - SOON for offer in product)
        ]
        return found[0] if len(found) == 1 else None

    def names(self) -> list[str]:
        """The present name of every product that no other one shares."""
        names = [product[-1].name for product in self._products]
        return sorted({name for name in names if self.titled(name)}, key=fold)

    def on_sale(self, day: date) -> list[Offer]:
        """Offers in force on a day."""
        return [
            offer
            for product in self._products
            for offer in product
            if offer.valid_from <= day <= offer.valid_to
        ]


def product_key(offer: Offer) -> tuple[object, ...]:
    """What stays from one list to the next: the reference, else food, name, pack and labels."""
    if offer.reference:
        return (fold(offer.reference),)
    return "", offer.food, words_of(offer.name), offer.pack_g, frozenset(offer.labels)


def _names(name: str) -> list[str]:
    return list(dict.fromkeys((words_of(name), without_pack(name))))


def _same_pack(offer: Offer, line: ListLine) -> bool:
    """Whether the packs agree; a line that says nothing of its pack agrees with any."""
    if line.pack_label and words_of(line.pack_label) == words_of(offer.pack_label):
        return True
    return line.pack.grams is None or line.pack.grams == offer.pack_g


def _other_reference(product: Product, line: ListLine) -> bool:
    """Whether the supplier himself says that it is something else."""
    known = product[-1].reference
    return bool(known and line.reference) and fold(known) != fold(line.reference)


def in_force(product: Sequence[Offer], day: date) -> Offer:
    """The offer that a list from ``day`` on takes over: the last one begun, else the first to come."""
    begun = [offer for offer in product if offer.valid_from <= day]
    return begun[-1] if begun else product[0]


def next_start(product: Sequence[Offer], day: date) -> date | None:
    """When the product has another price, already known, after ``day``."""
    return min((offer.valid_from for offer in product if offer.valid_from > day), default=None)


def memory_key(line: ListLine) -> str:
    """How a line is known again in the next list."""
    return fold(line.reference) if line.reference else words_of(line.name)


class Pantry:
    """The foods, found by what people type and guessed from what suppliers write."""

    def __init__(self, foods: Iterable[Food]) -> None:
        """Index the foods by code and by name."""
        self.foods: Mapping[str, Food] = {food.code: food for food in foods}
        self._names = {words_of(food.name): food.code for food in self.foods.values()}
        self._words = [(frozenset(_stems(food.name)), food.code) for food in self.foods.values()]

    def typed(self, text: str) -> Food | None:
        """The food of a code or a name."""
        code = text.strip() if text.strip() in self.foods else self._names.get(words_of(text), "")
        return self.foods.get(code)

    def guess(self, name: str) -> Food | None:
        """The food whose whole name is among the words of a product: the longest, if only one."""
        words = set(_stems(name))
        found = [(len(stems), code) for stems, code in self._words if stems and stems <= words]
        most = max((count for count, _ in found), default=0)
        best = [code for count, code in found if count == most]
        return self.foods[best[0]] if len(best) == 1 else None


SMALL = {"de", "du", "des", "la", "le", "les", "en", "et", "a", "au", "aux", "d", "l", "avec", "sans"}


def _stems(name: str) -> Collection[str]:
    """Words that tell something, without their plural."""
    return [word.rstrip("sx") or word for word in words_of(name).split() if word not in SMALL]
