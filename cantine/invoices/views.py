"""Pages of invoices: the list, the deposit, one invoice beside what was received, files, the statement."""

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import FileStorage

from cantine import web
from cantine.asked import day_in, this_day
from cantine.errors import CantineError, NotFoundError
from cantine.invoices import act_views, typed_views
from cantine.invoices.acting import stamp
from cantine.invoices.deposit import Deposited, deposit, waiting_files
from cantine.invoices.files import PDF
from cantine.invoices.keep import PURPOSE
from cantine.invoices.law import LATE_INTEREST, PAYMENT
from cantine.invoices.lists import payment_delays, settled, to_invoice, totals, unpaid
from cantine.invoices.show import SIGNS, invoice_page
from cantine.invoices.statement import quarter_before, statement_csv
from cantine.orders.models import Attachment

blueprint = Blueprint("invoices", __name__)
PATH = "/cuisines/<kitchen>/factures"
MOST_FILES = 20
act_views.register(blueprint)
typed_views.register(blueprint)


@blueprint.get(PATH, endpoint="list")
def list_page(kitchen: str) -> str:
    """Invoices to check and to pay, late first; what is to be typed; deliveries without an invoice."""
    return _list(kitchen)


@blueprint.post(f"{PATH}/deposer")
def deposit_files(kitchen: str) -> tuple[str, int]:
    """Each file by itself: kept, or refused with its faults; the page says which."""
    files = [one for one in request.files.getlist("fichiers") if one.filename]
    if not files:
        raise CantineError("Choisissez un ou plusieurs fichiers PDF ou XML.")
    if len(files) > MOST_FILES:
        raise CantineError(f"{MOST_FILES} fichiers à la fois au plus. Rien n'a été enregistré.")
    done = [_one(kitchen, file) for file in files]
    return _list(kitchen, done), 200 if any(one.invoice or one.file for one in done) else 422


@blueprint.get(f"{PATH}/<int:invoice_id>", endpoint="invoice")
def invoice_view(kitchen: str, invoice_id: int) -> str:
    """One invoice beside orders and receptions."""
    return invoice_page(kitchen, invoice_id)


@blueprint.get(f"{PATH}/fichiers/<int:file_id>")
def file(kitchen: str, file_id: int) -> Response:
    """The file as it came."""
    row = web.db().get(Attachment, file_id)
    if row is None or row.kitchen != kitchen or row.purpose != PURPOSE:
        raise NotFoundError("Ce fichier n'existe pas, ou plus.")
    answer = Response(row.content, mimetype=row.media_type)
    way = "inline" if row.media_type == PDF else "attachment"
    answer.headers.set("Content-Disposition", way, filename=row.name)
    return answer


@blueprint.get(f"{PATH}/rapprochement.csv")
def statement(kitchen: str) -> Response:
    """État de rapprochement: each line of the invoices of a period, as a table."""
    today = this_day()
    last = day_in(request.args, "au", today)
    first = day_in(request.args, "du", quarter_before(last))
    answer = Response(statement_csv(web.db(), kitchen, first, last), mimetype="text/csv")
    name = f"rapprochement-{kitchen.lower()}-{first.isoformat()}-{last.isoformat()}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _one(kitchen: str, file: FileStorage) -> Deposited:
    """One file kept for good, or nothing of it."""
    session = web.db()
    try:
        done = deposit(session, kitchen, file.filename or "", file.read(), stamp())
    except CantineError:
        session.rollback()
        raise
    session.commit()
    return done


def _list(kitchen: str, done: list[Deposited] | None = None) -> str:
    session, today = web.db(), this_day()
    paid = request.args.get("etat") == "reglees"
    entries = settled(session, kitchen, today) if paid else unpaid(session, kitchen, today)
    return render_template(
        "invoices/list.html",
        kitchen=kitchen,
        entries=entries,
        paid=paid,
        totals=None if paid else totals(entries),
        waiting=waiting_files(session, kitchen),
        deliveries=() if paid else to_invoice(session, kitchen, today, entries),
        done=done or [],
        delays=payment_delays(session, today.replace(month=1, day=1), today, {kitchen}) if paid else (),
        today=today,
        first=quarter_before(today),
        payment=PAYMENT,
        late_interest=LATE_INTEREST,
        signs=SIGNS,
    )
