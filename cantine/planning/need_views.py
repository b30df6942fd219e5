"""Acts on the needs: quantities, lines by hand, the theoretical again, then the orders to approve."""

from collections.abc import Iterator
from datetime import date, timedelta

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.asked import day_in, this_day, whole_in
from cantine.clock import time_of
from cantine.errors import CantineError, ConflictError
from cantine.foods.models import Food
from cantine.french import fold, plural
from cantine.menus.grid import monday_of
from cantine.orders.life import MOST, Actor
from cantine.orders.models import PurchaseOrder
from cantine.planning.approval import approve_orders, review
from cantine.planning.draft_edits import (
    Cell,
    Shown,
    add_line,
    mark_of_drafts,
    set_packs,
    to_theory,
)
from cantine.planning.drafts import Place, drafts_of, prepare
from cantine.planning.moving import move_visit
from cantine.planning.order_lines import Market
from cantine.planning.purchase_views import PATH, show_need
from cantine.planning.staple_orders import prepare_staples
from cantine.suppliers.market import Reachable
from cantine.suppliers.ordering import Ordering, load_ordering

UNREADABLE = "La page ne se lit plus. Rechargez-la et recommencez : rien n'est enregistré."
FOUND = 40
AHEAD = timedelta(days=28)
DELIVERIES = 4


def register(blueprint: Blueprint) -> None:
    """Hang the acts on the blueprint of planning."""
    blueprint.add_url_rule(f"{PATH}/quantites", "need_save", save, methods=["POST"])
    blueprint.add_url_rule(f"{PATH}/ajouter", "need_find", find)
    blueprint.add_url_rule(f"{PATH}/ajouter", "need_add", add, methods=["POST"])
    blueprint.add_url_rule(f"{PATH}/epicerie", "need_staples", staples, methods=["POST"])
    blueprint.add_url_rule(f"{PATH}/commandes", "need_review", show_review)
    blueprint.add_url_rule(f"{PATH}/commandes", "need_approve", approve, methods=["POST"])


def actor() -> Actor:
    """Who acts now."""
    return Actor(guard.person().id)


def ordering() -> Ordering:
    """What may still be ordered now."""
    return load_ordering(web.db(), this_day(), time_of(web.now()))


def save(kitchen: str) -> Response | tuple[str, int]:
    """Keep the quantities shown, then do what the button says; a conflict changes nothing."""
    act, *values = request.form.get("acte", "").split("|")
    week = day_in(request.args, "semaine", monday_of(this_day()))
    try:
        packs, shown = _read()
        if act == "plus" and len(values) > 1:
            cell = _cell(values[0])
            packs[cell] = min(MOST, packs.get(cell, 0) + whole_in(MultiDict({"n": values[1]}), "n", 0))
        moved = set_packs(web.db(), kitchen, packs, shown, this_day(), actor(), web.now())
        words = _then(kitchen, act, values, week) or (
            f"{plural(moved, 'quantité')} enregistrée{'s' if moved > 1 else ''}." if moved else ""
        )
    except CantineError as error:
        web.db().rollback()
        return show_need(kitchen, problem=error.message), error.status
    web.db().commit()
    page = "planning.need_review" if act == "valider" else "planning.purchases"
    return web.see_other(url_for(page, kitchen=kitchen, semaine=week.isoformat()), words)


def _then(kitchen: str, act: str, values: list[str], week: date) -> str:
    """The act of a button, once the quantities are kept; what to say of it."""
    session, who, now = web.db(), actor(), web.now()
    if act == "theorique":
        count = to_theory(session, kitchen, week, this_day(), who, now)
        return f"{plural(count, 'ligne')} au théorique." if count else "Tout est déjà au théorique."
    if act == "deplacer" and len(values) == 3:  # noqa: PLR2004 -- supplier, old day, new day
        days = MultiDict({"old": values[1], "new": values[2]})
        visit = day_in(days, "old"), day_in(days, "new")
        move_visit(session, kitchen, values[0], visit, ordering(), who, now)
        return "La commande rejoint l'autre livraison."
    if act == "valider":
        prepare(session, kitchen, week, this_day(), who, now)
    return ""


def _read() -> tuple[dict[Cell, int], Shown]:
    packs: dict[Cell, int] = {}
    versions: dict[Place, int] = {}
    one = request.form.get("acte", "").partition("ligne|")[2]
    for name in request.form:
        if name.startswith(("p:", "e:")):
            packs[_cell(name)] = whole_in(request.form, "t:" + name if name == one else name, 0)
        elif name.startswith("v:"):
            _, source, rest = name.split(":", 2)
            supplier, _, day = rest.rpartition("@")
            versions[source == "e", supplier, _date(day)] = whole_in(request.form, name, 0)
    return packs, Shown(request.form.get("plan", ""), versions)


