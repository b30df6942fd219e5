"""What the chief does on the grid: each act is one small form, then the page again at its place."""

from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cantine import web
from cantine.clock import time_of
from cantine.errors import CantineError
from cantine.french import day as day_words
from cantine.kitchens.forms import CLASS_WORDS
from cantine.menus import edit
from cantine.menus.grid import Place
from cantine.menus.signs import SLOT_WORDS
from cantine.menus.undo import state_of
from cantine.menus.versions import EditConflictError
from cantine.planning import step_back
from cantine.planning.choose import Chosen, OrdersChangedError, choose
from cantine.planning.order_words import done_words, lacking_words
from cantine.planning.params import day_in, days_in, diners_in, place_in, stamp, way_back, whole_in
from cantine.recipes.models import Recipe
from optim.terms import Niveau, Slot

Answer = Response | tuple[str, int]
FEMININE = {Slot.ENTREE, Slot.GARNITURE}


def register(blueprint: Blueprint) -> None:
    """Hang the acts on the blueprint of the menus; « changer » is told apart by its page."""
    acts = {
        "garder": ("keep", keep),
        "ecarter": ("ban", ban),
        "jour": ("exclude", exclude),
        "effectif": ("diners", diners),
        "valider": ("validate", validate),
        "annuler": ("undo", step_back.undo),
    }
    for path, (endpoint, act) in acts.items():
        blueprint.add_url_rule(f"/cuisines/<kitchen>/menus/{path}", endpoint, act, methods=["POST"])


def keep(kitchen: str) -> Answer:
    """Keep a dish, or let it go."""
    place, locked = place_in(request.form), request.form.get("garder") == "1"
    words = "gardé : il ne changera pas" if locked else "libre : une proposition peut le changer"
    return _act(
        kitchen,
        place[0],
        lambda: edit.keep(web.db(), kitchen, place, stamp(), locked=locked),
        f"Plat {words}.",
        _anchor(place),
    )


def ban(kitchen: str) -> Answer:
    """Set a recipe aside for a day, or take it back."""
    if request.form.get("reprendre"):
        day, recipe = day_in(request.form, "date"), request.form["recette"]
        return _act(
            kitchen,
            day,
            lambda: edit.unban(web.db(), kitchen, day, recipe, stamp()),
            "Ce plat peut de nouveau être proposé ce jour-là.",
            f"j-{day.isoformat()}",
        )
    place = place_in(request.form)
    message = f"Plat écarté du {day_words(place[0])}. Choisissez ce qui le remplace, ou proposez des menus."
    return _act(
        kitchen, place[0], lambda: edit.ban(web.db(), kitchen, place, stamp()), message, _anchor(place)
    )


def swap(kitchen: str) -> Answer:
    """Put another recipe in a place, with the orders that the panel told."""
    place, done = place_in(request.form), list[tuple[Chosen | None, step_back.Left]]()
    day, slot, choice = place
    back, before = _back(kitchen, day, _anchor(place)), state_of(web.db(), kitchen, day)
    try:
        refused = _try(lambda: done.append(_choose(kitchen, place)), back)
    except OrdersChangedError as error:
        web.db().rollback()
        again = url_for("menus.swap", kitchen=kitchen, du=day, date=day, composante=slot.value, rang=choice)
        return web.see_other(again, error.message, "warn")
    if refused:
        return refused
    chosen, left = done[0]
    said = f"{SLOT_WORDS[slot]} changé{'e' if slot in FEMININE else ''}. C'est votre choix : il est gardé."
    if chosen is None:
        step_back.offer(kitchen, day, before, left, said, back)
        return web.see_other(back)
    step_back.offer(kitchen, day, before, left, f"{said} {done_words(chosen.orders)}", back)
    return web.see_other(back, lacking_words(chosen.orders), "warn")


def _choose(kitchen: str, place: Place) -> tuple[Chosen | None, step_back.Left]:
    recipe, told = request.form.get("recette", ""), request.form.get("commandes", "")
    chosen = choose(web.db(), kitchen, place, recipe, stamp(), time_of(web.now()), told)
    return chosen, step_back.leave(kitchen, place[0], chosen.before if chosen else None)


