"""Stock: what is there, what goes out for a meal, what is counted, what moved."""

from datetime import timedelta

from flask import Response, render_template, request, url_for
from sqlmodel import col, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.asked import day_in, decimal_in, this_day, whole_in
from cantine.errors import CantineError
from cantine.foods.models import Food
from cantine.french import day as day_words
from cantine.french import euros, kg, plural
from cantine.stores import inventories, issues, moves
from cantine.stores import stock as store
from cantine.stores.views import CONFLICT, UNPROCESSABLE, blueprint, stamp

__all__ = ["blueprint"]

STOCK, ISSUES = "/cuisines/<kitchen>/stock", "/cuisines/<kitchen>/sorties"
INVENTORIES, MOVES = "/cuisines/<kitchen>/inventaires", "/cuisines/<kitchen>/mouvements"
ONE = f"{INVENTORIES}/<int:inventory_id>"
LOT, SEEN = "g:", "v:"
PER_KG = 1000
MONTH = timedelta(days=30)
Answer = str | BaseResponse | tuple[str, int]


def grams_in(values: MultiDict[str, str], name: str) -> int | None:
    """Grams of a weight typed in kg; None where nothing is written.

    Raises:
        CantineError: it cannot be read, or it is negative.
    """
    weight = decimal_in(values, name)
    if weight is not None and weight < 0:
        raise CantineError(f"« {values[name][:20]} » : un poids n'est pas négatif.")
    return None if weight is None else round(weight * PER_KG)


@blueprint.get(STOCK)
def stock(kitchen: str) -> str:
    """Zones, lots, value; what is over or near its date."""
    return _stock_page(kitchen)


def _stock_page(kitchen: str) -> str:
    session, today = web.db(), this_day()
    zone = request.args.get("zone", "")
    found = store.load_store(session, kitchen, today, zone if zone in store.ZONES else "")
    return render_template(
        "stores/stock.html",
        kitchen=kitchen,
        today=today,
        found=found,
        zone=zone,
        zones=store.ZONES,
        losses=store.LOSSES,
        opened=request.args.get("lot", ""),
        meals=issues.meals_near(session, kitchen, today),
    )


@blueprint.post(f"{STOCK}/sortir")
def take_out(kitchen: str) -> BaseResponse:
    """« Sortir » one lot."""
    return _out(kitchen, lose=False)


@blueprint.post(f"{STOCK}/jeter")
def throw_away(kitchen: str) -> BaseResponse:
    """« Jeter » one lot, with its reason."""
    return _out(kitchen, lose=True)


def _out(kitchen: str, *, lose: bool) -> BaseResponse:
    session, form, lot = web.db(), request.form, request.form.get("lot", "")
    try:
        grams, seen = grams_in(form, "poids") or 0, whole_in(form, "vu", 0)
        if lose:
            done = store.throw_away(session, kitchen, lot, grams, stamp(), seen, form.get("raison", ""))
        else:
            meal = day_in(form, "repas") if form.get("repas") else None
            done = store.take_out(session, kitchen, lot, grams, stamp(), seen, meal)
    except CantineError as fault:
        session.rollback()
        return web.see_other(url_for("stores.stock", kitchen=kitchen, lot=lot), fault.message, "bad")
    session.commit()
    food = session.get_one(Food, done.food).name
    cost = euros(store.worth(-done.grams, done.price_ht_per_kg))
    words = f"{food} : {kg(-done.grams)} {'jetés, ' + cost + ' HT perdus' if lose else 'sortis'}."
    return web.see_other(url_for("stores.stock", kitchen=kitchen), words)


@blueprint.get(ISSUES, endpoint="issues")
def issues_page(kitchen: str) -> str:
    """The sheet of a meal, prefilled."""
    return _issue_page(kitchen)


def _issue_page(kitchen: str, fault: str = "") -> str:
    session, today = web.db(), this_day()
    meals = issues.meals_near(session, kitchen, today)
    usual = next((day for day in meals if day >= today), meals[-1] if meals else today)
    day = day_in(request.values, "date", usual)
    return render_template(
        "stores/issues.html",
        kitchen=kitchen,
        today=today,
        meals=meals,
        sheet=issues.issue_sheet(session, kitchen, day),
        fault=fault,
        typed=request.form if fault else None,
    )


@blueprint.post(ISSUES)
def issue(kitchen: str) -> Answer:
    """« Sortir pour le repas »."""
    session, day = web.db(), day_in(request.form, "date")
    try:
        grams = {
            name.removeprefix(LOT): grams_in(request.form, name) or 0
            for name in request.form
            if name.startswith(LOT)
        }
        count = issues.issue(session, kitchen, day, grams, whole_in(request.form, "vu", 0), stamp())
    except CantineError as fault:
        session.rollback()
        return _issue_page(kitchen, fault.message), CONFLICT if fault.status == CONFLICT else UNPROCESSABLE
    session.commit()
    here = url_for("stores.issues", kitchen=kitchen, date=day.isoformat())
    words = plural(count, "lot sorti", "lots sortis")
    return web.see_other(here, f"{words} pour le repas du {day_words(day)}.")


@blueprint.get(INVENTORIES, endpoint="inventories")
def inventories_page(kitchen: str) -> str:
    """Counts begun and over; start another."""
    return render_template(
        "stores/inventories.html",
        kitchen=kitchen,
        rows=inventories.inventories(web.db(), kitchen),
        zones=store.ZONES,
    )


