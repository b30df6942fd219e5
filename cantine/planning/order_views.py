"""Acts on one order that the plan must know: rectify, cancel, sent otherwise, repair after an answer."""

from collections.abc import Callable

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.asked import this_day, whole_in
from cantine.errors import CantineError, ConflictError
from cantine.orders import life
from cantine.orders.models import PurchaseOrder
from cantine.planning.approval import check_amended, over_credit
from cantine.planning.mishap_acts import ask_repair, tell_answer
from cantine.planning.need_views import actor
from cantine.planning.ordered import carry_packs, hold_orders
from cantine.planning.params import stamp
from cantine.stores import receptions

PATH = "/cuisines/<kitchen>/commandes/<int:order_id>"
LINE = "colis-"
OTHERWISE = "Dites comment elle est partie : téléphone, plateforme, papier…"


def register(blueprint: Blueprint) -> None:
    """Hang the acts on the blueprint of planning."""
    for name, act in (
        ("rectifier", amend),
        ("annuler", cancel),
        ("partie", sent),
        ("reparer", mend),
    ):
        blueprint.add_url_rule(f"{PATH}/{name}", f"order_{act.__name__}", act, methods=["POST"])


def amend(kitchen: str, order_id: int) -> Response:
    """A new version with other quantities, to be sent again."""

    def act(order: PurchaseOrder) -> str:
        packs = {
            int(name.removeprefix(LINE)): whole_in(request.form, name)
            for name in request.form
            if name.startswith(LINE) and name.removeprefix(LINE).isdigit()
        }
        life.amend(web.db(), order, packs, actor(), web.now(), request.form.get("raison", ""))
        check_amended(web.db(), order)
        carry_packs(web.db(), order)
        over = over_credit(web.db(), order, this_day())
        return f"Version {order.order_version} de la commande {order.number} : envoyez-la de nouveau.{over}"

    return _do(kitchen, order_id, act, changes=True)


def cancel(kitchen: str, order_id: int) -> Response:
    """Nothing of it will come; what the menus need of it is to order again."""

    def act(order: PurchaseOrder) -> str:
        life.cancel(web.db(), order, actor(), web.now(), request.form.get("raison", ""))
        return "Commande annulée. Ce que les menus en attendaient est de nouveau à commander."

    return _do(kitchen, order_id, act, changes=True)


def sent(kitchen: str, order_id: int) -> Response:
    """It left otherwise than by e-mail."""

    def act(order: PurchaseOrder) -> str:
        how = " ".join(request.form.get("comment", "").split())
        if not how:
            raise CantineError(OTHERWISE)
        life.mark_sent(web.db(), order, actor(), web.now(), how[:200])
        return f"Commande {order.number} notée comme envoyée."

    return _do(kitchen, order_id, act)


def mend(kitchen: str, order_id: int) -> Response:
    """« Réparer le plan »: the answer becomes a mishap, and the plan that changes least is looked for."""
    session, who = web.db(), stamp()
    back = url_for("orders.order", kitchen=kitchen, order_id=order_id)
    try:
        order = life.get_order(session, order_id, kitchen)
        because = tell_answer(session, order, who)
        run = ask_repair(session, kitchen, because, mend_menus=False, stamp=who)
    except CantineError as error:
        session.rollback()
        return web.see_other(back, f"{error.message} Rien n'a été enregistré.", "bad")
    session.commit()
    if run is None:
        return web.see_other(back, f"{because}. Aucun menu à réparer.")
    current_app.extensions["ring"](run.id)
    return web.see_other(url_for("menus.grid", kitchen=kitchen, du=run.first_date.isoformat()))


def _do(
    kitchen: str, order_id: int, act: Callable[[PurchaseOrder], str], *, changes: bool = False
) -> Response:
    """One act on an order as it was shown; refused, it changes nothing and says why.

    ``changes``: what is to come of it changes.
    """
    session = web.db()
    back = url_for("orders.order", kitchen=kitchen, order_id=order_id)
    order = life.get_order(session, order_id, kitchen)
    try:
        hold_orders(session, kitchen)
        shown = whole_in(request.form, "version", 0)
        if changes:
            _hold_to_change(order, shown)
        else:
            life.check_version(session, order, shown)
        words = act(order)
    except ConflictError as error:
        session.rollback()
        return web.see_other(back, error.message, "warn")
    except CantineError as error:
        session.rollback()
        return web.see_other(back, error.message, "bad")
    session.commit()
    return web.see_other(back, words)


def _hold_to_change(order: PurchaseOrder, shown: int) -> None:
    """Hold the reception, then the order, as a closing does; one opened and not checked goes."""
    receptions.drop_untouched(web.db(), order)
    life.check_version(web.db(), order, shown)
    if receptions.open_of(web.db(), order):  # opened at this very instant
        raise ConflictError(life.MOVED)
