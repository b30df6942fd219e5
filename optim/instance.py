"""The question: one kitchen, its services, and everything that may be cooked and bought.

All objects are frozen, refuse nonsense at birth and travel as JSON both ways, so that any
real case becomes a test file. Weights in grams, prices in cents, shares per mille.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from optim.faults import faults_of
from optim.terms import Critere, FamilleProduits, Label, Niveau, Slot, Vegetarien

T = TypeVar("T")

CREDIT_CAP_PERMILLE = 950
"""A euro of local, quality and EGAlim product earns less than it costs, whatever the prices of the aims."""


class Frozen(BaseModel):
    """Base of all data of ``optim``: immutable, no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ingredient(Frozen):
    """One food of a recipe, as bought (peeling and cooking losses included)."""

    food: str
    milligrams: Mapping[Niveau, int] = Field(description="per diner of each class")


class Food(Frozen):
    """What is cooked; bought through offers."""

    code: str
    name: str
    family: FamilleProduits
    storage: str = "epicerie"
    shelf_life_days: int = Field(ge=0, description="days usable after the day of delivery")
    season_months: frozenset[int] = Field(default=frozenset(), description="empty: all year")
    fresh_fish: bool = False
    raw_milk: bool = False
    co2e_g_per_kg: int = Field(default=0, ge=0)


class Recipe(Frozen):
    """A dish that may fill a slot; its tags were derived before, its staples left out."""

    code: str
    name: str
    slot: Slot
    complete_dish: bool = Field(default=False, description="fills plat and garniture")
    covers_dairy: bool = Field(default=False, description="fills produit laitier too")
    tags: frozenset[Critere] = frozenset()
    vegetarian: Vegetarien | None = None
    pork: bool = False
    substitute: str | None = Field(default=None, description="recipe served to those without pork")
    variant_of: str | None = Field(default=None, description="dish of which this recipe is a variant")
    main_food: str = ""
    garnish: str = Field(default="", description="legume or feculent, for garnitures and complete dishes")
    colour: str = ""
    theme: str = Field(default="", description="served only on a day that asks for this theme")
    months: frozenset[int] = frozenset()
    staff_minutes: int = Field(default=0, ge=0, description="active minutes for this kitchen's diners")
    equipment: frozenset[str] = frozenset()
    heavy: bool = False
    day_before: bool = False
    repeat_gap: int = Field(default=10, ge=0, description="services before it may come back")
    taste_permille: int = Field(default=700, ge=0, le=1000)
    waste_mg: Mapping[Niveau, int] = Field(default={}, description="expected plate waste per diner")
    ingredients: tuple[Ingredient, ...] = ()

    @property
    def root(self) -> str:
        """The dish of which this is a variant, or itself: two variants share it."""
        return self.variant_of or self.code


class Supplier(Frozen):
    """Who delivers, on which days of the horizon, from which order on."""

    code: str
    name: str
    delivery_dates: tuple[date, ...] = Field(description="still orderable, sorted")
    min_order_cents: int = Field(default=0, ge=0, description="HT, per delivery")
    delivery_fee_cents: int = Field(default=0, ge=0, description="HT, per delivery")


class Offer(Frozen):
    """A food sold by a supplier in packs."""

    code: str
    supplier: str
    food: str
    pack_g: int = Field(gt=0)
    price_cents: int = Field(gt=0, description="HT per pack")
    vat_permille: int = Field(default=55, ge=0)
    labels: frozenset[Label] = frozenset()
    local: bool = Field(default=False, description="by the département's own definition")
    local_counts: bool = Field(default=True, description="false inside an exclusive lot")
    credit_cents_kg: int = Field(
        ge=0, description="min(own price, cheapest offer of same food and labels): being dearer never pays"
    )
    weekly_packs: int | None = Field(default=None, ge=0, description="packs left per ISO week")
    valid_from: date
    valid_to: date
    price_holds_to: date | None = Field(
        default=date.max, description="last day of the price announced, an estimate afterwards; null: never"
    )

    def price_estimated(self, day: date) -> bool:
        """Whether the price of a delivery is a guess."""
        return self.price_holds_to is None or day > self.price_holds_to

    @property
    def egalim(self) -> bool:
        """Whether the line counts among durable and quality products."""
        return bool(self.labels)

    @property
    def bio(self) -> bool:
        """Whether the line counts as organic."""
        return Label.BIO in self.labels


