"""Follow-up of the orders: the list by state, one order; its acts are addresses of upper rooms."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.asked import day_in, this_day, whole_in
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.orders.follow import FILTERS, PAGE, list_orders, sheet_of
from cantine.orders.groups import (
    SEVERAL,
    candidates,
    form_group,
    gathered,
    get_group,
    groups_of,
    packing,
    undo_group,
)
from cantine.orders.life import Actor, get_order

blueprint = Blueprint("orders", __name__)


@blueprint.get("/cuisines/<kitchen>/commandes")
def follow(kitchen: str) -> str:
    """Every order of a kitchen, by state, supplier and week (``etat``, ``fournisseur``, ``semaine``)."""
    values = request.args
    page = max(1, whole_in(values, "page", 1))
    state, supplier = values.get("etat", ""), values.get("fournisseur", "")
    monday = day_in(values, "semaine") if values.get("semaine") else None
    found = list_orders(
        web.db(), kitchen, this_day(), state=state, supplier=supplier, monday=monday, page=page
    )
    return render_template(
        "orders/follow.html",
        kitchen=kitchen,
        found=found,
        filters={key: word for key, (word, _) in FILTERS.items()},
        state=state if state in FILTERS else "",
        supplier=supplier,
        monday=monday,
        page=page,
        last=max(1, -(-found.total // PAGE)),
        today=this_day(),
    )


@blueprint.get("/cuisines/<kitchen>/commandes/<int:order_id>")
def order(kitchen: str, order_id: int) -> str:
    """One order: lines, versions, answers, events, and what may be done now."""
    found = get_order(web.db(), order_id, kitchen)
    return render_template(
        "orders/order.html", kitchen=kitchen, sheet=sheet_of(web.db(), found), today=this_day()
    )


def _kitchens() -> dict[str, str]:
    """Name of each kitchen whose orders the person may group."""
    names = web.kitchen_names()
    return {code: name for code, name in names.items() if guard.person().may("orders.groups", code)}


@blueprint.get("/commandes-groupees")
def groups() -> str:
    """Orders that may be put together, and those that are."""
    kitchens, today = _kitchens(), this_day()
    return render_template(
        "orders/groups.html",
        candidates=candidates(web.db(), kitchens, today),
        groups=groups_of(web.db(), kitchens, today),
    )


@blueprint.post("/commandes-groupees", endpoint="group_new")
def new_group() -> Response:
    """Put together the orders ticked."""
    session, kitchens = web.db(), _kitchens()
    back = url_for("orders.groups")
    try:
        ids = {web.whole(key) for key in request.form.getlist("commande")}
        for key in ids:
            if get_order(session, key).kitchen not in kitchens:
                raise NotFoundError
        group = form_group(session, ids, Actor(guard.person().id), web.now())
    except ValueError:
        return web.see_other(back, SEVERAL, "bad")
    except CantineError as error:
        session.rollback()
        return web.see_other(back, error.message, "bad")
    session.commit()
    return web.see_other(url_for("orders.group", group_id=group.id), "Commande groupée formée.")


@blueprint.get("/commandes-groupees/<int:group_id>")
def group(group_id: int) -> str:
    """What goes to each site, and the minimum reached together."""
    kitchens = _kitchens()
    found = gathered(web.db(), get_group(web.db(), group_id, kitchens), kitchens)
    return render_template("orders/group.html", found=found, rows=packing(web.db(), found))


@blueprint.post("/commandes-groupees/<int:group_id>/defaire", endpoint="group_undo")
def unmake_group(group_id: int) -> Response:
    """Each order by itself again."""
    session = web.db()
    try:
        undo_group(session, get_group(session, group_id, _kitchens()), Actor(guard.person().id), web.now())
    except ConflictError as error:
        session.rollback()
        return web.see_other(url_for("orders.group", group_id=group_id), error.message, "bad")
    session.commit()
    return web.see_other(url_for("orders.groups"), "Chaque cuisine garde sa commande à part.")
