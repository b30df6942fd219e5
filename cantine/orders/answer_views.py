"""« Réponses »: what producers answered and announce; read, repair, take over."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.asked import this_day
from cantine.french import full_date
from cantine.orders import announcements, answers
from cantine.orders.views import blueprint

__all__ = ["blueprint"]


@blueprint.get("/cuisines/<kitchen>/reponses", endpoint="answers")
def show(kitchen: str) -> str:
    """Answers, new ones first, then announcements of the weeks to come."""
    return render_template(
        "orders/answers.html",
        kitchen=kitchen,
        answers=answers.answers_for(web.db(), kitchen),
        announcements=announcements.announcements_for(web.db(), kitchen, this_day()),
    )


@blueprint.post("/cuisines/<kitchen>/reponses/<int:answer_id>/vue")
@blueprint.post("/cuisines/<kitchen>/reponses/vues")
def answer_seen(kitchen: str, answer_id: int = 0) -> Response:
    """One answer was read, or everything new on the page."""
    by, now = guard.person().id, web.now()
    if answer_id:
        answers.see_answer(web.db(), answers.get_answer(web.db(), answer_id, kitchen), by, now)
    else:
        answers.see_all(web.db(), kitchen, by, now)
        for shown in announcements.announcements_for(web.db(), kitchen, this_day()):
            announcements.see(web.db(), shown.row, by, now)
    web.db().commit()
    return web.see_other(url_for("orders.answers", kitchen=kitchen), "C'est noté : vu.")


@blueprint.post("/cuisines/<kitchen>/annonces/<int:announcement_id>/reprendre")
def announcement_take(kitchen: str, announcement_id: int) -> Response:
    """Sell the product at what was announced, that week."""
    row = announcements.get_announcement(web.db(), announcement_id, kitchen)
    offer = announcements.take_over(web.db(), row, kitchen, guard.person().id, web.now())
    web.db().commit()
    told = f"« {offer.name} » : repris dans le marché pour la semaine du {full_date(row.week)}."
    return web.see_other(url_for("orders.answers", kitchen=kitchen), told)
