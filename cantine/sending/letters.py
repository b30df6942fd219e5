"""The message that takes an order to its producer: plain kind French, a link, the paper attached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime

from cantine import french
from cantine.clock import on_the_wall
from cantine.config import Config
from cantine.orders.models import OutMessage
from cantine.reports.order_figures import OrderPaper

NO_SENDER = "cantine@localhost.invalid"
"""Sender of a message written before the house has one; it is written again before it leaves."""
LINE = "  - {} × {} : {} ({})"
TAKES = "X-Cantine-Order"
"""Header that names the orders of a message and their versions."""
ASK = (
    "Merci de répondre {}, sans compte ni mot de passe : d'accord, une quantité à changer, ou un produit que "
    "vous n'avez pas. C'est ici :\n{}"
)
MORE = (
    "Vous pouvez y annoncer aussi vos volumes et vos prix des quatre semaines à venir. Ce lien est pour vous "
    "seul : il ne montre que cette commande, et s'arrête le {}."
)


@dataclass(frozen=True)
class Letterhead:
    """What every message bears.

    Attributes:
        sender: address it comes from.
        site: address of the site as producers reach it.
        secret_key: signs the links.
    """

    sender: str
    site: str
    secret_key: str

    @property
    def domain(self) -> str:
        """Right side of the Message-IDs."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True)
class Letter:
    """One message to write.

    Attributes:
        papers: the orders it takes, at least one, all of one supplier and one day.
        link: address of the producer's page.
        link_ends: last day of the link.
        reply_to: who answers questions, empty: the sender.
        answer_by: until when an answer is useful; None: at once.
        files: PDF by name.
    """

    papers: Sequence[OrderPaper]
    recipient: str
    link: str
    link_ends: date
    reply_to: str
    answer_by: str
    files: Sequence[tuple[str, bytes]]


def letterhead_of(config: Config) -> Letterhead:
    """The letterhead of the house."""
    return Letterhead(config.mail.sender or NO_SENDER, config.public_url, config.secret_key)


def subject_of(papers: Sequence[OrderPaper]) -> str:
    """« Bon de commande 2027-0012, Collège X, livraison du lundi 11 janvier »."""
    first = papers[0]
    demo = "[démonstration] " if first.head.demonstration else ""
    day = french.day(first.delivery).replace(french.NBSP, " ")
    if len(papers) > 1:
        return f"{demo}Commande groupée de {len(papers)} établissements, livraison du {day}"
    version = f" (version {first.version})" if first.version > 1 else ""
    return f"{demo}Bon de commande {first.number}{version}, {first.buyer.name}, livraison du {day}"


def write(letter: Letter, head: Letterhead, message_id: str, at: datetime) -> bytes:
    """The whole message as it goes out, in ASCII with CRLF."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = head.sender
    message["To"] = letter.recipient
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = subject_of(letter.papers)
    message["Date"] = format_datetime(on_the_wall(at))
    message["Message-ID"] = message_id
    message[TAKES] = " ".join(label_of(paper.number, paper.version) for paper in letter.papers)
    message.set_content(_text(letter), cte="quoted-printable")
    for name, content in letter.files:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def label_of(number: str, version: int) -> str:
    """How a message names an order."""
    return f"{number}/v{version}"


def taken_by(message: OutMessage) -> list[str]:
    """The labels of the orders that a message takes."""
    header = BytesHeaderParser(policy=SMTP).parsebytes(message.content)[TAKES]
    return str(header or "").split()


def is_of(head: Letterhead, message: OutMessage) -> bool:
    """Whether a message was written with this letterhead."""
    return message.content.startswith(f"From: {head.sender}\r\n".encode())


def _text(letter: Letter) -> str:
    first = letter.papers[0]
    total = sum((paper.total_ht for paper in letter.papers), Decimal(0))
    taxed = sum((paper.total_ttc for paper in letter.papers), Decimal(0))
    parts = [
        "Bonjour,",
        "Ceci est une démonstration : ne livrez rien." if first.head.demonstration else "",
        *(_order(paper) for paper in letter.papers),
        f"Total : {french.euros(total)} HT, {french.euros(taxed)} TTC.",
        ASK.format(letter.answer_by, letter.link),
        MORE.format(french.full_date(letter.link_ends)),
        "Le bon de commande est joint en PDF, avec ses données au format Order-X pour les logiciels.",
        "Une question ? Répondez simplement à ce message." if letter.reply_to else "",
        "Bonne journée.",
    ]
    text = "\n\n".join(part for part in parts if part) + "\n"
    return text.replace(french.NBSP, " ")


def _order(paper: OrderPaper) -> str:
    slot = f", {paper.slot}" if paper.slot else ""
    changed = f" La version {paper.version} remplace la précédente." if paper.version > 1 else ""
    head = (
        f"Voici la commande {paper.number} {french.of_place(paper.buyer.name)}, à livrer le "
        f"{french.day(paper.delivery, year=True)}{slot} à {paper.ship_to.name}"
        f"{f', {paper.ship_to.place}' if paper.ship_to.place else ''}.{changed}"
    )
    lines = (LINE.format(i.packs, i.pack, i.name, french.kg(i.grams)) for i in paper.items)
    return "\n".join([head, *lines, *([f"  Note : {paper.note}"] if paper.note else [])])
