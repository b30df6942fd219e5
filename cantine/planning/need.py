"""« Expression de besoin »: what the plan asks beside what is ordered, by storage zone. Reading only."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cantine.foods.models import Food
from cantine.menus.signs import Sign
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.planning.credit import Credit, fee_ttc, taxed
from cantine.planning.draft_edits import Cell
from cantine.planning.drafts import Place
from cantine.planning.purchases import Use, Visit
from cantine.suppliers.models import Supplier

ZONES: Mapping[str, tuple[str, str]] = {
    "legumerie": ("Légumerie", "vegetable"),
    "froid_positif": ("Froid positif", "thermometer"),
    "froid_negatif": ("Surgelés", "frozen"),
    "epicerie": ("Épicerie", "bag"),
    "pain": ("Pain", "bread"),
}


@dataclass(frozen=True)
class NeedLine:
    """One quantity of the page."""

    cell: Cell
    line: OrderLine
    food: Food
    supplier: Supplier
    stock_g: int
    signs: tuple[Sign, ...]
    uses: tuple[Use, ...]

    @property
    def name(self) -> str:
        """Name of its field: staples or not, offer, delivery."""
        staples, offer, delivery = self.cell
        return f"{'e' if staples else 'p'}:{offer}@{delivery.isoformat()}"

    @property
    def edited(self) -> bool:
        """Whether somebody chose other packs than those of the plan."""
        return self.line.packs != self.line.theoretical_packs

    @property
    def spare_g(self) -> int:
        """Grams beyond the need; negative where they lack."""
        return self.line.grams - self.line.needed_g

    @property
    def ttc(self) -> Decimal:
        """Euros of one pack with VAT."""
        return taxed(self.line.price_ht, self.line.vat_permille)


@dataclass(frozen=True)
class NeedVisit(Visit):
    """One supplier and one delivery: what is to order, what is ordered already."""

    lines: tuple[NeedLine, ...]
    bound: tuple[tuple[PurchaseOrder, Decimal], ...]
    versions: tuple[tuple[Place, int], ...]
    fee_ht: Decimal
    grouped_ht: Decimal = Decimal(0)
    """What the other kitchens of its grouped order bring to the minimum."""

    @property
    def anchor(self) -> str:
        """Identifier in the page."""
        return f"l-{self.delivery.isoformat()}-{self.supplier.code}"

    @property
    def total_ht(self) -> Decimal:
        """Euros of what is to order."""
        return sum((line.line.total_ht for line in self.lines), Decimal(0))

    @property
    def ordered_ht(self) -> Decimal:
        """Euros of what is ordered already for the same delivery."""
        return sum((euros for _, euros in self.bound), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros of what is to order with VAT and fee."""
        goods = (taxed(line.line.total_ht, line.line.vat_permille) for line in self.lines)
        return sum(goods, fee_ttc(self.fee_ht) if self.total_ht else Decimal(0))

    @property
    def missing_ht(self) -> Decimal:
        """Euros short of the minimum of a delivery, where something is to order."""
        if not self.total_ht:
            return Decimal(0)
        there = self.total_ht + self.ordered_ht + self.grouped_ht
        return max(Decimal(0), self.supplier.min_order_ht - there)


@dataclass(frozen=True)
class Eaters:
    """Meals of a day, and their classes in words."""

    meals: int
    words: str


@dataclass(frozen=True)
class Need:
    """One week of deliveries."""

    week: date | None
    weeks: tuple[tuple[date, int, Decimal], ...]
    visits: tuple[NeedVisit, ...]
    others_ttc: Decimal
    """What the other deliveries of the month cost, ordered or planned."""
    credit: Credit | None
    mark: str
    eaters: Mapping[date, Eaters]
    """Who eats on each day that some line feeds."""

    @property
    def to_order(self) -> tuple[NeedVisit, ...]:
        """Deliveries of which something is to order."""
        return tuple(visit for visit in self.visits if visit.lines)

    @property
    def zones(self) -> tuple[tuple[str, str, tuple[NeedLine, ...]], ...]:
        """Name, icon and lines of each storage zone."""
        lines: defaultdict[str, list[NeedLine]] = defaultdict(list)
        for visit in self.visits:
            for line in visit.lines:
                lines[line.food.storage].append(line)
        known = [*ZONES, *sorted(set(lines) - set(ZONES))]
        return tuple(
            (*ZONES.get(zone, (zone, "bag")), tuple(sorted(lines[zone], key=_rank)))
            for zone in known
            if lines[zone]
        )

    @property
    def total_ht(self) -> Decimal:
        """Euros of the goods to order."""
        return sum((visit.total_ht for visit in self.visits), Decimal(0))

    @property
    def fees_ht(self) -> Decimal:
        """Euros of the deliveries to order."""
        return sum((visit.fee_ht for visit in self.visits if visit.total_ht), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros with VAT and fees."""
        return sum((visit.total_ttc for visit in self.visits), Decimal(0))

    @property
    def cents_per_meal(self) -> float | None:
        """Cents TTC of everything delivered in the month, ordered or planned, per meal of the month."""
        if self.credit is None or not self.credit.meals:
            return None
        return float(100 * (self.total_ttc + self.others_ttc) / self.credit.meals)

    @property
    def rest_ttc(self) -> Decimal | None:
        """What the credit of the month keeps once these are ordered."""
        return self.credit.rest_ttc - self.total_ttc if self.credit else None

    @property
    def edited(self) -> int:
        """Lines that somebody changed by hand."""
        return sum(line.edited for visit in self.visits for line in visit.lines)


def _rank(line: NeedLine) -> tuple[str, date]:
    return line.line.name, line.cell[2]
