"""« Un imprévu ? »: tell what happened in a short form, then follow the repair beside the menus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, current_app, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.errors import CantineError
from cantine.french import day as day_words
from cantine.french import plural
from cantine.kitchens.forms import CLASS_WORDS
from cantine.kitchens.headcount import get_kitchen
from cantine.menus import edit
from cantine.menus.grid import Days, load_days
from cantine.menus.versions import Stamp
from cantine.planning import mishap_acts as acts
from cantine.planning.params import day_in, stamp, this_day, whole_in
from cantine.planning.repair import changes_of, summary
from optim.terms import Niveau

blueprint = Blueprint("mishaps", __name__)
blueprint.add_app_template_global(changes_of)
blueprint.add_app_template_filter(summary, "repair_summary")

AHEAD = 40
SIGNS = {"plus": 1, "moins": -1}


@dataclass(frozen=True)
class Kind:
    """One of the five: its button, and who may tell it."""

    word: str
    icon: str
    endpoint: str


KINDS: Mapping[str, Kind] = {
    "offre": Kind("Un produit est retiré", "ban", "mishaps.declare"),
    "livraison": Kind("Une livraison est incomplète", "delivery", "mishaps.declare"),
    "greve": Kind("Grève ou fermeture", "calendar", "mishaps.reschedule"),
    "convives": Kind("Des convives en plus ou en moins", "people", "mishaps.reschedule"),
    "froid": Kind("Une chambre froide est en panne", "thermometer", "mishaps.declare"),
}


@blueprint.get("/cuisines/<kitchen>/imprevu")
def page(kitchen: str) -> str:
    """The five buttons, the form of the one chosen, and what is going on."""
    session, today = web.db(), this_day()
    asked = request.args.get("quoi", "")
    days = load_days(session, get_kitchen(session, kitchen), today)
    deliveries = acts.delivered(session, kitchen, today)
    offers = {
        offer.code: f"{offer.name} ({name})" for row, offer, name in deliveries if row.delivery >= today
    }
    return render_template(
        "planning/mishaps.html",
        kitchen=kitchen,
        kinds={code: kind for code, kind in KINDS.items() if guard.may(kind.endpoint, kitchen)},
        asked=asked if asked in KINDS and guard.may(KINDS[asked].endpoint, kitchen) else "",
        current=acts.current(session, kitchen, today),
        offers=sorted(offers.items(), key=lambda item: item[1]),
        deliveries=deliveries,
        chosen=request.args.get("livraison", ""),
        planned={f"{offer.code}@{row.delivery.isoformat()}" for row, offer, _ in deliveries},
        packs=request.args.get("colis", 0, type=web.whole),
        meals=_meals(days),
        zones=acts.ZONES,
        classes={niveau: CLASS_WORDS[niveau.value] for niveau in Niveau},
        today=today,
        days=timedelta,
    )


def _meals(days: Days) -> list[tuple[str, str]]:
    """Meals to come, with who is expected."""
    found = [day for day in days.meal_dates(AHEAD) if day >= days.today]
    return [(d.isoformat(), f"{day_words(d)}, {sum(days.diners(d).values())} repas") for d in found]


@blueprint.post("/cuisines/<kitchen>/imprevu")
def declare(kitchen: str) -> Response:
    """What a supplier or a cold room does; then the repair."""
    tell = {"offre": _withdraw, "livraison": _short, "froid": _break_down}.get(request.form.get("quoi", ""))
    if tell is None:
        raise CantineError("Dites ce qui arrive : choisissez un des boutons.")
    return _tell(kitchen, tell, mend_menus=False)


@blueprint.post("/cuisines/<kitchen>/imprevu/repas")
def reschedule(kitchen: str) -> Response:
    """Meals that do not take place, or diners more or less; then the repair."""
    tell = {"greve": _close, "convives": _count}.get(request.form.get("quoi", ""))
    if tell is None:
        raise CantineError("Dites ce qui arrive : choisissez un des boutons.")
    return _tell(kitchen, tell, mend_menus=True)


@blueprint.post("/cuisines/<kitchen>/imprevu/<int:mishap_id>/termine")
def end(kitchen: str, mishap_id: int) -> Response:
    """« C'est terminé »."""
    acts.end(web.db(), kitchen, mishap_id, stamp())
    web.db().commit()
    here = url_for("mishaps.page", kitchen=kitchen)
    return web.see_other(here, "C'est noté : la prochaine proposition en tient compte.")


