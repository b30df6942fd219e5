"""The purchases in place beside the menus of a board: the plan that ``optim.suggest`` changes meal by meal.

Read from rows, never written: what is bought, what each meal takes of it, who may still deliver what. Today
is taken at its word, in a demonstration too: an order whose time is over has left.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from sqlmodel import Session, col, select

from cantine.egalim.year import Purchases
from cantine.foods.models import Food
from cantine.planning import convert
from cantine.planning.board import Board
from cantine.planning.book import load_book
from cantine.planning.build import credits_kg, labelled, load_profile, offer_of, supplier_of
from cantine.planning.mishaps import Mishaps, load_mishaps
from cantine.planning.models import Profile, Run
from cantine.planning.ordered import committed
from cantine.planning.sources import CENTS, Source, Weighted
from cantine.planning.supply_rows import (
    bought_of,
    foods_in,
    lot_code,
    lots_of,
    promised_in,
    purchases_of,
    stock_of,
    uses_of,
)
from cantine.planning.year import egalim_of
from cantine.suppliers.market import Reachable
from cantine.suppliers.ordering import Ordering, load_ordering
from cantine.suppliers.prices import estimated_on
from optim import instance as question
from optim.plan import Plan
from optim.suggest import Effect, InPlace
from optim.terms import Label

USUAL_PROFILE = "equilibre"


@dataclass(frozen=True)
class Supply:
    """The plan in place, and the rows behind its names."""

    in_place: InPlace
    items: Mapping[str, Reachable]
    """Offers by the code that the question gives them."""
    lots: Mapping[str, Source]
    foods: Mapping[str, Food]
    ordering: Ordering

    @property
    def instance(self) -> question.Instance:
        """The question that the plan in place answers."""
        return self.in_place.instance

    def deadline(self, code: str, delivery: date) -> date:
        """Last day to order a delivery of an offer."""
        return self.ordering.deadline(self.items[code].supplier, delivery)

    def planned(self, day: date) -> bool:
        """Whether some purchase or some stock is meant for a day: its menus were bought with a proposal."""
        return any(use.date == day for use in self.in_place.plan.uses)

    def origins(self, effect: Effect) -> dict[tuple[date, str], Weighted]:
        """Where the foods that a change concerns would come from, as the costs of the grid read it."""
        found: defaultdict[tuple[date, str], list[tuple[int, Source]]] = defaultdict(list)
        for use in effect.uses:
            source = (
                self.lots[use.lot] if use.lot else self._source(use.offer or "", use.delivery or use.date)
            )
            found[use.date, use.food].append((use.grams, source))
        lacking = {lack.food for lack in effect.missing}
        return {key: tuple(weighted) for key, weighted in found.items() if key[1] not in lacking}

    def _source(self, code: str, delivery: date) -> Source:
        item = self.items[code]
        return Source(
            cents_per_kg=float(item.price_ht * CENTS * 1000 / item.offer.pack_g),
            vat_permille=item.offer.vat_permille,
            labels=frozenset(Label(label) for label in item.offer.labels),
            distance_km=item.distance_km if item.local else None,
            allergens=frozenset(item.offer.allergens),
            estimated=estimated_on(item.offer, delivery),
        )


def load_supply(session: Session, board: Board, hour: time, foods: Collection[str]) -> Supply | None:
    """The plan in place around a board, with the offers of some foods; None where nothing may be checked.

    Args:
        session: where to read.
        board: the block shown; only its open days are part of the question.
        hour: the time in France: after a supplier's hour, an order leaves tomorrow.
        foods: codes of what may be bought.
    """
    if board.checker is None:
        return None
    kitchen, mishaps = board.kitchen.code, load_mishaps(session, board.kitchen.code, board.days.today)
    market = list(
        mishaps.on_sale(item for food in sorted(foods) for item in board.coster.sources.on_offer(food))
    )
    book, again = load_book(session, kitchen), [day.date for day in board.open]
    bought = list(bought_of(session, board, market, mishaps, book))
    named = {(row.offer, row.delivery): item.code for row, item in bought}
    items = {item.code: item for item in market} | {item.code: item for _, item in bought}
    lots = lots_of(session, board)
    rows = foods_in(session, {item.offer.food for item in items.values()} | {lot.food for lot in lots})
    plan = Plan(
        dishes=board.checker.dishes,
        purchases=tuple(purchases_of(bought, mishaps)),
        uses=tuple(
            uses_of(
                session, kitchen, named, {lot_code(lot.food, lot.expires_on) for lot in lots}, book, again
            )
        ),
    )
    ordering = load_ordering(session, board.days.today, hour)
    stock = tuple(stock_of(lots, book, again))
    instance = _question(session, board, ordering, items, stock, rows, mishaps)
    sources = {
        lot_code(lot.food, lot.expires_on): Source(cents_per_kg=float(lot.price_ht_per_kg * CENTS))
        for lot in lots
    }
    held = committed(session, kitchen)
    firm = frozenset(
        (code, at) for (offer, at), code in named.items() if mishaps.told((offer, at)) or (offer, at) in held
    )
    return Supply(InPlace(instance, plan, firm), items, sources, rows, ordering)


def _question(
    session: Session,
    board: Board,
    ordering: Ordering,
    items: Mapping[str, Reachable],
    stock: tuple[question.StockLot, ...],
    foods: Mapping[str, Food],
    mishaps: Mishaps,
) -> question.Instance:
    """The question of the counters, with who sells what: its parts are checked, so the whole is not again."""
    if board.checker is None:
        raise ValueError("no meal of these is known")
    asked, credit = board.checker.instance, credits_kg(items.values())
    promised = promised_in(session, board, items.values())
    known = asked.food
    fields = {name: getattr(asked, name) for name in question.Instance.model_fields}
    fields |= {
        "foods": (*asked.foods, *(convert.food_of(row) for code, row in foods.items() if code not in known)),
        "suppliers": tuple(_suppliers(board, ordering, items.values())),
        "offers": tuple(
            offer_of(item, credit[labelled(item)], promised.get(item.offer.code, 0))
            for item in items.values()
        ),
        "stock": stock,
        "storage_closed": mishaps.closed,
        "budget_ttc_cents": board.kitchen.budget_ttc_cents,
        "egalim": egalim_of(board.kitchen, replace(board.year, planned=Purchases())),
        "profile": profile_of(session, board.kitchen.code),
    }
    return question.Instance.model_construct(**fields)


def profile_of(session: Session, kitchen: str) -> question.Profile:
    """The prices a kitchen plans with: those of its last accepted proposal, else the balanced ones."""
    last = select(Run.profile).where(Run.kitchen == kitchen, Run.decision == "accepte")
    code = session.exec(last.order_by(col(Run.id).desc())).first() or USUAL_PROFILE
    return load_profile(session, code) if session.get(Profile, code) else question.Profile()


def _suppliers(board: Board, ordering: Ordering, items: Iterable[Reachable]) -> Iterator[question.Supplier]:
    """Who sells, with the days for which an order may still leave."""
    rows = {item.supplier.code: item.supplier for item in items}
    for row in rows.values():
        yield supplier_of(row, ordering.deliveries(row, ordering.today, board.block.last))
