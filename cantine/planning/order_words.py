"""What a choice did to the orders, in sentences."""

from collections.abc import Iterator

from cantine.french import cents, kg, plural
from cantine.french import day as day_words
from cantine.menus.words import lower_first
from cantine.planning.order_effect import Orders


def done_words(orders: Orders) -> str:
    """« Commandes : 3 colis en plus, à passer au plus tard le jeudi 7 janvier, et 2 colis en moins. »."""
    parts = []
    if orders.bought:
        more = plural(orders.packs_more, "colis", "colis")
        parts.append(f"{more} en plus, à passer au plus tard le {day_words(orders.deadline)}")
    if orders.freed:
        parts.append(f"{plural(orders.packs_less, 'colis', 'colis')} en moins")
    return f"Commandes : {', et '.join(parts)}." if parts else "Rien ne change aux commandes."


def lacking_words(orders: Orders) -> str:
    """What cannot be had, or not as the supplier wants it; empty where everything can."""
    return " ".join(_lacks(orders))


def _lacks(orders: Orders) -> Iterator[str]:
    for words, foods in (("Trop tard pour commander", orders.late), ("Personne ne vend", orders.unsold)):
        if foods:
            named = ", ".join(f"{lower_first(food)} ({kg(grams)})" for food, grams in foods)
            yield f"{words} : {named}."
    for supplier, delivery, lack in orders.small:
        yield (
            f"{supplier}, livraison du {day_words(delivery)} : "
            f"il manque {cents(lack)} pour son minimum de commande."
        )
