"""What makes a question nonsense, in French and all at once: it is refused before any search.

What lives here: contradictions of the data with themselves. What does not: a question that makes sense
and has no answer (a kept dish whose food nobody sells any more); the search says what to give up then.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from optim.terms import Niveau, Slot
from optim.units import PERMILLE, with_vat

if TYPE_CHECKING:
    from optim.instance import Instance

MOST_CHOICES = 3
"""Presentations that a slot may have."""


def faults_of(instance: "Instance") -> list[str]:
    """Everything that contradicts itself, one sentence each; empty: the question makes sense."""
    families: tuple[Callable[[Instance], Iterable[str]], ...] = (
        _calendar,
        _lines,
        _diners,
        _kitchen,
        _doubles,
        _references,
        _recipes,
        _market,
        _menus,
        _money,
    )
    return [fault for family in families for fault in family(instance)]


def _calendar(instance: "Instance") -> Iterator[str]:
    dates = [service.date for service in instance.services]
    if dates != sorted(set(dates)):
        yield "services : une date est en double ou n'est pas dans l'ordre"
    if not any(not service.served for service in instance.services):
        yield "services : aucun service à planifier"
    served = [service.served for service in instance.services]
    if served != sorted(served, reverse=True):
        yield "services : un service servi vient après un service à planifier"
    for day in sorted(instance.kept - set(dates)):
        yield f"menus gardés : pas de service le {day}"
    for day in sorted(set(instance.without_menu) & set(dates)):
        yield f"service du {day} : à la fois donné et laissé sans menu"


def _lines(instance: "Instance") -> Iterator[str]:
    """Services whose diners by line are not their diners."""
    lines = {line.code for line in instance.kitchen.lines}
    for service in instance.services:
        if service.by_line.keys() - lines or (lines - service.by_line.keys() and not service.served):
            yield f"service du {service.date} : ses lignes ne sont pas celles de la cuisine"
        elif service.by_line and any(
            sum(diners.get(niveau, 0) for diners in service.by_line.values()) != service.diners.get(niveau, 0)
            for niveau in Niveau
        ):
            yield f"service du {service.date} : les convives par ligne ne font pas le total"


def _diners(instance: "Instance") -> Iterator[str]:
    for service in instance.services:
        counts = (service.diners, *service.by_line.values())
        if any(count < 0 for diners in counts for count in diners.values()):
            yield f"service du {service.date} : un effectif est négatif"
    horizon = [service for service in instance.services if not service.served]
    if horizon and not any(service.meals for service in horizon):
        yield "services : aucun convive sur toute la période"


def _kitchen(instance: "Instance") -> Iterator[str]:
    kitchen = instance.kitchen
    if any(not 0 <= count <= MOST_CHOICES for count in kitchen.choices.values()):
        yield f"cuisine : une composante a de 0 à {MOST_CHOICES} choix"
    if not any(kitchen.presentations(slot) for slot in Slot):
        yield "cuisine : aucune composante à servir"
    amounts: Mapping[str, Iterable[int]] = {
        "le temps de l'équipe est négatif": (kitchen.staff_minutes or 0,),
        "la place d'un équipement est négative": kitchen.equipment.values(),
        "la place d'une réserve est négative": kitchen.storage_g.values(),
    }
    for words, values in amounts.items():
        if any(value < 0 for value in values):
            yield f"cuisine : {words}"


def _doubles(instance: "Instance") -> Iterator[str]:
    """Codes given twice: the second would silently take the place of the first."""
    lists: Mapping[str, Iterable[str]] = {
        "aliments": (food.code for food in instance.foods),
        "recettes": (recipe.code for recipe in instance.recipes),
        "fournisseurs": (supplier.code for supplier in instance.suppliers),
        "offres": (offer.code for offer in instance.offers),
        "stock": (lot.code for lot in instance.stock),
    }
    for words, codes in lists.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield f"{words} : le code {code} est en double"


def _references(instance: "Instance") -> Iterator[str]:
    """Codes that name nothing."""
    foods = {food.code for food in instance.foods}
    suppliers = {supplier.code for supplier in instance.suppliers}
    recipes = {recipe.code for recipe in instance.recipes}
    named = [
        *(
            (f"recette {r.code} : aliment inconnu", i.food, foods)
            for r in instance.recipes
            for i in r.ingredients
        ),
        *((f"offre {o.code} : aliment inconnu", o.food, foods) for o in instance.offers),
        *((f"offre {o.code} : fournisseur inconnu", o.supplier, suppliers) for o in instance.offers),
        *((f"stock {lot.code} : aliment inconnu", lot.food, foods) for lot in instance.stock),
        *((f"plat du {d.date} : recette inconnue", d.recipe, recipes) for d in instance.history),
        *((f"plat du {d.date} : recette inconnue", d.recipe, recipes) for d in instance.locks),
        *(
            (f"recette {r.code} : remplaçante inconnue", r.substitute or r.code, recipes)
            for r in instance.recipes
        ),
    ]
    return (f"{words} {code}" for words, code, known in named if code not in known)


def _recipes(instance: "Instance") -> Iterator[str]:
    for recipe in instance.recipes:
        weights = [mg for i in recipe.ingredients for mg in i.milligrams.values()]
        if any(value < 0 for value in (*weights, *recipe.waste_mg.values())):
            yield f"recette {recipe.code} : une quantité est négative"
        if recipe.substitute == recipe.code:
            yield f"recette {recipe.code} : elle ne peut pas se remplacer elle-même"
        if not recipe.months <= set(range(1, 13)):
            yield f"recette {recipe.code} : un mois va de 1 à 12"


def _market(instance: "Instance") -> Iterator[str]:
    for supplier in instance.suppliers:
        if list(supplier.delivery_dates) != sorted(set(supplier.delivery_dates)):
            yield f"fournisseur {supplier.code} : une livraison est en double ou n'est pas dans l'ordre"
    for offer in instance.offers:
        if offer.valid_to < offer.valid_from:
            yield f"offre {offer.code} : elle finit le {offer.valid_to}, avant de commencer"


def _menus(instance: "Instance") -> Iterator[str]:
    """Dishes decided where they cannot be."""
    served = {service.date: service.served for service in instance.services}
    slots = {recipe.code: recipe.slot for recipe in instance.recipes}
    for dish in instance.history:
        if not served.get(dish.date, False):
            yield f"plat du {dish.date} ({dish.recipe}) : ce jour n'est pas un service servi"
    for lock in instance.locks:
        if lock.date not in served:
            yield f"plat gardé le {lock.date} ({lock.recipe}) : pas de service ce jour-là"
        if slots.get(lock.recipe, lock.slot) is not lock.slot:
            yield (
                f"plat gardé le {lock.date} ({lock.recipe}) : "
                f"il se sert en {slots[lock.recipe].value}, pas en {lock.slot.value}"
            )
        if (lock.date, lock.recipe) in instance.bans:
            yield f"plat du {lock.date} ({lock.recipe}) : à la fois gardé et écarté"
    yield from _shares(instance)


def _shares(instance: "Instance") -> Iterator[str]:
    decided: defaultdict[tuple[date, Slot], list[int]] = defaultdict(list)
    for lock in instance.locks:
        if lock.share_permille < PERMILLE:
            decided[lock.date, lock.slot].append(lock.share_permille)
    for (day, slot), shares in decided.items():
        if sum(shares) > PERMILLE + len(shares):
            yield f"plats gardés le {day}, {slot.value} : leurs parts font {sum(shares)} pour mille"


def _money(instance: "Instance") -> Iterator[str]:
    kitchen, egalim = instance.kitchen, instance.egalim
    staples = with_vat(kitchen.staples_cents, kitchen.staples_vat_permille)
    if instance.budget_ttc_cents is not None and "budget" not in instance.switched_off:
        budget = instance.budget_ttc_cents + instance.relaxed.get("budget", 0)
        if budget < staples:
            yield (
                f"crédit nourriture : {budget} centimes par repas ne paient pas l'épicerie de base "
                f"({staples} centimes TTC)"
            )
    parts = (egalim.past_egalim_cents, egalim.past_bio_cents, egalim.past_meat_fish_cents)
    if min(egalim.past_cents, *parts, egalim.past_meat_fish_egalim_cents) < 0:
        yield "achats de l'année : un montant est négatif"
    if max(parts) > egalim.past_cents or egalim.past_meat_fish_egalim_cents > egalim.past_meat_fish_cents:
        yield "achats de l'année : une part dépasse son total"
