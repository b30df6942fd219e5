"""« Choisir » in the panel « Changer »: the dish and the orders told with it, as one change."""

from dataclasses import dataclass
from datetime import time

from sqlmodel import Session

from cantine.errors import ConflictError
from cantine.menus import edit
from cantine.menus.grid import Place
from cantine.menus.versions import Stamp
from cantine.planning.alternatives import foods_for
from cantine.planning.board import load_board
from cantine.planning.carry_out import State, carry_out
from cantine.planning.change import Change, change_of
from cantine.planning.drafts import follow_plan
from cantine.planning.order_effect import Orders
from cantine.planning.ordered import hold_orders
from cantine.planning.placing import placed, variant
from cantine.planning.supply import Supply, load_supply


class OrdersChangedError(ConflictError):
    """The orders told beside « Choisir » are not those that the choice would make now."""

    message = (
        "Les commandes possibles ont changé depuis l'affichage : rien n'est enregistré. "
        "Voici les plats avec leurs commandes de maintenant."
    )


@dataclass(frozen=True)
class Chosen:
    """What was done to the orders, and what they were."""

    orders: Orders
    before: State


def choose(
    session: Session, kitchen: str, place: Place, recipe: str, stamp: Stamp, hour: time, told: str
) -> Chosen | None:
    """Put a recipe in a place and make the orders told; None where none were: the menu alone changes.

    Args:
        session: where to write; never committed here.
        kitchen: whose menus.
        place: date, component, choice.
        recipe: code of the dish chosen.
        stamp: who edits, when, from which version of the service.
        hour: the time in France: after a supplier's hour, an order leaves tomorrow.
        told: ``Orders.mark`` of the panel; empty where it told no orders.

    Raises:
        EditConflictError: somebody changed the service meanwhile.
        OrdersChangedError: somebody changed the purchases, or the time to order is over.
    """
    hold_orders(session, kitchen)
    found = _effect(session, kitchen, place, recipe, stamp, hour) if told else None
    edit.swap(session, kitchen, place, recipe, stamp)
    if not told:
        return None
    if found is None or found[1].orders.mark != told:
        raise OrdersChangedError
    supply, change = found
    before = carry_out(session, kitchen, supply, change.effect, stamp)
    follow_plan(session, kitchen, stamp.today, stamp.now)
    return Chosen(change.orders, before)


def _effect(
    session: Session, kitchen: str, place: Place, recipe: str, stamp: Stamp, hour: time
) -> tuple[Supply, Change] | None:
    """What the panel would tell now."""
    day, slot, choice = place
    board = load_board(session, kitchen, day, stamp.today, opened=(day, slot))
    supply = load_supply(session, board, hour, foods_for(board, place)) if board else None
    here = board.day(day) if board else None
    if board is None or supply is None or here is None or recipe not in board.coster.book:
        return None
    after = variant(board, here, placed(board, here, slot, choice, recipe))
    change = change_of(board, supply, here, after, place)
    return (supply, change) if change else None
