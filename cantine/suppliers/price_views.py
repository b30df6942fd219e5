"""Pages of price lists: send one, choose its columns the first time, see what it changes, apply it."""

import base64
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, request, url_for
from sqlmodel import col, func, select
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.accounts import guard
from cantine.clock import today_of
from cantine.errors import CantineError
from cantine.french import fold, full_date, plural
from cantine.kitchens.settings import today
from cantine.suppliers.certificates import LabelAlerts, label_alerts
from cantine.suppliers.models import MarketLot, Offer, PriceImport, Supplier
from cantine.suppliers.price_change import DOWN, NEW, OTHER, SAME, UP
from cantine.suppliers.price_columns import FIELDS
from cantine.suppliers.price_load import NEVER, SOLD, Loaded, Sent, apply_loaded, load_list, usual_period
from cantine.suppliers.price_memory import get_supplier, last_imports, load_ground, remembered
from cantine.suppliers.price_reading import ListOptions
from cantine.suppliers.price_terms import read_date
from cantine.suppliers.price_words import KG, PACK, PIECE

PER = ((PACK, "du colis"), (KG, "du kilo"), (PIECE, "de la pièce"))
TAXES = (("ht", "hors taxe"), ("ttc", "taxe comprise"))
SAMPLE = 3
MOST_LINES = 300
NO_FILE = "Choisissez d'abord le fichier du tarif, .csv ou .xlsx."


def register(blueprint: Blueprint) -> None:
    """Hang the pages on the blueprint of suppliers."""
    path = "/donnees/fournisseurs/<code>/tarif"
    blueprint.add_url_rule("/tarifs", "price_lists", price_lists)
    blueprint.add_url_rule(path, "price_list", price_list, methods=["GET", "POST"])
    blueprint.add_app_template_global(alerts_of, "label_alerts_of")


def this_day() -> date:
    """Today, as the site tells it."""
    return today(web.db(), today_of(web.now()))


def alerts_of(supplier: str) -> LabelAlerts:
    """What is to be asked of a supplier about labels, for the page of the supplier."""
    return label_alerts(web.db(), this_day(), supplier)


def price_lists() -> str:
    """Every supplier: offers in force, last list, until when, and the labels to prove."""
    day, session = this_day(), web.db()
    in_force = select(Offer.supplier, func.count(), func.max(Offer.valid_to))
    query = in_force.where(Offer.valid_from <= day, Offer.valid_to >= day).group_by(col(Offer.supplier))
    offers = {code: (count, last) for code, count, last in session.exec(query)}
    wanted = request.args.get("q", "")
    lists = last_imports(session)
    everybody = sorted(session.exec(select(Supplier)), key=lambda one: _to_renew(lists.get(one.code), one))
    return render_template(
        "suppliers/price_lists.html",
        suppliers=[one for one in everybody if fold(wanted) in fold(one.name)],
        offers=offers,
        lists=lists,
        alerts=label_alerts(session, day),
        query=wanted,
        today=day,
    )


def _to_renew(last: PriceImport | None, supplier: Supplier) -> tuple[date, str]:
    """Suppliers in the order in which their lists end; those who never sent one come last, by name."""
    return last.valid_to if last else date.max, fold(supplier.name)


def price_list(code: str) -> str | BaseResponse | tuple[str, int]:
    """Send a list, choose its columns the first time, see what it changes, apply it."""
    posted = request.method == "POST"
    supplier = get_supplier(web.db(), code, hold=posted)
    if not posted:
        return _upload(supplier)
    try:
        sent = _sent()
        loaded = load_list(web.db(), supplier, sent, this_day())
    except CantineError as error:
        return _upload(supplier, error.message), 422
    step = request.form.get("etape", "")
    if loaded.missing or step == "colonnes" or (not step and not loaded.known):
        return _columns(loaded, sent)
    if step == "appliquer" and _confirmed(loaded):
        return _apply(loaded)
    return _preview(loaded, sent, late=step == "appliquer")


def _sent() -> Sent:
    """What the form sends: a file, or the one carried from the page before with what was chosen."""
    name, data = _file()
    form = request.form
    foods = {
        int(key.removeprefix("f_")): text
        for key, text in form.items()
        if key.startswith("f_") and key.removeprefix("f_").isdecimal()
    }
    chosen = {field.name: form[f"c_{field.name}"] for field in FIELDS if form.get(f"c_{field.name}")}
    return Sent(
        name=name,
        data=data,
        columns=chosen if "o_per" in form else None,
        options=_options() if "o_per" in form else None,
        first=_day("du"),
        last=_day("au"),
        foods=foods,
    )