def exclude(kitchen: str) -> Answer:
    """No service on a day, with a reason; or a service after all."""
    day, reason = day_in(request.form, "date"), request.form.get("raison", "")
    if request.form.get("remettre"):
        act, words = lambda: edit.restore(web.db(), kitchen, day, stamp()), "est de nouveau au calendrier."
    else:
        act, words = lambda: edit.exclude(web.db(), kitchen, day, reason, stamp()), "est sans service."
    return _act(kitchen, day, act, f"Le {day_words(day)} {words}", f"j-{day.isoformat()}")


def diners(kitchen: str) -> Answer:
    """Change who eats on a day; a number that cannot be opens the day again, with the reason."""
    day = day_in(request.form, "date")
    try:
        return _set_diners(kitchen, day, diners_in(request.form))
    except CantineError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        web.db().rollback()
        back = url_for("menus.grid", kitchen=kitchen, du=day, jour=day)
        return web.see_other(back, f"{error.message} Rien n'a été enregistré.", "bad")


def _set_diners(kitchen: str, day: date, counts: Mapping[Niveau, int]) -> Answer:
    reason = request.form.get("raison", "")
    return _act(
        kitchen,
        day,
        lambda: edit.set_diners(web.db(), kitchen, day, counts, reason, stamp()),
        f"{sum(counts.values())} repas le {day_words(day)}.",
        f"j-{day.isoformat()}",
    )


def validate(kitchen: str) -> Answer:
    """Validate the days of a week, or open them again."""
    valid = request.form.get("rouvrir") != "1"
    days = days_in(request.form, "jour")
    versions = {day: whole_in(request.form, f"version-{day.isoformat()}") for day in days}
    first = min(versions, default=None)
    back = way_back(
        url_for("menus.grid", kitchen=kitchen, du=first), f"s-{first.isoformat()}" if first else ""
    )
    refused = _try(lambda: edit.validate_week(web.db(), kitchen, versions, stamp(), valid=valid), back)
    seen = "Semaine validée : les familles peuvent lire ses menus."
    words = (
        seen if valid else "Semaine rouverte : ses menus peuvent changer, les familles ne les voient plus."
    )
    return refused or web.see_other(back, words)


def _act(kitchen: str, day: date, act: Callable[[], None], message: str, anchor: str) -> Answer:
    """Change one day and go back to its place, with the way to undo it."""
    back, before = _back(kitchen, day, anchor), state_of(web.db(), kitchen, day)
    done = list[step_back.Left]()

    def act_and_leave() -> None:
        act()
        done.append(step_back.leave(kitchen, day))

    refused = _try(act_and_leave, back)
    if refused:
        return refused
    step_back.offer(kitchen, day, before, done[0], message, back)
    return web.see_other(back)


def _try(act: Callable[[], None], back: str) -> Answer | None:
    """Do and commit; a colleague's change meanwhile shows both versions."""
    try:
        act()
    except EditConflictError as conflict:
        web.db().rollback()
        return _both_versions(conflict, back), conflict.status
    web.db().commit()
    return None


def _both_versions(conflict: EditConflictError, back: str) -> str:
    """The colleague's version, what was asked, and the choice."""
    fields = [
        (k, v) for k, v in request.form.items(multi=True) if k != "csrf_token" and not k.startswith("version")
    ]
    return render_template(
        "menus/conflict.html",
        conflict=conflict,
        mine=_asked(request.form),
        words={code: word.lower() for code, word in CLASS_WORDS.items()},
        fields=fields,
        action=request.path,
        back=back,
        again="jour" not in request.form,
    )


def _asked(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What the form asked, in words."""
    found = []
    if form.get("composante"):
        slot = SLOT_WORDS[Slot(form["composante"])]
        recipe = web.db().get(Recipe, form.get("recette", ""))
        if recipe:
            found.append((slot.lower(), recipe.name))
        elif form.get("ecarter"):
            found.append((slot.lower(), "écarter ce plat"))
        else:
            found.append((slot.lower(), "gardé" if form.get("garder") == "1" else "libre"))
    found += [(word.lower(), form[code]) for code, word in CLASS_WORDS.items() if form.get(code)]
    if form.get("raison"):
        found.append(("raison", form["raison"]))
    if form.get("remettre"):
        found.append(("état", "service remis"))
    return found or [("semaine", "à rouvrir" if form.get("rouvrir") else "à valider")]


def _back(kitchen: str, day: date, anchor: str) -> str:
    return way_back(url_for("menus.grid", kitchen=kitchen, du=day), anchor)


def _anchor(place: Place) -> str:
    return f"c-{place[0].isoformat()}-{place[1].value}-{place[2]}"
