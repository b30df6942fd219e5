"""The producer's pages: no account, an address that ends; a phone in a field, one thumb."""

from datetime import date
from decimal import Decimal

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.accounts.views import limiter
from cantine.asked import decimal_in, this_day, whole_in
from cantine.clock import on_the_wall
from cantine.db import transaction
from cantine.errors import CantineError, ConflictError
from cantine.orders import announcements, links
from cantine.orders.announcements import Told
from cantine.orders.life import get_order
from cantine.orders.models import SupplierLink
from cantine.reports import pdf
from cantine.reports.order_sheets import order_sheet
from cantine.sending.producer import Page, Reply, answer, page_of, read_reply
from cantine.sending.producer_offers import Product, find_product, products_of

blueprint = Blueprint("producer", __name__)
MOST_PACKS, MOST_PRICE = 9_999, 9_999
NOT_KEPT = "Votre réponse n'est pas enregistrée : voici pourquoi, sous chaque commande."


@blueprint.after_request
def _not_for_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.errorhandler(links.LinkGoneError)
def _gone(error: links.LinkGoneError) -> tuple[str, int]:
    return render_template("producer/gone.html", message=error.message), error.status


@blueprint.get("/p/<token>")
@limiter.limit("120 per 5 minutes")
def page(token: str) -> str:
    """The orders of a link, the answer given or to give (``changer`` opens it again)."""
    link = _link(token)
    if links.visit_counts(link, web.now()):
        # Reading pages take no write lock: the visit is written apart.
        with transaction(current_app.extensions["engine"]) as session:
            links.note_visit(session, link.id or 0, web.now())
    return _show(token, page_of(web.db(), link, this_day()), changing="changer" in request.args)


@blueprint.post("/p/<token>")
@limiter.limit("30 per 5 minutes")
def reply(token: str) -> BaseResponse | tuple[str, int]:
    """His answer: everything at once, or the form again with each fault beside its line."""
    link = _link(token)
    shown = page_of(web.db(), link, this_day())
    if not shown.open:
        return _show(token, shown, told=NOT_KEPT), ConflictError.status
    typed = read_reply(request.form, shown.parts)
    if typed.faults:
        return _show(token, shown, reply=typed, changing=True), 422
    try:
        answer(web.db(), link, shown, typed, _versions(shown), web.now())
    except ConflictError as error:
        web.db().rollback()
        return _show(token, page_of(web.db(), link, this_day()), told=error.message), error.status
    web.db().commit()
    return web.see_other(url_for("producer.page", token=token))


@blueprint.get("/p/<token>/bon/<int:order_id>")
@limiter.limit("30 per 5 minutes")
def paper(token: str, order_id: int) -> Response:
    """The bon de commande of one order of the link."""
    link = _link(token)
    order = get_order(web.db(), order_id)
    if order not in links.orders_of_link(web.db(), link) or not order.number:
        raise links.LinkGoneError
    sheet = order_sheet(web.db(), order, this_day())
    made = Response(pdf.render([sheet]), mimetype="application/pdf")
    made.headers.set("Content-Disposition", "inline", filename=f"{sheet.stem}.pdf")
    return made


@blueprint.get("/p/<token>/annonces")
@limiter.limit("120 per 5 minutes")
def announce(token: str) -> str:
    """Volumes and prices of the four weeks to come, one product at a time (``produit``)."""
    link = _link(token)
    return _announce_form(token, link, find_product(web.db(), link, request.args.get("produit", "")))


@blueprint.post("/p/<token>/annonces")
@limiter.limit("30 per 5 minutes")
def keep_announcement(token: str) -> BaseResponse | tuple[str, int]:
    """Keep what he announces of one product, or give the form back with its faults."""
    link = _link(token)
    product = find_product(web.db(), link, request.form.get("produit", ""), request.form.get("nom", ""))
    weeks, faults = _weeks(announcements.coming_weeks(this_day()))
    if not product.name:
        faults["nom"] = "Donnez le nom du produit."
    if faults:
        return _announce_form(token, link, product, faults=faults), 422
    count = announcements.announce(
        web.db(),
        supplier=link.supplier,
        offer=product.offer,
        name=product.name,
        weeks=weeks,
        note=" ".join(request.form.get("mot", "").split())[:500],
        link=link.id,
        now=web.now(),
    )
    web.db().commit()
    told = f"C'est annoncé : {product.name}, {count} semaine{'s' if count > 1 else ''}."
    here = url_for("producer.announce", token=token, produit=product.offer or None)
    return web.see_other(here, told if count else f"Plus rien d'annoncé pour {product.name}.")


def _link(token: str) -> SupplierLink:
    return links.open_link(web.db(), web.config().secret_key, token, web.now())


def _versions(shown: Page) -> dict[int, int]:
    numbers = (part.order.id or 0 for part in shown.parts)
    return {number: whole_in(request.form, f"version-{number}", 0) for number in numbers}


def _show(
    token: str, shown: Page, *, reply: Reply | None = None, changing: bool = False, told: str = ""
) -> str:
    return render_template(
        "producer/page.html",
        token=token,
        page=shown,
        reply=reply,
        asking=shown.open and (changing or not shown.answered),
        told=told,
        today=this_day(),
    )


def _announce_form(
    token: str, link: SupplierLink, product: Product, faults: dict[str, str] | None = None
) -> str:
    weeks = announcements.coming_weeks(this_day())
    known = announcements.announced(web.db(), link.supplier, product.offer, product.name, weeks[0])
    return render_template(
        "producer/announce.html",
        token=token,
        product=product,
        products=products_of(web.db(), link),
        weeks=weeks,
        known=known,
        faults=faults or {},
        typed=request.form if faults else None,
        ends=on_the_wall(link.expires_at).date(),
    )


def _weeks(mondays: list[date]) -> tuple[dict[date, Told], dict[str, str]]:
    """What is typed for each week, and what cannot be read, by name of field."""
    weeks: dict[date, Told] = {}
    faults: dict[str, str] = {}
    for monday in mondays:
        packs = price = None
        day = monday.isoformat()
        try:
            packs = _packs(f"colis-{day}")
        except CantineError as error:
            faults[f"colis-{day}"] = error.message
        try:
            price = _price(f"prix-{day}")
        except CantineError as error:
            faults[f"prix-{day}"] = error.message
        weeks[monday] = Told(packs, price)
    return weeks, faults


def _packs(name: str) -> int | None:
    if not request.form.get(name, "").strip():
        return None
    packs = whole_in(request.form, name)
    if packs > MOST_PACKS:
        raise CantineError(f"{packs} colis, c'est beaucoup : vérifiez le nombre.")
    return packs


def _price(name: str) -> Decimal | None:
    price = decimal_in(request.form, name)
    if price is not None and not 0 < price <= MOST_PRICE:
        raise CantineError("Un prix est un nombre positif, en euros HT par colis. Exemple : 12,50.")
    return price.quantize(Decimal("0.0001")) if price is not None else None