def _tell(kitchen: str, tell: Callable[[str, Stamp], str], *, mend_menus: bool) -> Response:
    """Keep it, and ask for the repair; what is wrong in the form leaves everything as it was."""
    session, who = web.db(), stamp()
    try:
        because = tell(kitchen, who)
        run = acts.ask_repair(session, kitchen, because, mend_menus=mend_menus, stamp=who)
    except CantineError as error:
        session.rollback()
        back = url_for("mishaps.page", kitchen=kitchen, quoi=request.form.get("quoi"))
        return web.see_other(back, f"{error.message} Rien n'a été enregistré.", "bad")
    session.commit()
    if run is None:
        return web.see_other(url_for("mishaps.page", kitchen=kitchen), f"{because}. Aucun menu à réparer.")
    current_app.extensions["ring"](run.id)
    return web.see_other(url_for("menus.grid", kitchen=kitchen, du=run.first_date.isoformat()))


def _withdraw(kitchen: str, who: Stamp) -> str:
    until = day_in(request.form, "jusqu", who.today)
    return acts.withdraw(web.db(), kitchen, request.form.get("produit", ""), until, who)


def _short(kitchen: str, who: Stamp) -> str:
    offer, _, day = request.form.get("livraison", "").rpartition("@")
    delivery = day_in(MultiDict({"date": day}), "date")
    return acts.short(web.db(), kitchen, offer, delivery, whole_in(request.form, "colis", 0), who)


def _break_down(kitchen: str, who: Stamp) -> str:
    until = day_in(request.form, "jusqu", who.today)
    return acts.break_down(web.db(), kitchen, request.form.get("zone", ""), until, who)


def _close(kitchen: str, who: Stamp) -> str:
    """Every meal from a day to another is left out of the calendar, with the reason."""
    session = web.db()
    first = day_in(request.form, "date")
    last = day_in(request.form, "jusqu", first)
    reason = request.form.get("raison", "").strip() or "grève"
    days = load_days(session, get_kitchen(session, kitchen), who.today)
    closed = [day for day in days.meal_dates(ahead=None) if max(first, who.today) <= day <= last]
    if not closed:
        raise CantineError("Aucun repas n'est prévu ces jours-là.")
    for day in closed:
        edit.exclude(session, kitchen, day, reason, _at(days, day, who))
    when = f"le {day_words(closed[0])}" if len(closed) == 1 else plural(len(closed), "repas", "repas")
    return f"{reason} : pas de service, {when}"


def _count(kitchen: str, who: Stamp) -> str:
    """Diners of one class more or less on a day."""
    session, day = web.db(), day_in(request.form, "date")
    many, sign = whole_in(request.form, "nombre"), SIGNS.get(request.form.get("sens", ""), 1)
    asked = request.form.get("classe", Niveau.COLLEGE.value)
    niveau = next((n for n in Niveau if n.value == asked), Niveau.COLLEGE)
    days = load_days(session, get_kitchen(session, kitchen), who.today)
    if day not in days.meal_dates(ahead=None):
        raise CantineError("Aucun repas n'est prévu ce jour-là.")
    diners = dict(days.diners(day))
    diners[niveau] = diners.get(niveau, 0) + sign * many
    words = f"{plural(many, 'convive', 'convives')} de {'plus' if sign > 0 else 'moins'}"
    reason = request.form.get("raison", "").strip() or words
    edit.set_diners(session, kitchen, day, diners, reason, _at(days, day, who))
    return f"{words} le {day_words(day)}"


def _at(days: Days, day: date, who: Stamp) -> Stamp:
    """The same person at the present version of a day."""
    row = days.services.get(day)
    return Stamp(who.user_id, who.now, who.today, row.version if row else 0)
