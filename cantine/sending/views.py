"""« Envois »: send approved orders, send again, say that a message in doubt arrived, close a link."""

from collections.abc import Iterable
from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard, journal
from cantine.asked import day_in
from cantine.errors import CantineError
from cantine.french import plural
from cantine.orders import links
from cantine.orders.life import Actor, check_version, get_order
from cantine.orders.models import PurchaseOrder
from cantine.sending import outbox as messages
from cantine.sending.follow import outbox_of
from cantine.sending.letters import letterhead_of

blueprint = Blueprint("sending", __name__)
WEEK = timedelta(days=6)
NO_SERVER = " Il partira dès que l'envoi de courriels sera réglé sur ce site."
NOTHING = "Aucune commande approuvée à envoyer cette semaine-là."
CLOSED = "Le lien du producteur est fermé : il n'ouvre plus rien. Un nouvel envoi lui en donne un autre."


@blueprint.get("/cuisines/<kitchen>/envois")
def outbox(kitchen: str) -> str:
    """What waits, what left, what somebody must check."""
    return render_template(
        "sending/outbox.html",
        kitchen=kitchen,
        box=outbox_of(web.db(), kitchen, web.now()),
        ready=web.config().mail.server is not None,
    )


@blueprint.post("/cuisines/<kitchen>/commandes/<int:order_id>/envoyer")
@blueprint.post("/cuisines/<kitchen>/envois/envoyer")
def send(kitchen: str, order_id: int = 0) -> Response:
    """Send one order (``version`` as its page showed it), or every approved one of a week (``semaine``)."""
    if order_id:
        order = get_order(web.db(), order_id, kitchen)
        if request.form.get("version"):
            check_version(web.db(), order, web.whole(request.form["version"]))
        return _send([order], kitchen)
    monday = day_in(request.form, "semaine")
    orders = messages.approved_between(web.db(), kitchen, monday, monday + WEEK)
    if not orders:
        raise CantineError(NOTHING)
    return _send(orders, kitchen)


@blueprint.post("/cuisines/<kitchen>/envois/<int:message_id>/renvoyer")
def repeat(kitchen: str, message_id: int) -> Response:
    """The same message again, because somebody asks."""
    message = messages.get_message(web.db(), message_id, kitchen)
    messages.repeat(web.db(), message, _actor(), web.now(), letterhead_of(web.config()))
    web.db().commit()
    return web.see_other(url_for("sending.outbox", kitchen=kitchen), f"Le message repart.{_later()}")


@blueprint.post("/cuisines/<kitchen>/envois/<int:message_id>/arrive")
def arrived(kitchen: str, message_id: int) -> Response:
    """« C'est bien arrivé »: the supplier said so."""
    message = messages.get_message(web.db(), message_id, kitchen)
    messages.confirm_arrival(web.db(), message, _actor(), web.now())
    web.db().commit()
    return web.see_other(
        url_for("sending.outbox", kitchen=kitchen), "C'est noté : la commande est chez le fournisseur."
    )


@blueprint.post("/cuisines/<kitchen>/commandes/<int:order_id>/lien/fermer")
def revoke(kitchen: str, order_id: int) -> Response:
    """Close the producer's link of an order."""
    order, session = get_order(web.db(), order_id, kitchen), web.db()
    if links.revoke(session, order, guard.person().id, web.now()):
        journal.record(
            session,
            user_id=guard.person().id,
            kitchen=kitchen,
            subject="lien",
            key=order.number,
            before={"lien": "ouvert"},
            after={"lien": "fermé"},
            now=web.now(),
        )
        session.commit()
    return web.see_other(url_for("sending.outbox", kitchen=kitchen), CLOSED)


def _send(orders: Iterable[PurchaseOrder], kitchen: str) -> Response:
    """Write the messages one after the other: what cannot leave holds nobody else back."""
    queued, faults = 0, list[str]()
    for order in orders:
        try:
            messages.queue_order(web.db(), order, _actor(), web.now(), letterhead_of(web.config()))
            web.db().commit()
            queued += 1
        except CantineError as error:
            web.db().rollback()
            faults.append(error.message)
    if not queued:
        raise CantineError(" ".join(dict.fromkeys(faults)))
    told = f"{plural(queued, 'commande mise', 'commandes mises')} à l'envoi.{_later()}"
    here = url_for("sending.outbox", kitchen=kitchen)
    if faults:
        return web.see_other(here, " ".join([told, *dict.fromkeys(faults)]), "warn")
    return web.see_other(here, told)


def _later() -> str:
    return "" if web.config().mail.server else NO_SERVER


def _actor() -> Actor:
    return Actor(guard.person().id)
