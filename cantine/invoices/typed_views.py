"""An invoice typed by hand: its form, filled from a delivery, and its correction."""

from flask import Blueprint, render_template, request, url_for
from sqlmodel import select
from werkzeug.wrappers import Response

from cantine import web
from cantine.asked import this_day, whole_in
from cantine.errors import ConflictError
from cantine.invoices.acting import stamp
from cantine.invoices.book import TO_MATCH, get_invoice, title_of
from cantine.invoices.by_hand import BY_HAND, add_typed, change_typed, check_typed
from cantine.invoices.files import media_type
from cantine.invoices.keep import PURPOSE
from cantine.invoices.models import Invoice
from cantine.invoices.prefill import from_invoice, from_reception
from cantine.invoices.typed import SPARE, UNITS, Typed, TypedLine, from_form
from cantine.orders.models import Attachment
from cantine.suppliers.models import Supplier

PATH = "/cuisines/<kitchen>/factures"
Answer = Response | str | tuple[str, int]


def register(blueprint: Blueprint) -> None:
    """Hang the form on the blueprint of invoices."""
    for path, name, function in (
        (f"{PATH}/saisie", "typed", typed),
        (f"{PATH}/<int:invoice_id>/corriger", "correct", correct),
    ):
        blueprint.add_url_rule(path, name, function)
    blueprint.add_url_rule(f"{PATH}/saisie", "add", add, methods=["POST"])
    blueprint.add_url_rule(f"{PATH}/<int:invoice_id>/corriger", "change", change, methods=["POST"])


def typed(kitchen: str) -> str:
    """The form: blank, or as the invoice of a delivery should be."""
    reception = whole_in(request.args, "livraison", 0)
    today = this_day()
    blank = Typed(received_on=today.isoformat())
    form = from_reception(web.db(), kitchen, reception, today) if reception else blank
    return _page(kitchen, form, {})


def add(kitchen: str) -> Answer:
    """Keep it, or give everything back with all its faults."""
    session, form = web.db(), from_form(request.form)
    found = check_typed(session, kitchen, form, this_day())
    upload = request.files.get("fichier")
    sent = (upload.filename or "", upload.read()) if upload is not None and upload.filename else None
    if sent is not None and not media_type(sent[1]):
        found.faults["fichier"] = "Joignez un PDF (ou le XML du fournisseur)."
    if found.faults:
        return _page(kitchen, form, found.faults), 422
    file = whole_in(request.form, "fichier_depose", 0) or None
    try:
        invoice = add_typed(session, kitchen, form, found, stamp(), file=file, upload=sent)
    except ConflictError as error:
        session.rollback()
        return _page(kitchen, form, {"numero": error.message}), error.status
    session.commit()
    here = url_for("invoices.invoice", kitchen=kitchen, invoice_id=invoice.id)
    return web.see_other(here, f"Enregistrée : {title_of(invoice)}.")


def correct(kitchen: str, invoice_id: int) -> Answer:
    """The form of an invoice typed before."""
    invoice = get_invoice(web.db(), kitchen, invoice_id)
    if invoice.source != BY_HAND or invoice.state != TO_MATCH:
        here = url_for("invoices.invoice", kitchen=kitchen, invoice_id=invoice_id)
        return web.see_other(
            here, "Seule une facture saisie à la main et pas encore validée se corrige.", "warn"
        )
    return _page(kitchen, from_invoice(web.db(), invoice), {}, invoice)


def change(kitchen: str, invoice_id: int) -> Answer:
    """Write it again, or give everything back with all its faults."""
    session, form = web.db(), from_form(request.form)
    invoice = get_invoice(session, kitchen, invoice_id)
    found = check_typed(session, kitchen, form, this_day(), invoice)
    if found.faults:
        return _page(kitchen, form, found.faults, invoice), 422
    here = url_for("invoices.invoice", kitchen=kitchen, invoice_id=invoice_id)
    try:
        change_typed(session, kitchen, invoice_id, whole_in(request.form, "version"), form, found, stamp())
    except ConflictError as error:
        session.rollback()
        return web.see_other(here, error.message, "warn")
    session.commit()
    return web.see_other(here, "Facture corrigée.")


def _page(kitchen: str, form: Typed, faults: dict[str, str], invoice: Invoice | None = None) -> str:
    session = web.db()
    asked = request.form.get("fichier_depose") or request.args.get("fichier") or ""
    row = session.get(Attachment, web.whole(asked)) if asked.isdecimal() and len(asked) <= 9 else None  # noqa: PLR2004 -- digits of a key
    file = row if row is not None and row.kitchen == kitchen and row.purpose == PURPOSE else None
    suppliers = session.exec(select(Supplier.code, Supplier.name).order_by(Supplier.name)).all()
    return render_template(
        "invoices/typed.html",
        kitchen=kitchen,
        form=form,
        lines=(*form.lines, *[TypedLine()] * SPARE),
        faults=faults,
        invoice=invoice,
        file=file,
        suppliers=suppliers,
        names=dict(suppliers),
        units=UNITS,
        today=this_day(),
    )