class StockLot(Frozen):
    """Food already in the store at the start, or ordered before and on its way."""

    code: str
    food: str
    grams: int = Field(ge=0)
    price_cents_kg: int = Field(ge=0)
    expires_on: date
    available_from: date = Field(default=date.min, description="the morning it comes, when it is ordered")

    def feeds(self, first: date, last: date) -> bool:
        """Whether some meal between two dates may take from it."""
        return self.available_from <= last and first <= self.expires_on


class Dish(Frozen):
    """A dish on a service: chosen, locked or served."""

    date: date
    slot: Slot
    choice: int = Field(default=1, ge=1, le=3, description="a line with n choices takes ranks 1 to n")
    recipe: str
    share_permille: int = Field(
        default=1000, gt=0, le=1000, description="of the diners who have every choice of the slot"
    )


class Service(Frozen):
    """One meal of the kitchen, to plan or already served."""

    date: date
    diners: Mapping[Niveau, int]
    by_line: Mapping[str, Mapping[Niveau, int]] = Field(
        default={}, description="the same diners by line of the kitchen, where it has several"
    )
    served: bool = False
    theme: str = Field(default="", description="of the meal: one of its dishes at least is of it")

    @property
    def meals(self) -> int:
        """All diners of the service."""
        return sum(self.diners.values())


class Line(Frozen):
    """Sites that a kitchen serves in the same way: as many choices per slot, as many components."""

    code: str
    name: str
    components: int = Field(default=5, ge=4, le=5)
    choices: Mapping[Slot, int] = Field(description="presentations per slot: the first of the kitchen's")

    def presentations(self, slot: Slot) -> int:
        """Dishes offered in a slot; an unnamed slot offers one."""
        return self.choices.get(slot, 1)


class Kitchen(Frozen):
    """What the kitchen can do and how it serves."""

    code: str
    name: str
    components: int = Field(default=5, ge=4, le=5)
    choices: Mapping[Slot, int] = Field(description="presentations per slot, 1 to 3")
    lines: tuple[Line, ...] = Field(default=(), description="none: everybody is served as the kitchen says")
    directed: frozenset[Slot] = Field(
        default=frozenset(), description="slots whose presentations are variants of one dish: they count once"
    )
    week_days: int = Field(default=4, ge=1, le=7, description="usual lunches a week")
    no_pork_permille: int = Field(default=0, ge=0, le=1000)
    staff_minutes: int | None = Field(default=None, description="active minutes per day")
    equipment: Mapping[str, int] = Field(default={}, description="dishes a day each can take")
    storage_g: Mapping[str, int] = Field(default={}, description="grams per storage zone; absent: unlimited")
    bread_food: str | None = None
    bread_mg: int = Field(default=50_000, ge=0, description="per diner and day")
    staples_cents: int = Field(default=10, ge=0, description="HT per meal, outside the search")
    staples_vat_permille: int = 55

    def presentations(self, slot: Slot) -> int:
        """Dishes offered in a slot; an unnamed slot offers one."""
        return self.choices.get(slot, 1)

    def levels(self, slot: Slot) -> tuple[int, ...]:
        """How many first presentations some line takes, or the law counts, the kitchen's own number last."""
        most = self.presentations(slot)
        first = {line.presentations(slot) for line in self.lines} | ({1} if slot in self.directed else set())
        return (*sorted(n for n in first if 0 < n < most), most)

    def presented(self, slot: Slot, day: date) -> int:
        """Dishes offered in a slot on a day: the same every day for the kitchen as a whole."""
        del day
        return self.presentations(slot)

    @property
    def complete_fills_garnish(self) -> bool:
        """Whether a complete dish leaves no garniture to choose: only where nobody has a choice."""
        return self.presentations(Slot.PLAT) == 1 and self.presentations(Slot.GARNITURE) == 1

    def dairy_fills(self, slot: Slot) -> bool:
        """Whether a dairy dish of ``slot`` leaves produit laitier empty: only where nobody has a choice."""
        return self.presentations(slot) == 1 and self.presentations(Slot.LAITIER) == 1

    @model_validator(mode="after")
    def _widest_line(self) -> Self:
        if not self.lines:
            return self
        codes = {line.code for line in self.lines}
        widest = {slot: max(line.presentations(slot) for line in self.lines) for slot in Slot}
        same = all(widest[slot] == self.presentations(slot) for slot in Slot)
        if len(codes) < len(self.lines) or not same:
            raise ValueError(
                "cuisine : elle présente ce que demande sa ligne la plus large, ni plus ni moins"
            )
        if max(line.components for line in self.lines) != self.components:
            raise ValueError("cuisine : ses composantes sont celles de sa ligne la plus large")
        return self


