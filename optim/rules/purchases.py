"""What is bought feeds what is cooked: needs, shelf life, volumes.

Rows count kilograms; a delivery serves from its own morning to the end of its shelf life.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from optim.instance import Dish, Instance
from optim.linear import LinearModel
from optim.plan import Plan, Violation, bread_need_g, dish_need_g, need_g
from optim.rules.base import Rule
from optim.rules.words import day_name, kilos
from optim.units import iso_week
from optim.variables import Variables

CHIEF = "choix de la cuisine"
SUPPLIER = "conditions du fournisseur"
KG = 1000
"""Grams in a kilogram: models count kilograms to keep their numbers near one."""


@dataclass(frozen=True, kw_only=True)
class Needs(Rule):
    """Every gram a service needs comes from a delivery or from the stock, no more, no less."""

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Foods that are short or in excess on a day."""
        used: Counter[tuple[date, str]] = Counter()
        for use in plan.uses:
            used[use.date, use.food] += use.grams
        need = need_g(instance, plan.dishes)
        found = []
        for day, food in sorted(need.keys() | used.keys()):
            wanted, taken = need.get((day, food), 0), used[day, food]
            if wanted != taken:
                name = instance.food[food].name
                message = f"{name} le {day_name(day)} : {kilos(taken)} prévus pour {kilos(wanted)} de besoin."
                found.append(self.fault(message, day, count=taken, limit=wanted))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One balance per service and food."""
        if not variables.packs and not variables.use:
            return
        terms: defaultdict[tuple[date, str], list[tuple[int, float]]] = defaultdict(list)
        for (day, food, _), column in variables.use.items():
            terms[day, food].append((column, 1.0))
        for (day, slot, code), column in variables.dish.items():
            share = variables.share_of(day, slot, code)
            dish = Dish(date=day, slot=slot, recipe=code, share_permille=share)
            for food, grams in instance.memo(("need", dish), lambda d=dish: dish_need_g(instance, d)).items():  # type: ignore[misc]
                terms[day, food].append((column, -grams / KG))
        bread = {s.date: bread_need_g(instance, s) / KG for s in instance.horizon}
        for day, kilograms in bread.items():
            if kilograms:
                terms[day, instance.kitchen.bread_food or ""] += []
        for (day, food), row in terms.items():
            constant = bread[day] if food == instance.kitchen.bread_food else 0
            model.row(
                self.name, row, constant, constant, about=f"{instance.food[food].name} le {day_name(day)}"
            )


@dataclass(frozen=True, kw_only=True)
class Sources(Rule):
    """What is used was bought or in stock, and still good."""

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Uses that no delivery or lot covers, and foods past their date."""
        bought = {(p.offer, p.delivery): p.packs * instance.offer[p.offer].pack_g for p in plan.purchases}
        lots = {lot.code: lot for lot in instance.stock}
        taken: Counter[tuple[str, date | None]] = Counter()
        found = []
        for use in plan.uses:
            code = use.offer or use.lot or ""
            taken[code, use.delivery] += use.grams
            source = lots.get(use.lot or "") or instance.offer.get(use.offer or "")
            if source is None or source.food != use.food:
                found.append(self._fault(instance, use.food, use.date, "ne vient d'aucun achat"))
                continue
            found += self._dates(
                instance, use.food, use.date, use.delivery, lots[code].expires_on if use.lot else None
            )
        for (code, delivery), grams in taken.items():
            room = (
                lots[code].grams
                if code in lots and delivery is None
                else bought.get((code, delivery or date.min), 0)
            )
            if grams > room:
                food = (
                    lots[code].food
                    if code in lots
                    else instance.offer[code].food
                    if code in instance.offer
                    else ""
                )
                name = instance.food[food].name if food else code
                message = f"{name} : {kilos(grams)} utilisés pour {kilos(room)} disponibles."
                found.append(self.fault(message, delivery, count=grams, limit=room))
        return found

    def _dates(
        self, instance: Instance, food: str, day: date, delivery: date | None, expiry: date | None
    ) -> Iterator[Violation]:
        if delivery is not None:
            expiry = delivery + timedelta(days=instance.food[food].shelf_life_days)
            if delivery > day:
                yield self._fault(instance, food, day, f"livré trop tard, le {day_name(delivery)}")
        if expiry is not None and expiry < day:
            yield self._fault(instance, food, day, f"à consommer avant le {day_name(expiry)}")

    def _fault(self, instance: Instance, food: str, day: date, reason: str) -> Violation:
        return self.fault(f"{instance.food[food].name} le {day_name(day)} : {reason}.", day)

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """First in, first out: exact for deliveries of one offer, whose dates follow each other."""
        uses: defaultdict[str, list[tuple[date, int]]] = defaultdict(list)
        for (day, _, code), column in variables.use.items():
            uses[code].append((day, column))
        deliveries: defaultdict[str, list[date]] = defaultdict(list)
        for offer, day in variables.packs:
            deliveries[offer].append(day)
        for offer in deliveries:
            _fifo_rows(
                self.name, model, variables, instance, offer, sorted(deliveries[offer]), sorted(uses[offer])
            )
        for lot in instance.stock:
            if uses[lot.code]:
                terms = [(column, 1.0) for _, column in uses[lot.code]]
                model.row(
                    self.name, terms, high=lot.grams / KG, about=f"stock de {instance.food[lot.food].name}"
                )