def _cell(name: str) -> Cell:
    offer, _, day = name[2:].rpartition("@")
    return name.startswith("e:"), offer, _date(day)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConflictError(UNREADABLE) from error


def find(kitchen: str) -> str:
    """Offers of the market for a food that nobody brings, or by name, to add by hand."""
    session, now = web.db(), ordering()
    food, asked = request.args.get("aliment", ""), request.args.get("q", "").strip()
    market = Market.load(session, kitchen, now.today)
    row = session.get(Food, food) if food else None
    before = day_in(request.args, "avant") if request.args.get("avant") else None
    return render_template(
        "planning/find_offer.html",
        kitchen=kitchen,
        food=row,
        asked=asked,
        before=before,
        grams=whole_in(request.args, "g", 0),
        found=list(_found(market, now, food, asked, before))[:FOUND],
        week=request.args.get("semaine"),
        mark=mark_of_drafts(drafts_of(session, kitchen, now.today)),
    )


def _found(
    market: Market, now: Ordering, food: str, asked: str, before: date | None
) -> Iterator[tuple[Reachable, list[date]]]:
    """Each offer with its next deliveries, the cheapest first."""
    words = fold(asked).split()
    items = [found[0] for found in market.items.values()]
    for item in sorted(items, key=lambda item: item.cents_per_kg):
        names = fold(f"{item.offer.name} {item.supplier.name}")
        if (food and item.offer.food == food) or (words and all(word in names for word in words)):
            days = now.deliveries(item.supplier, now.today, before or now.today + AHEAD)
            sold = [day for day in days if market.on_sale(item.offer.code, day)]
            if sold:
                yield item, sold[:DELIVERIES]


def add(kitchen: str) -> Response:
    """Add packs of an offer to the order of its supplier."""
    form = request.form
    delivery = day_in(form, "livraison")
    line = add_line(
        web.db(),
        kitchen,
        form.get("offre", ""),
        delivery,
        whole_in(form, "colis", 0),
        form.get("avant", ""),
        this_day(),
        actor(),
        web.now(),
    )
    web.db().commit()
    back = url_for("planning.purchases", kitchen=kitchen, semaine=monday_of(delivery).isoformat())
    return web.see_other(back, f"Ajouté : {line.name}.")


def staples(kitchen: str) -> Response:
    """The order of the month becomes drafts."""
    made = prepare_staples(web.db(), kitchen, this_day(), time_of(web.now()), actor(), web.now())
    web.db().commit()
    if not made:
        back = url_for("planning.purchases", kitchen=kitchen, _anchor="epicerie")
        return web.see_other(back, "L'épicerie de base est déjà préparée ou commandée.")
    words = f"{plural(len(made), 'commande')} d'épicerie à approuver."
    return web.see_other(url_for("planning.need_review", kitchen=kitchen), words)


def show_review(kitchen: str) -> str:
    """The drafts of a week, or all of them, with what approving them would pass."""
    return _review(kitchen)


def _review(kitchen: str, problem: str = "") -> str:
    week = day_in(request.args, "semaine") if request.args.get("semaine") else None
    drafts = drafts_of(web.db(), kitchen, this_day())
    orders = [d.order for d in drafts if week is None or monday_of(d.order.delivery) == week]
    return render_template(
        "planning/review.html",
        kitchen=kitchen,
        review=review(web.db(), kitchen, orders, ordering()),
        week=week,
        others=len(drafts) - len(orders),
        today=this_day(),
        problem=problem,
        reason=request.form.get("raison", ""),
        chosen=set(request.form.getlist("commande")) if request.method == "POST" else None,
    )


def approve(kitchen: str) -> Response | tuple[str, int]:
    """Approve the orders ticked, all or none."""
    form = request.form
    try:
        chosen = {whole_in(MultiDict({"n": key}), "n"): whole_in(form, f"v{key}", 0) for key in _ticked()}
        orders = approve_orders(
            web.db(), kitchen, chosen, form.get("raison", ""), ordering(), actor(), web.now()
        )
    except CantineError as error:
        web.db().rollback()
        return _review(kitchen, error.message), error.status
    web.db().commit()
    week = request.args.get("semaine")
    return web.see_other(
        url_for("orders.follow", kitchen=kitchen, etat="approuve", semaine=week), _told(orders)
    )


def _ticked() -> list[str]:
    return request.form.getlist("commande")


def _told(orders: list[PurchaseOrder]) -> str:
    numbers = sorted(order.number for order in orders)
    span = numbers[0] if len(numbers) == 1 else f"{numbers[0]} à {numbers[-1]}"
    approved = "approuvée" if len(numbers) == 1 else "approuvées"
    return f"{plural(len(numbers), 'commande')} {approved} : {span}. Il reste à les envoyer."