class Egalim(Frozen):
    """The year's purchases so far (cents HT) and the targets of the manager (per mille)."""

    past_cents: int = 0
    past_egalim_cents: int = 0
    past_bio_cents: int = 0
    past_meat_fish_cents: int = 0
    past_meat_fish_egalim_cents: int = 0
    target_egalim_permille: int = Field(default=0, ge=0, le=1000)
    target_bio_permille: int = Field(default=0, ge=0, le=1000)
    target_meat_fish_permille: int = Field(default=0, ge=0, le=1000)


class Profile(Frozen):
    """A named set of prices: what each aim is worth, so that a manager can read it."""

    code: str = "equilibre"
    name: str = "Équilibré"
    local_permille: int = Field(default=300, ge=0, description="a: 300 = a local euro is worth 0.30 more")
    quality_permille: int = Field(default=150, ge=0, description="b")
    shortfall_permille: int = Field(default=80, ge=0, description="c, first of three convex steps")
    waste_cents_per_kg: int = Field(default=200, ge=0, description="d")
    co2e_cents_per_kg: int = Field(default=5, ge=0, description="e")
    taste_cents_per_100: int = Field(default=200, ge=0, description="f: 100 diners who dislike a dish")
    repetition_cents: int = Field(default=10, ge=0, description="a sliding 20-meal count off by one")

    @property
    def shortfall_steps_permille(self) -> tuple[int, int, int]:
        """Price of the three steps of shortfall: c, 1.5 c, 2 c.

        They are capped so that every credit of one euro together stays under 95 cents, even for a
        product that is local, of quality, organic and meat: being dearer never pays.
        """
        cap, c = self.highest_shortfall_permille, self.shortfall_permille
        return min(cap, c), min(cap, c * 3 // 2), min(cap, c * 2)

    @property
    def highest_shortfall_permille(self) -> int:
        """The highest price of shortfall that is used: three targets may be served by one euro."""
        return max(0, CREDIT_CAP_PERMILLE - self.local_permille - self.quality_permille) // 3

    @model_validator(mode="after")
    def _dearer_never_pays(self) -> Self:
        if self.local_permille + self.quality_permille > CREDIT_CAP_PERMILLE:
            raise ValueError("profil : local et qualité ensemble doivent rester sous 0,95")
        return self


class Instance(Frozen):
    """Everything ``solve`` and ``check`` need to know."""

    kitchen: Kitchen
    services: tuple[Service, ...] = Field(description="history (served) then horizon, by date")
    history: tuple[Dish, ...] = Field(default=(), description="dishes of served services")
    locks: tuple[Dish, ...] = Field(default=(), description="dishes the chief keeps")
    kept: frozenset[date] = Field(
        default=frozenset(), description="services after those asked: their whole menu is locked"
    )
    without_menu: tuple[date, ...] = Field(
        default=(), description="meals left without a menu, that count in their block of 20"
    )
    bans: frozenset[tuple[date, str]] = Field(default=frozenset(), description="recipe refused on a date")
    foods: tuple[Food, ...]
    recipes: tuple[Recipe, ...]
    suppliers: tuple[Supplier, ...]
    offers: tuple[Offer, ...]
    stock: tuple[StockLot, ...] = ()
    ordered_ht_cents: int = Field(default=0, ge=0, description="lots ordered for these meals, fees included")
    ordered_ttc_cents: int = Field(default=0, ge=0, description="the same with taxes: the budget pays them")
    storage_closed: Mapping[str, frozenset[date]] = Field(
        default={}, description="days a zone is out of order: what is there then is eaten that day or lost"
    )
    closed_before: frozenset[date] = Field(
        default=frozenset(), description="services whose day before was closed: no work the day before"
    )
    budget_ttc_cents: int | None = Field(default=None, gt=0, description="per meal over the horizon")
    egalim: Egalim = Egalim()
    profile: Profile = Profile()
    switched_off: frozenset[str] = Field(default=frozenset(), description="names of rules not applied")
    relaxed: Mapping[str, PositiveInt] = Field(
        default={}, description="steps given up by the chief, by name of rule; see optim.concessions"
    )
    today: date

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = faults_of(self)
        if faults:
            raise ValueError(" ; ".join(faults))
        return self

    @cached_property
    def food(self) -> dict[str, Food]:
        """Foods by code."""
        return {f.code: f for f in self.foods}

    @cached_property
    def recipe(self) -> dict[str, Recipe]:
        """Recipes by code."""
        return {r.code: r for r in self.recipes}

    @cached_property
    def offer(self) -> dict[str, Offer]:
        """Offers by code."""
        return {o.code: o for o in self.offers}

    @cached_property
    def supplier(self) -> dict[str, Supplier]:
        """Suppliers by code."""
        return {s.code: s for s in self.suppliers}

    @cached_property
    def service(self) -> dict[date, Service]:
        """Services by date, served ones included."""
        return {s.date: s for s in self.services}

    @cached_property
    def _memo(self) -> dict[object, object]:
        return {}

    def memo(self, key: object, compute: Callable[[], T]) -> T:
        """Remember what ``compute`` derives from this instance: it never changes."""
        if key not in self._memo:
            self._memo[key] = compute()
        return cast("T", self._memo[key])

    def keeps_to(self, food: str, delivery: date) -> date:
        """Last day a delivery of a food may be eaten: its shelf life over, or its zone out of order."""
        kept = self.food[food]
        last = delivery + timedelta(days=kept.shelf_life_days)
        closed = self.storage_closed.get(kept.storage, ())
        return min((day for day in closed if delivery <= day <= last), default=last)

    def oldest(self, food: str, day: date) -> date:
        """The earliest delivery of a food that is still good on a day."""
        kept = self.food[food]
        first = day - timedelta(days=kept.shelf_life_days)
        closed = self.storage_closed.get(kept.storage, ())
        return max((shut + timedelta(days=1) for shut in closed if first <= shut < day), default=first)

    def relaxing(self, steps: Mapping[str, int]) -> "Instance":
        """The same question with these steps given up, beside those already given up."""
        return self.changed(relaxed={**self.relaxed, **steps})

    @cached_property
    def as_ruled(self) -> "Instance":
        """The same question with nothing given up: what counters set the plan against."""
        return self.changed(relaxed={}) if self.relaxed else self

    def changed(self, **changed: object) -> "Instance":
        """A copy with other fields, that shares nothing of what was derived from this one."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return Instance.model_construct(**(given | changed))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> "Instance":
        """The same as ``changed``: pydantic's own copy would keep what was derived from the old fields.

        Raises:
            ValueError: a deep copy is asked for; everything within is frozen.
        """
        if deep:
            message = "a question is frozen throughout: its copy shares its fields"
            raise ValueError(message)
        return self.changed(**(update or {}))

    @cached_property
    def rank(self) -> dict[date, int]:
        """Place of each service in the calendar of the kitchen, history included."""
        return {s.date: i for i, s in enumerate(self.services)}

    @cached_property
    def history_by_day(self) -> dict[date, tuple[Dish, ...]]:
        """Dishes of the served services."""
        days: dict[date, list[Dish]] = {}
        for dish in self.history:
            days.setdefault(dish.date, []).append(dish)
        return {day: tuple(dishes) for day, dishes in days.items()}

    @cached_property
    def settled_by_day(self) -> dict[date, tuple[Dish, ...]]:
        """Dishes that nothing can change: of the served services and of the kept ones."""
        days: dict[date, list[Dish]] = {}
        for dish in (*self.history, *(lock for lock in self.locks if lock.date in self.kept)):
            days.setdefault(dish.date, []).append(dish)
        return {day: tuple(dishes) for day, dishes in days.items()}

    @cached_property
    def horizon(self) -> tuple[Service, ...]:
        """The services to plan."""
        return tuple(s for s in self.services if not s.served)

    @cached_property
    def meals(self) -> int:
        """Meals of the horizon."""
        return sum(s.meals for s in self.horizon)
