"""What is decided on the page of an invoice: valid, disputed, set aside, opened again, paid, a line tied."""

from collections.abc import Callable

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.asked import day_in, whole_in
from cantine.errors import CantineError, ConflictError
from cantine.french import full_date
from cantine.invoices import decide
from cantine.invoices.acting import stamp
from cantine.invoices.models import Invoice
from cantine.invoices.show import invoice_page

PATH = "/cuisines/<kitchen>/factures/<int:invoice_id>"
Act = Callable[[str, int, int], Invoice]
Answer = Response | tuple[str, int]


def register(blueprint: Blueprint) -> None:
    """Hang the acts on the blueprint of invoices."""
    for word, function in (
        ("valider", validate),
        ("avoir", dispute),
        ("ecarter", refuse),
        ("rouvrir", reopen),
        ("payer", pay),
        ("non-payee", unpay),
        ("ligne", tie),
    ):
        blueprint.add_url_rule(f"{PATH}/{word}", function.__name__, function, methods=["POST"])


def validate(kitchen: str, invoice_id: int) -> Answer:
    """« Tout est conforme : valider », or each difference accepted with its reason."""
    reasons = {
        web.whole(name.removeprefix("raison-")): text
        for name, text in request.form.items()
        if name.startswith("raison-") and name.removeprefix("raison-").isdecimal()
    }

    def act(kitchen: str, key: int, version: int) -> Invoice:
        return decide.validate(web.db(), kitchen, key, version, reasons, stamp())

    return _decide(kitchen, invoice_id, act, "Facture {0} validée : à payer avant le {1}.", reasons)


def dispute(kitchen: str, invoice_id: int) -> Answer:
    """A credit note is asked for."""

    def act(kitchen: str, key: int, version: int) -> Invoice:
        return decide.dispute(web.db(), kitchen, key, version, stamp())

    words = "Avoir demandé pour la facture {0}. Le message est prêt ci-dessous, à envoyer au fournisseur."
    return _decide(kitchen, invoice_id, act, words)


def refuse(kitchen: str, invoice_id: int) -> Answer:
    """Not to be paid."""

    def act(kitchen: str, key: int, version: int) -> Invoice:
        return decide.refuse(web.db(), kitchen, key, version, request.form.get("raison", ""), stamp())

    return _decide(kitchen, invoice_id, act, "Facture {0} écartée : elle ne sera pas payée.")


def reopen(kitchen: str, invoice_id: int) -> Answer:
    """Decide again."""

    def act(kitchen: str, key: int, version: int) -> Invoice:
        return decide.reopen(web.db(), kitchen, key, version, request.form.get("raison", ""), stamp())

    return _decide(kitchen, invoice_id, act, "Facture {0} rouverte : elle est à vérifier de nouveau.")


def pay(kitchen: str, invoice_id: int) -> Answer:
    """The day it was paid."""
    day = day_in(request.form, "payee")

    def act(kitchen: str, key: int, version: int) -> Invoice:
        return decide.pay(web.db(), kitchen, key, version, day, stamp())

    return _decide(kitchen, invoice_id, act, f"Facture {{0}} notée payée le {full_date(day)}.")


def unpay(kitchen: str, invoice_id: int) -> Answer:
    """It was not paid after all."""

    def act(kitchen: str, key: int, version: int) -> Invoice:
        return decide.unpay(web.db(), kitchen, key, version, stamp())

    return _decide(kitchen, invoice_id, act, "Facture {0} : de nouveau à payer avant le {1}.")


def tie(kitchen: str, invoice_id: int) -> Answer:
    """Which line received a line invoiced is for."""
    line, received = whole_in(request.form, "ligne"), whole_in(request.form, "recu", 0)

    def act(kitchen: str, key: int, version: int) -> Invoice:
        return decide.tie(web.db(), kitchen, key, version, line, received or None, stamp())

    return _decide(kitchen, invoice_id, act, "Ligne rapprochée.")


def _decide(
    kitchen: str, invoice_id: int, act: Act, words: str, reasons: dict[int, str] | None = None
) -> Answer:
    """One decision, or the page again with why not and what was typed; nothing half-done."""
    session = web.db()
    try:
        invoice = act(kitchen, invoice_id, whole_in(request.form, "version"))
    except ConflictError as error:
        session.rollback()
        here = url_for("invoices.invoice", kitchen=kitchen, invoice_id=invoice_id)
        return web.see_other(here, error.message, "warn")
    except CantineError as error:
        session.rollback()
        if error.status == 404:  # noqa: PLR2004 -- no such invoice: no page to give back
            raise
        return invoice_page(kitchen, invoice_id, reasons=reasons, fault=error.message), 422
    session.commit()
    here = url_for("invoices.invoice", kitchen=kitchen, invoice_id=invoice_id)
    return web.see_other(here, words.format(invoice.number, full_date(invoice.due_on)))
