"""Write the message of orders: their papers, the producer's link, who answers questions, until when."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session

from cantine import french
from cantine.accounts.models import User
from cantine.clock import today_of
from cantine.config_mail import is_address
from cantine.errors import CantineError
from cantine.kitchens.settings import today
from cantine.orders.links import link_for, sign
from cantine.orders.models import OutMessage, PurchaseOrder
from cantine.reports import pdf
from cantine.reports.order_reading import order_paper
from cantine.reports.order_sheets import order_sheet, packing_sheet
from cantine.sending.letters import Letter, Letterhead, subject_of, write
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import load_ordering

NO_ADDRESS = (
    "{} n'a pas de courriel : ajoutez-le dans sa fiche, ou téléchargez le bon de commande et transmettez-le "
    "autrement."
)
BAD_ADDRESS = "Le courriel de {}, « {} », n'est pas une adresse : corrigez-le dans sa fiche."


def recipient_of(session: Session, order: PurchaseOrder) -> str:
    """The address of the supplier of an order.

    Raises:
        CantineError: none, or none that can be used.
    """
    supplier = session.get_one(Supplier, order.supplier)
    address = supplier.email.strip()
    if not address:
        raise CantineError(NO_ADDRESS.format(supplier.name))
    if not is_address(address):
        raise CantineError(BAD_ADDRESS.format(supplier.name, address[:80]))
    return address


def write_message(
    session: Session, message: OutMessage, orders: Sequence[PurchaseOrder], head: Letterhead
) -> None:
    """Subject and whole content of a message whose recipient and Message-ID are known."""
    now, first = message.created_at, orders[0]
    day = today(session, today_of(now))
    sheets = [order_sheet(session, order, day) for order in orders]
    files = [(f"{sheet.stem}.pdf", pdf.render([sheet])) for sheet in sheets]
    if len(orders) > 1:
        sheet = packing_sheet(session, orders, day)
        files.append((f"{sheet.stem}.pdf", pdf.render([sheet])))
    link = link_for(session, first, now, grouped=message.group is not None)
    letter = Letter(
        papers=[order_paper(session, order, day) for order in orders],
        recipient=message.recipient,
        link=f"{head.site}/p/{sign(head.secret_key, link)}",
        link_ends=today_of(link.expires_at) - timedelta(days=1),
        reply_to=_approver(session, first),
        answer_by=_answer_by(session, first, day),
        files=files,
    )
    message.subject = subject_of(letter.papers)
    message.content = write(letter, head, message.message_id, now)


def _approver(session: Session, order: PurchaseOrder) -> str:
    """Who approved, where their login is an address: people answer people."""
    user = session.get(User, order.approved_by) if order.approved_by else None
    return user.login if user and is_address(user.login) else ""


def _answer_by(session: Session, order: PurchaseOrder, day: date) -> str:
    supplier = session.get_one(Supplier, order.supplier)
    ordering = load_ordering(session, day)
    if ordering.too_late(supplier, order.delivery):
        return "dès que possible"
    hour = supplier.cutoff_hour.replace(":", " h ").removesuffix(" 00").lstrip("0")
    return f"avant le {french.day(ordering.deadline(supplier, order.delivery))}, {hour}"