def _file() -> tuple[str, bytes]:
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return upload.filename, upload.read()
    try:
        return request.form.get("name", ""), base64.b64decode(request.form["content"], validate=True)
    except (KeyError, Base64Error) as error:
        raise CantineError(NO_FILE) from error


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    day = read_date(text) if text else None
    if text and day is None:
        raise CantineError(f"« {text} » n'est pas une date. Exemple : 04/01/2027.")
    return day


def _options() -> ListOptions:
    form = request.form
    lot = form.get("o_lot", "")
    if lot and web.db().get(MarketLot, lot) is None:
        raise CantineError(f"Le lot « {lot} » n'existe pas.")
    return ListOptions(
        per=form["o_per"] if form["o_per"] in dict(PER) else PACK,
        tax=form.get("o_tax", "ht"),
        lot=lot,
        close_absent=form.get("o_close") == "1",
    )


def _confirmed(loaded: Loaded) -> bool:
    """Whether what would be written is what the page showed, and may be written."""
    without = request.form.get("sans") == "1" or not loaded.comparison.faults
    return request.form.get("mark") == loaded.mark and bool(loaded.writes) and without


def _apply(loaded: Loaded) -> BaseResponse:
    done = apply_loaded(web.db(), loaded, by=guard.person().id, now=web.now())
    web.db().commit()
    parts = (
        plural(done.new, "offre nouvelle", "offres nouvelles"),
        plural(done.changed, "prix changé", "prix changés"),
        plural(done.unchanged, "inchangé"),
        plural(done.gone, "retirée"),
    )
    message = (
        f"Tarif appliqué du {full_date(done.valid_from)} au {full_date(done.valid_to)} : {', '.join(parts)}."
    )
    return web.see_other(url_for("suppliers.price_lists"), message)


def _upload(supplier: Supplier, refused: str = "") -> str:
    columns, options = remembered(web.db(), supplier.code)
    first, last = usual_period(web.db(), supplier.code, options.days, this_day())
    return render_template(
        "suppliers/price_upload.html",
        supplier=supplier,
        refused=refused,
        columns=columns,
        first=first,
        last=last,
        last_list=last_imports(web.db()).get(supplier.code),
    )


def _columns(loaded: Loaded, sent: Sent) -> str:
    """The columns, with a sample, for the buyer to correct."""
    rows = [row for row in loaded.listing.rows if sum(bool(cell) for cell in row) > 1]
    return render_template(
        "suppliers/price_columns.html",
        loaded=loaded,
        fields=FIELDS,
        sample=rows[:SAMPLE],
        **_carried(loaded, sent),
    )


def _preview(loaded: Loaded, sent: Sent, *, late: bool) -> str:
    """What the list changes; ``late`` when somebody meant to apply something else."""
    ground = load_ground(web.db(), loaded.supplier.code, loaded.options, {})
    comparison = loaded.comparison
    own = late and request.form.get("asked") != loaded.asked
    return render_template(
        "suppliers/price_preview.html",
        loaded=loaded,
        groups=(
            ("Hausses", comparison.of(UP)),
            ("Baisses", comparison.of(DOWN)),
            ("Changements sans effet sur le prix", comparison.of(OTHER)),
            ("Nouvelles offres", comparison.of(NEW)),
        ),
        same=comparison.of(SAME),
        most=MOST_LINES,
        foods=sorted((food.name for food in ground.pantry.foods.values()), key=fold),
        sold=[f"{name}{SOLD}" for name in ground.shelf.names()],
        never=NEVER,
        sold_mark=SOLD,
        typed=request.form,
        unsure=late and not own and bool(comparison.faults) and request.form.get("sans") != "1",
        late=late and not own,
        own=own,
        **_carried(loaded, sent),
    )


def _carried(loaded: Loaded, sent: Sent) -> Mapping[str, object]:
    """What the next page needs: the file, and what the selects offer."""
    lots = web.db().exec(select(MarketLot).order_by(col(MarketLot.code)))
    held = set(web.db().exec(select(Offer.lot).where(Offer.supplier == loaded.supplier.code).distinct()))
    return {
        "supplier": loaded.supplier,
        "content": base64.b64encode(sent.data).decode(),
        "per": PER,
        "taxes": TAXES,
        "lots": [lot for lot in lots if lot.supplier == loaded.supplier.code or lot.code in held],
    }