def _fifo_rows(
    rule: str,
    model: LinearModel,
    variables: Variables,
    instance: Instance,
    offer: str,
    deliveries: list[date],
    uses: list[tuple[date, int]],
) -> None:
    """Nothing used before it is delivered; nothing kept beyond its date."""
    sold = instance.offer[offer]
    kilograms = sold.pack_g / KG
    life = timedelta(days=instance.food[sold.food].shelf_life_days)
    about = instance.food[sold.food].name
    for rank, delivery in enumerate(deliveries):
        following = deliveries[rank + 1] if rank + 1 < len(deliveries) else date.max
        arrived = [(variables.packs[offer, d], -kilograms) for d in deliveries[: rank + 1]]
        lost = [(variables.left[offer, d], 1.0) for d in deliveries[: rank + 1]]
        eaten = [(column, 1.0) for day, column in uses if day < following]
        model.row(rule, [*eaten, *lost, *arrived], high=0, about=about)
        eaten_in_time = [(column, 1.0) for day, column in uses if day <= delivery + life]
        model.row(rule, [*eaten_in_time, *lost, *arrived], low=0, about=about)


@dataclass(frozen=True, kw_only=True)
class Deliveries(Rule):
    """An offer is bought on a delivery day of its supplier, while its price holds."""

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Purchases on a day without delivery, or outside their validity."""
        found = []
        for purchase in plan.purchases:
            offer = instance.offer[purchase.offer]
            supplier = instance.supplier[offer.supplier]
            day = purchase.delivery
            what = f"{instance.food[offer.food].name} ({supplier.name})"
            if day not in supplier.delivery_dates:
                found.append(self.fault(f"{what} : pas de livraison le {day_name(day)}.", day))
            if not offer.valid_from <= day <= offer.valid_to:
                found.append(self.fault(f"{what} : prix non valable le {day_name(day)}.", day))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Packs on any other day stay at zero."""
        for (code, day), column in variables.packs.items():
            offer = instance.offer[code]
            served = day in instance.supplier[offer.supplier].delivery_dates
            if not served or day < offer.valid_from or day > offer.valid_to:
                model.forbid(self.name, column)


@dataclass(frozen=True, kw_only=True)
class WeeklyVolume(Rule):
    """No more packs of an offer in a week than its supplier announced."""

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Weeks that take too much."""
        packs: Counter[tuple[str, tuple[int, int]]] = Counter()
        for purchase in plan.purchases:
            packs[purchase.offer, iso_week(purchase.delivery)] += purchase.packs
        found = []
        for (code, (_, week)), count in packs.items():
            offer = instance.offer[code]
            if offer.weekly_packs is not None and count > offer.weekly_packs:
                name = instance.food[offer.food].name
                message = f"{name}, semaine {week} : {count} colis, le fournisseur en a {offer.weekly_packs}."
                found.append(self.fault(message, count=count, limit=offer.weekly_packs))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per limited offer and week."""
        columns: defaultdict[tuple[str, tuple[int, int]], list[int]] = defaultdict(list)
        for (code, day), column in variables.packs.items():
            if instance.offer[code].weekly_packs is not None:
                columns[code, iso_week(day)].append(column)
        for (code, _), members in columns.items():
            offer = instance.offer[code]
            terms = [(c, 1.0) for c in members]
            model.row(self.name, terms, high=offer.weekly_packs or 0, about=instance.food[offer.food].name)


