"""Which food a person means, who sells it, and what is near it where no recipe uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.foods.models import Food
from cantine.french import fold
from cantine.planning.sources import CENTS
from cantine.recipes.models import RecipeIngredient
from cantine.suppliers.market import Reachable
from cantine.suppliers.models import Offer, Supplier

NEAR = 8
MATCHES = 12
PACK_G = 1000


@dataclass(frozen=True)
class Asked:
    """What was typed, and what it may mean."""

    text: str
    food: Food | None
    matches: tuple[Food, ...] = ()


def find_food(session: Session, text: str) -> Asked:
    """A food by its code or its name; several where the words fit several."""
    wanted = fold(text.strip())
    if not wanted:
        return Asked("", None)
    foods = session.exec(select(Food).where(col(Food.staple).is_(False)).order_by(col(Food.name))).all()
    words = _singular(wanted)
    exact = next((f for f in foods if fold(f.code) == wanted or _singular(fold(f.name)) == words), None)
    if exact is not None:
        return Asked(exact.name, exact)
    found = [f for f in foods if all(word in fold(f.name) for word in words)]
    if len(found) == 1:
        return Asked(found[0].name, found[0])
    return Asked(text.strip(), None, tuple(found[:MATCHES]))


def _singular(text: str) -> list[str]:
    """Words without the mark of the plural: people write « poireaux », the table « Poireau »."""
    return [word.rstrip("sx") or word for word in text.split()]


def food_names(session: Session) -> Sequence[str]:
    """Names that the form suggests."""
    return session.exec(select(Food.name).where(col(Food.staple).is_(False)).order_by(col(Food.name))).all()


def foods_sold_by(session: Session, supplier: str, day: date) -> Sequence[Food]:
    """What a supplier sells now or will sell.

    Raises:
        NotFoundError: no such supplier.
    """
    if session.get(Supplier, supplier) is None:
        raise NotFoundError("Ce fournisseur n'existe pas, ou plus.")
    sold = select(Offer.food).where(Offer.supplier == supplier, Offer.valid_to >= day)
    return session.exec(select(Food).where(col(Food.code).in_(sold)).order_by(col(Food.name))).all()


def recipes_with(session: Session, food: str) -> list[str]:
    """Codes of the recipes that take a food."""
    return sorted(set(session.exec(select(RecipeIngredient.recipe).where(RecipeIngredient.food == food))))


def near_foods(session: Session, food: Food) -> list[Food]:
    """Foods of the same group that some recipe takes, those most used first."""
    count: dict[str, int] = {}
    for code in session.exec(select(RecipeIngredient.food)):
        count[code] = count.get(code, 0) + 1
    same = session.exec(select(Food).where(Food.group == food.group, col(Food.staple).is_(False)))
    known = [row for row in same if row.code in count and row.code != food.code]
    return sorted(known, key=lambda row: (-count[row.code], row.name))[:NEAR]


def conditions_of(
    market: Sequence[Reachable], food: Food, first: date, last: date, *, offer: str = "", supplier: str = ""
) -> Reachable:
    """At which conditions the volume comes: the offer named, else the cheapest local one, else the cheapest.

    Where nobody sells the food, its indicative price, of a producer unknown.
    """
    sold = [item for item in market if item.valid_from <= last and item.valid_to >= first]
    named = [item for item in sold if offer and item.offer.code == offer]
    named = named or [item for item in sold if supplier and item.supplier.code == supplier]
    local = [item for item in sold if item.local]
    best = min(named or local or sold, key=lambda item: item.cents_per_kg, default=None)
    return best or _unknown(food, first, last)


def _unknown(food: Food, first: date, last: date) -> Reachable:
    """A volume that no offer describes; these rows are never written."""
    price = (food.reference_price_cents_kg or 0) / CENTS
    nobody = Supplier(
        code="", name="producteur à préciser", kind="", insee="", latitude=0, longitude=0, delivery_days="1"
    )
    offer = Offer(
        code="",
        supplier="",
        food=food.code,
        name=food.name,
        pack_g=PACK_G,
        price_ht=price,
        allergens=food.allergens,
        valid_from=first,
        valid_to=last,
        estimated_price=True,
    )
    return Reachable(
        code="",
        offer=offer,
        price_ht=price,
        supplier=nobody,
        local=False,
        local_counts=False,
        distance_km=None,
        valid_from=first,
        valid_to=last,
    )
