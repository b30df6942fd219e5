"""Receptions: what is expected, one delivery checked line by line, on a phone and without script."""

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.accounts import guard
from cantine.asked import this_day, whole_in
from cantine.errors import CantineError, ConflictError
from cantine.foods.models import Food
from cantine.foods.temperatures import SOURCE
from cantine.menus.versions import Stamp
from cantine.orders.models import PurchaseOrder
from cantine.stores import closing, hygiene, photos, receiving, receptions, tracing
from cantine.stores.models import Reception, ReceptionLine
from cantine.stores.reception_form import read_degrees, read_line
from cantine.suppliers.models import Offer, Supplier
from cantine.words import word

blueprint = Blueprint("stores", __name__)
PATH = "/cuisines/<kitchen>/receptions"
ONE = f"{PATH}/<int:reception_id>"
UNPROCESSABLE, CONFLICT = 422, 409
ALREADY = "Cette réception est déjà clôturée\u00a0: les produits acceptés sont en stock."


def stamp() -> Stamp:
    """Who acts now, on which day."""
    return Stamp(guard.person().id, web.now(), this_day(), 0)


@blueprint.get(PATH)
def deliveries(kitchen: str) -> str:
    """What is expected today, late or soon; what was begun and received."""
    today = this_day()
    return render_template(
        "stores/receptions.html",
        kitchen=kitchen,
        today=today,
        found=receiving.load_deliveries(web.db(), kitchen, today),
        suppliers=receiving.who_delivers(web.db()),
    )


@blueprint.post(PATH)
def start(kitchen: str) -> BaseResponse:
    """Open the reception of an order, or of a delivery without one."""
    if request.form.get("commande"):
        rest = request.form.get("suite") == "1"
        row = receptions.start(web.db(), kitchen, whole_in(request.form, "commande"), stamp(), rest=rest)
    else:
        row = receptions.start_free(web.db(), kitchen, request.form.get("fournisseur", ""), stamp())
    web.db().commit()
    return web.see_other(_address(row))


def _address(reception: Reception, anchor: str = "") -> str:
    kitchen, number = reception.kitchen, reception.id
    return url_for("stores.reception", kitchen=kitchen, reception_id=number, _anchor=anchor or None)


@blueprint.get(ONE)
def reception(kitchen: str, reception_id: int) -> str:
    """The lines of a delivery, those to check first in sight."""
    return _page(receptions.get_reception(web.db(), kitchen, reception_id))


def _page(row: Reception, fault: str = "") -> str:
    """With a fault, what was typed in « Tout est conforme » is still there."""
    session, kitchen = web.db(), row.kitchen
    lines = receptions.lines_of(session, row)
    foods = {line.food: session.get_one(Food, line.food) for line in lines}
    order = session.get(PurchaseOrder, row.order) if row.order else None
    return render_template(
        "stores/reception.html",
        kitchen=kitchen,
        row=row,
        order=order,
        supplier=session.get_one(Supplier, row.supplier),
        lines=lines,
        left=[line for line in lines if line.accepted_g is None],
        untouched=[line for line in lines if line.delivered_g is None],
        zones={foods[line.food].storage for line in lines if line.limit_c is not None},
        limits={line.id: hygiene.limit_words(foods[line.food]) for line in lines},
        missing={line.id: tracing.missing_words(line, foods[line.food], row.date) for line in lines},
        short={line.id: _repair(kitchen, row, order, line) for line in lines if receptions.is_short(line)},
        reasons=hygiene.REASONS,
        source=SOURCE,
        offers=receiving.sold_by(session, row.supplier, row.date),
        closed_by=receptions.name_of(session, row.closed_by),
        fault=fault,
        typed=request.form,
    )


def _repair(kitchen: str, row: Reception, order: PurchaseOrder | None, line: ReceptionLine) -> str:
    """Address of the repair of a short line; empty where the plan knows no such delivery."""
    if line.offer is None or not guard.may("mishaps.page", kitchen):
        return ""
    delivery = order.delivery if order else row.date
    return url_for(
        "mishaps.page",
        kitchen=kitchen,
        quoi="livraison",
        livraison=f"{line.offer}@{delivery.isoformat()}",
        colis=receptions.arriving_packs(line),
        _anchor="dire",
    )


@blueprint.post(f"{ONE}/conforme")
def all_fine(kitchen: str, reception_id: int) -> BaseResponse | tuple[str, int]:
    """« Tout est conforme », or the page again with why a temperature cannot be read."""
    session = web.db()
    row = receptions.held_open(session, kitchen, reception_id)
    try:
        degrees = read_degrees(request.form)
    except CantineError as fault:
        return _page(row, fault.message), UNPROCESSABLE
    warm = receptions.all_fine(session, row, degrees)
    session.commit()
    if warm:
        words = f"Trop chaud pour {', '.join(warm)}\u00a0: décidez de chacun. Le reste est accepté."
        return web.see_other(_address(row), words, "warn")
    return web.see_other(_address(row, "cloturer"), "Tout est accepté comme commandé. Il reste à clôturer.")