@dataclass(frozen=True, kw_only=True)
class MinimumOrder(Rule):
    """A supplier comes from a certain amount on, HT, per delivery."""

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Deliveries that are too small."""
        totals: Counter[tuple[str, date]] = Counter()
        for purchase in plan.purchases:
            offer = instance.offer[purchase.offer]
            totals[offer.supplier, purchase.delivery] += purchase.packs * offer.price_cents
        found = []
        for (code, day), cents in totals.items():
            supplier = instance.supplier[code]
            if cents < supplier.min_order_cents:
                amount, least = cents / 100, supplier.min_order_cents / 100
                message = (
                    f"{supplier.name}, {day_name(day)} : commande de {amount:.0f} €, minimum {least:.0f} €."
                )
                found.append(self.fault(message, day, count=cents, limit=supplier.min_order_cents))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Packs open the delivery, an open delivery reaches the minimum."""
        orders: defaultdict[tuple[str, date], list[tuple[int, float]]] = defaultdict(list)
        for (code, day), column in variables.packs.items():
            offer = instance.offer[code]
            opened = variables.delivery.get((offer.supplier, day))
            if opened is not None:
                orders[offer.supplier, day].append((column, offer.price_cents / 100))
                model.row(self.name, [(column, 1.0), (opened, -model.upper[column])], high=0)
        for (code, day), terms in orders.items():
            supplier = instance.supplier[code]
            minimum = (variables.delivery[code, day], -supplier.min_order_cents / 100)
            model.row(self.name, [*terms, minimum], low=0, about=f"{supplier.name}, {day_name(day)}")


@dataclass(frozen=True, kw_only=True)
class Storage(Rule):
    """The cold room, the freezer and the shelves hold what is in them."""

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Delivery mornings when a zone overflows."""
        found = []
        for zone, room in instance.kitchen.storage_g.items():
            for day in sorted({p.delivery for p in plan.purchases}):
                grams = stored_g(instance, plan, zone, day)
                if grams > room:
                    message = f"{zone}, {day_name(day)} : {kilos(grams)} à ranger, place pour {kilos(room)}."
                    found.append(self.fault(message, day, count=grams, limit=room))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per zone and delivery day."""
        days = sorted({day for _, day in variables.packs})
        for zone, room in instance.kitchen.storage_g.items():
            for day in days:
                terms = _zone_terms(variables, instance, zone, day)
                lots = sum(lot.grams for lot in instance.stock if _lot_in(instance, lot.code, zone, day))
                if terms:
                    model.row(self.name, terms, high=(room - lots) / KG, about=f"{zone}, {day_name(day)}")


def stored_g(instance: Instance, plan: Plan, zone: str, day: date) -> int:
    """Grams in a zone after the deliveries of a morning, before its service."""
    used: Counter[tuple[str, date | None]] = Counter()
    for use in plan.uses:
        if use.date < day:
            used[use.offer or use.lot or "", use.delivery] += use.grams
    total = 0
    for purchase in plan.purchases:
        offer = instance.offer[purchase.offer]
        food = instance.food[offer.food]
        good = purchase.delivery <= day <= purchase.delivery + timedelta(days=food.shelf_life_days)
        if food.storage == zone and good:
            total += purchase.packs * offer.pack_g - used[offer.code, purchase.delivery]
    for lot in instance.stock:
        if instance.food[lot.food].storage == zone and day <= lot.expires_on:
            total += lot.grams - used[lot.code, None]
    return total


def _lot_in(instance: Instance, code: str, zone: str, day: date) -> bool:
    return any(
        lot.code == code and instance.food[lot.food].storage == zone and day <= lot.expires_on
        for lot in instance.stock
    )


def _zone_terms(variables: Variables, instance: Instance, zone: str, day: date) -> list[tuple[int, float]]:
    """Delivered so far, less what was used before the day and what expired."""
    terms: list[tuple[int, float]] = []
    for (code, delivery), column in variables.packs.items():
        offer = instance.offer[code]
        food = instance.food[offer.food]
        if food.storage == zone and delivery <= day:
            terms.append((column, offer.pack_g / KG))
            if delivery + timedelta(days=food.shelf_life_days) < day:
                terms.append((variables.left[code, delivery], -1.0))
    for (service, food_code, code), column in variables.use.items():
        stored = code in instance.offer or _lot_in(instance, code, zone, day)
        if instance.food[food_code].storage == zone and service < day and stored:
            terms.append((column, -1.0))
    return terms


PURCHASES = (
    Needs(name="besoin", title="de quoi cuisiner chaque plat", source=CHIEF),
    Sources(
        name="conservation",
        title="dates limites et quantités reçues",
        source="règlement (CE) 178/2002, art. 14",
    ),
    Deliveries(name="livraison", title="jours de livraison et prix valables", source=SUPPLIER),
    WeeklyVolume(name="volume", title="volumes annoncés", source=SUPPLIER),
    MinimumOrder(name="minimum", title="minimum de commande", source=SUPPLIER),
    Storage(name="stockage", title="place en réserve", source=CHIEF),
)
