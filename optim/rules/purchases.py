"""What is bought feeds what is cooked: needs, shelf life, volumes.

Rows count kilograms; a delivery serves from its own morning to the end of its shelf life.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from optim.instance import Instance, StockLot
from optim.linear import LinearModel
from optim.plan import Plan, Use, Violation, bread_need_g, need_g, serving_need_g
from optim.rules.base import Rule
from optim.rules.words import day_name, kilos
from optim.units import iso_week
from optim.variables import Variables

CHIEF = "choix de la cuisine"
SUPPLIER = "conditions du fournisseur"
KG = 1000
"""Grams in a kilogram: models count kilograms to keep their numbers near one."""


FoodNeeds = dict[date, tuple[list[tuple[int, float]], float]]
"""Per service, what the dishes take of a food, as negative terms, and the fixed need (bread)."""


@dataclass(frozen=True, kw_only=True)
class Needs(Rule):
    """Every gram a service needs comes from a delivery or from the stock, no more, no less.

    An order may be filled up to its minimum, with food that some dish needs.
    """

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Foods that are short or in excess on a day."""
        used: Counter[tuple[date, str]] = Counter()
        for use in plan.uses:
            used[use.date, use.food] += use.grams
        need = need_g(instance, (d for d in plan.dishes if d.date in instance.service))
        found = []
        for day, food in sorted(need.keys() | used.keys()):
            wanted, taken = need.get((day, food), 0), used[day, food]
            if wanted != taken:
                name = instance.food[food].name
                message = f"{name} le {day_name(day)} : {kilos(taken)} prévus pour {kilos(wanted)} de besoin."
                found.append(self.fault(message, day, count=taken, limit=wanted))
        return [*found, *self._idle(instance, plan, need)]

    def _idle(
        self, instance: Instance, plan: Plan, need: Mapping[tuple[date, str], int]
    ) -> Iterator[Violation]:
        """Purchases of a food that no dish needs while it keeps."""
        days: defaultdict[str, list[date]] = defaultdict(list)
        for day, food in need:
            days[food].append(day)
        for purchase in plan.purchases:
            bought = instance.food[instance.offer[purchase.offer].food]
            last = instance.keeps_to(bought.code, purchase.delivery)
            if not any(purchase.delivery <= day <= last for day in days[bought.code]):
                message = (
                    f"{bought.name} : livré le {day_name(purchase.delivery)}, mais aucun plat n'en a besoin."
                )
                yield self.fault(message, purchase.delivery)

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Run of services by run: what may feed it covers what it takes.

        Deliveries of a food all keep equally long, so covering every run of services is enough
        (Hall's condition); rows that only ask for more are easy to satisfy by one more pack.
        """
        arrivals = arrivals_by_food(variables, instance)
        for food, needs in need_terms(variables, instance).items():
            if variables.packs or variables.lot:
                whole_use(model, variables, instance, (food, needs))
                self._runs(model, instance, food, needs, arrivals.get(food, {}))

    def _runs(
        self,
        model: LinearModel,
        instance: Instance,
        food: str,
        needs: FoodNeeds,
        arrivals: dict[date, list[tuple[int, float]]],
    ) -> None:
        keeps = {delivery: instance.keeps_to(food, delivery) for delivery in arrivals}
        lots = [lot for lot in instance.stock if lot.food == food]
        days = sorted(needs)
        ends = [*keeps.values(), *(lot.expires_on for lot in lots)]
        for rank, first in enumerate(days):
            if rank and not any(days[rank - 1] <= end < first for end in ends):
                continue  # the run that starts one meal earlier has the same sources, and asks more
            row: list[tuple[int, float]] = []
            taken, feeding = 0.0, set[date]()
            for last in days[rank:]:
                row += needs[last][0]
                taken += needs[last][1]
                for delivery in arrivals.keys() - feeding:
                    if delivery <= last and keeps[delivery] >= first:
                        feeding.add(delivery)
                        row += arrivals[delivery]
                stock = sum(lot.grams for lot in lots if lot.feeds(first, last)) / KG
                about = f"{instance.food[food].name} le {day_name(last)}"
                model.row(self.name, row, low=taken - stock, about=about)


def whole_use(
    model: LinearModel, variables: Variables, instance: Instance, need: tuple[str, FoodNeeds]
) -> None:
    """What is used of each offer and lot of a food makes its need of the horizon, no more."""
    food, needs = need
    sources = [c for code, c in variables.used.items() if instance.offer[code].food == food]
    sources += [variables.lot[code] for code in lots_of(instance, food) if code in variables.lot]
    terms = [term for terms, _ in needs.values() for term in terms]
    total = sum(constant for _, constant in needs.values())
    about = instance.food[food].name
    model.row("besoin", [*((c, 1.0) for c in sources), *terms], total, total, about=about)


def lots_of(instance: Instance, food: str) -> list[str]:
    """Codes of the stock lots of a food."""
    return [lot.code for lot in instance.stock if lot.food == food]


def need_terms(variables: Variables, instance: Instance) -> dict[str, FoodNeeds]:
    """Needs of each food that a dish of the model, or the bread, may take."""
    terms: defaultdict[str, FoodNeeds] = defaultdict(dict)
    bread = instance.kitchen.bread_food
    for service in instance.horizon:
        if bread and bread_need_g(instance, service):
            terms[bread][service.date] = ([], bread_need_g(instance, service) / KG)
    for served, column in variables.servings.items():
        for food, grams in serving_need_g(instance, served).items():
            terms[food].setdefault(served.date, ([], 0.0))[0].append((column, -grams / KG))
    return terms


def arrivals_by_food(
    variables: Variables, instance: Instance
) -> dict[str, dict[date, list[tuple[int, float]]]]:
    """Per food and delivery day: the packs that arrive, in kilograms."""
    arrivals: defaultdict[str, dict[date, list[tuple[int, float]]]] = defaultdict(dict)
    for (code, day), column in variables.packs.items():
        offer = instance.offer[code]
        arrivals[offer.food].setdefault(day, []).append((column, offer.pack_g / KG))
    return arrivals


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
            found += self._dates(instance, use, lots.get(use.lot or ""))
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

    def _dates(self, instance: Instance, use: Use, lot: StockLot | None) -> Iterator[Violation]:
        first, last = (lot.available_from, lot.expires_on) if lot else (date.min, date.max)
        if use.delivery is not None:
            first, last = use.delivery, instance.keeps_to(use.food, use.delivery)
        if first > use.date:
            yield self._fault(instance, use.food, use.date, f"livré trop tard, le {day_name(first)}")
        if last < use.date:
            yield self._fault(instance, use.food, use.date, f"à consommer avant le {day_name(last)}")

    def _fault(self, instance: Instance, food: str, day: date, reason: str) -> Violation:
        return self.fault(f"{instance.food[food].name} le {day_name(day)} : {reason}.", day)

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Of each offer, no more is used than bought; dates are kept by the runs of the needs."""
        packs: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for (code, _), column in variables.packs.items():
            packs[code].append((column, -instance.offer[code].pack_g / KG))
        for code, column in variables.used.items():
            about = instance.food[instance.offer[code].food].name
            model.row(self.name, [(column, 1.0), *packs[code]], high=0, about=about)


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
        for zone, room in zone_rooms_g(instance).items():
            for day in sorted({p.delivery for p in plan.purchases}):
                grams = stored_g(instance, plan, zone, day)
                if grams > room:
                    message = f"{zone}, {day_name(day)} : {kilos(grams)} à ranger, place pour {kilos(room)}."
                    found.append(self.fault(message, day, count=grams, limit=room))
        return found

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per zone and delivery day: delivered and still good, less what was taken before."""
        needs, arrivals = need_terms(variables, instance), arrivals_by_food(variables, instance)
        for zone, room in zone_rooms_g(instance).items():
            foods = [f for f in needs if instance.food[f].storage == zone]
            for day in sorted({day for food in foods for day in arrivals.get(food, {})}):
                others = (lot for lot in instance.stock if lot.food not in needs)
                lots = sum(lot.grams for lot in others if _lot_in(instance, lot.code, zone, day)) / KG
                row, taken = [], 0.0
                for food in foods:
                    oldest = instance.oldest(food, day)
                    row += [
                        t for d, packs in arrivals.get(food, {}).items() if oldest <= d <= day for t in packs
                    ]
                    before = [need for d, need in needs[food].items() if oldest <= d < day]
                    row += [t for terms, _ in before for t in terms]
                    taken += sum(constant for _, constant in before)
                    mine = (lot for lot in instance.stock if lot.food == food and lot.feeds(day, day))
                    kept = sum(lot.grams for lot in mine) / KG
                    if kept:
                        row.append((self._lots_left(model, kept, needs[food], oldest), 1.0))
                about = f"{zone}, {day_name(day)}"
                model.row(self.name, row, high=room / KG - lots + taken, about=about, step=1)

    def _lots_left(self, model: LinearModel, kept: float, needs: FoodNeeds, oldest: date) -> int:
        """Kilograms of the lots of a food that the services before ``oldest`` cannot have taken."""
        earlier = [need for d, need in needs.items() if d < oldest]
        left = model.var(0 if earlier else kept, kept)
        if earlier:
            terms = [(column, -weight) for terms, _ in earlier for column, weight in terms]
            model.row(self.name, [(left, 1.0), *terms], low=kept - sum(constant for _, constant in earlier))
        return left


def zone_rooms_g(instance: Instance) -> dict[str, int]:
    """Grams that each zone holds, with the kilograms given up by the chief."""
    more = instance.relaxed.get("stockage", 0) * KG
    return {zone: room + more for zone, room in instance.kitchen.storage_g.items()}


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
        good = purchase.delivery <= day <= instance.keeps_to(food.code, purchase.delivery)
        if food.storage == zone and good:
            total += purchase.packs * offer.pack_g - used[offer.code, purchase.delivery]
    for lot in instance.stock:
        if instance.food[lot.food].storage == zone and lot.feeds(day, day):
            total += lot.grams - used[lot.code, None]
    return total


def _lot_in(instance: Instance, code: str, zone: str, day: date) -> bool:
    return any(
        lot.code == code and instance.food[lot.food].storage == zone and lot.feeds(day, day)
        for lot in instance.stock
    )


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