@blueprint.post(INVENTORIES)
def begin_inventory(kitchen: str) -> BaseResponse:
    """Start counting a zone."""
    row = inventories.begin(web.db(), kitchen, request.form.get("zone", ""), stamp())
    web.db().commit()
    return web.see_other(url_for("stores.inventory", kitchen=kitchen, inventory_id=row.id))


@blueprint.get(ONE)
def inventory(kitchen: str, inventory_id: int) -> str:
    """The list to count, the differences."""
    return _inventory_page(kitchen, inventory_id)


def _inventory_page(kitchen: str, number: int, fault: str = "") -> str:
    session = web.db()
    row = inventories.get_inventory(session, kitchen, number)
    rows = inventories.counted_of(session, row)
    counted = [one for one in rows if one.line.counted_g is not None]
    return render_template(
        "stores/inventory.html",
        kitchen=kitchen,
        row=row,
        rows=rows,
        counted=counted,
        gap_ht=sum(one.gap_ht for one in counted),
        value_ht=sum(one.counted_ht for one in counted),
        zones=store.ZONES,
        foods=session.exec(select(Food.code, Food.name).order_by(col(Food.name))).all(),
        fault=fault,
        typed=request.form if fault else None,
    )


@blueprint.post(f"{ONE}/compter")
def count(kitchen: str, inventory_id: int) -> Answer:
    """Keep what was counted; « Valider » makes the books agree."""
    session, form = web.db(), request.form
    here = url_for("stores.inventory", kitchen=kitchen, inventory_id=inventory_id)
    row = inventories.held_open(session, kitchen, inventory_id)
    try:
        typed = {n.removeprefix(LOT): grams_in(form, n) for n in form if n.startswith(LOT)}
        seen = {n.removeprefix(SEEN): grams_in(form, n) for n in form if n.startswith(SEEN)}
        theirs = inventories.count(session, row, typed, seen)
        if form.get("suite") == "valider" and not theirs:
            gap = inventories.validate(session, row, stamp())
            session.commit()
            return web.see_other(here, f"Inventaire validé, écart {euros(gap)} HT\u00a0: le stock le suit.")
    except CantineError as fault:
        session.rollback()
        return _inventory_page(kitchen, inventory_id, fault.message), UNPROCESSABLE
    session.commit()
    if theirs:
        words = f"Un collègue a compté aussi\u00a0: {', '.join(theirs)}. Son chiffre est gardé, vérifiez-le."
        return web.see_other(here, words, "warn")
    return web.see_other(here, "Comptage enregistré.")


@blueprint.post(f"{ONE}/ajouter")
def add_lot(kitchen: str, inventory_id: int) -> Answer:
    """A lot that the books do not know."""
    session = web.db()
    row = inventories.held_open(session, kitchen, inventory_id)
    try:
        grams = grams_in(request.form, "poids") or 0
        food, day = request.form.get("produit", ""), day_in(request.form, "date")
        inventories.add_lot(session, row, food, day, grams)
    except CantineError as fault:
        session.rollback()
        return _inventory_page(kitchen, inventory_id, fault.message), UNPROCESSABLE
    session.commit()
    here = url_for("stores.inventory", kitchen=kitchen, inventory_id=inventory_id)
    return web.see_other(here, "Produit ajouté à l'inventaire.")


@blueprint.post(f"{ONE}/abandonner")
def drop_inventory(kitchen: str, inventory_id: int) -> BaseResponse:
    """Give the count up."""
    row = inventories.held_open(web.db(), kitchen, inventory_id)
    inventories.drop(web.db(), row, stamp())
    web.db().commit()
    here = url_for("stores.inventories", kitchen=kitchen)
    return web.see_other(here, "Inventaire abandonné\u00a0: rien n'a changé en stock.")


@blueprint.get(MOVES, endpoint="moves")
def show_moves(kitchen: str) -> str:
    """Moves of a period."""
    asked = _asked()
    rows = moves.moves_of(web.db(), kitchen, asked)
    last = max(1, -(-len(rows) // moves.PAGE))
    page = min(max(1, request.args.get("page", 1, type=web.whole)), last)
    return render_template(
        "stores/moves.html",
        kitchen=kitchen,
        asked=asked,
        rows=rows[(page - 1) * moves.PAGE : page * moves.PAGE],
        count=len(rows),
        totals=moves.totals(rows),
        kinds=moves.KINDS,
        page=page,
        last=last,
        address=_address,
    )


@blueprint.get(f"{MOVES}.csv")
def moves_file(kitchen: str) -> Response:
    """The same moves for a spreadsheet."""
    asked = _asked()
    name = f"mouvements-{kitchen}-{asked.first.isoformat()}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    content = moves.moves_csv(moves.moves_of(web.db(), kitchen, asked))
    return Response(content, mimetype="text/csv; charset=utf-8", headers=headers)


def _asked() -> moves.Asked:
    today = this_day()
    return moves.Asked(
        first=day_in(request.args, "du", today - MONTH),
        last=day_in(request.args, "au", today),
        kind=request.args.get("genre", ""),
        words=request.args.get("q", "").strip(),
    )


def _address(page: int) -> str:
    asked = {**request.args.to_dict(), "page": str(page)}
    return url_for("stores.moves", **{**(request.view_args or {}), **asked})