@blueprint.route(f"{ONE}/lignes/<int:line_id>", methods=["GET", "POST"])
def line(kitchen: str, reception_id: int, line_id: int) -> str | BaseResponse | tuple[str, int]:
    """One product: quantity, temperature, date, lot, origin, verdict."""
    if request.method == "GET":
        row = receptions.get_reception(web.db(), kitchen, reception_id)
        return _line_page(row, receptions.get_line(web.db(), row, line_id))
    row = receptions.held_open(web.db(), kitchen, reception_id)
    return _keep(row, receptions.get_line(web.db(), row, line_id))


def _keep(row: Reception, found: ReceptionLine) -> str | BaseResponse | tuple[str, int]:
    session = web.db()
    typed = read_line(request.form, found)
    if typed.check is None:
        return _line_page(row, found, faults=typed.faults), UNPROCESSABLE
    try:
        doubt = receptions.check_line(session, row, found, typed.check, request.form.get("vu", ""))
        upload = request.files.get("photo")
        if upload is not None and upload.filename:
            found.photo = photos.keep_photo(session, row.kitchen, upload.read(), stamp())
            session.add(found)
    except ConflictError as conflict:
        session.rollback()
        row = receptions.get_reception(session, row.kitchen, row.id or 0)
        found = receptions.get_line(session, row, found.id or 0)
        return _line_page(row, found, faults=(conflict.message,), theirs=True), CONFLICT
    except CantineError as fault:
        session.rollback()
        found = receptions.get_line(session, row, found.id or 0)
        return _line_page(row, found, faults=(fault.message,)), UNPROCESSABLE
    session.commit()
    if doubt:
        here = url_for("stores.line", kitchen=row.kitchen, reception_id=row.id, line_id=found.id)
        return web.see_other(here, f"Mesure enregistrée. {doubt}", "bad")
    return web.see_other(_address(row, f"ligne-{found.id}"), f"« {found.name} » est enregistré.")


def _line_page(
    row: Reception, found: ReceptionLine, *, faults: tuple[str, ...] = (), theirs: bool = False
) -> str:
    """The form of a line; with faults, what was typed is still there."""
    food = web.db().get_one(Food, found.food)
    offer = web.db().get(Offer, found.offer) if found.offer else None
    return render_template(
        "stores/line.html",
        kitchen=row.kitchen,
        row=row,
        line=found,
        food=food,
        typed=request.form if faults else None,
        faults=faults,
        theirs=theirs,
        mark=receptions.mark_of(found),
        doubt=hygiene.too_warm(food, found.temperature_c) or hygiene.out_of_date(found.use_by, row.date),
        limit=hygiene.limit_words(food),
        parts=[(part, hygiene.ORIGIN_WORDS[part]) for part in hygiene.origin_parts(food, row.date)],
        labels=[word(label) for label in offer.labels] if offer else (),
        pack=(offer.pack_label if offer else "") or "colis",
        reasons=hygiene.REASONS,
        usual=receptions.lot_date(found, food, row.date),
    )


@blueprint.post(f"{ONE}/ajouter")
def add_line(kitchen: str, reception_id: int) -> BaseResponse:
    """A product that was not ordered."""
    row = receptions.held_open(web.db(), kitchen, reception_id)
    added = receptions.add_line(web.db(), row, request.form.get("offre", ""))
    web.db().commit()
    return web.see_other(url_for("stores.line", kitchen=kitchen, reception_id=row.id, line_id=added.id))


@blueprint.post(f"{ONE}/cloturer")
def close(kitchen: str, reception_id: int) -> BaseResponse:
    """Into the stock and the purchases; a second click finds it done."""
    session = web.db()
    row = receptions.get_reception(session, kitchen, reception_id, lock=True)
    if row.state == receptions.CLOSED:
        return web.see_other(_address(row), ALREADY)
    row.delivery_note = request.form.get("bon", "").strip()[:40]
    try:
        closing.close(session, row, stamp())
    except CantineError as fault:
        session.rollback()
        here = url_for("stores.reception", kitchen=kitchen, reception_id=reception_id)
        return web.see_other(here, fault.message, "bad")
    session.commit()
    return web.see_other(_address(row), "Réception clôturée\u00a0: les produits acceptés sont en stock.")


@blueprint.post(f"{ONE}/rouvrir")
def reopen(kitchen: str, reception_id: int) -> BaseResponse:
    """A correction, with its reason."""
    closing.reopen(web.db(), kitchen, reception_id, request.form.get("raison", ""), stamp())
    web.db().commit()
    here = url_for("stores.reception", kitchen=kitchen, reception_id=reception_id)
    return web.see_other(here, "Réception rouverte. Corrigez les lignes, puis clôturez de nouveau.", "warn")


@blueprint.get(f"{PATH}/photos/<int:photo_id>")
def photo(kitchen: str, photo_id: int) -> Response:
    """The photo of a line."""
    found = photos.get_photo(web.db(), kitchen, photo_id)
    return Response(found.content, mimetype=found.media_type)


@blueprint.get("/cuisines/<kitchen>/tracabilite")
def trace(kitchen: str) -> str:
    """Where a lot or a product came from, and which meals it went to."""
    session, asked = web.db(), request.args.get("q", "").strip()
    return render_template(
        "stores/trace.html",
        kitchen=kitchen,
        asked=asked,
        found=tracing.search(session, kitchen, asked) if asked else (),
        records=receiving.supplier_records(session, kitchen, this_day()),
        reasons=hygiene.REASONS,
    )
