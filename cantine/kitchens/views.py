"""Pages of places: the choice of a kitchen, the usual diners of each site."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import drafts, guard, journal
from cantine.french import fold
from cantine.kitchens import diners
from cantine.kitchens.forms import CLASS_WORDS, diners_form, typed_week

blueprint = Blueprint("kitchens", __name__)
CONFLICT = 409


@blueprint.get("/cuisines")
def choose() -> str:
    """The kitchens a person may look at, their own first."""
    someone = guard.person()
    query = request.args.get("q", "")
    names = web.kitchen_names()
    own = {code: name for code, name in names.items() if code in someone.kitchens}
    others = {
        code: name
        for code, name in names.items()
        if code not in own and someone.may("menus.grid", code) and fold(query) in fold(f"{name} {code}")
    }
    return render_template("kitchens/choose.html", own=own, others=others, query=query)


@blueprint.get("/donnees/effectifs", endpoint="diners")
def show_diners() -> str:
    """Every site a person may look at, with its diners per day."""
    query = request.args.get("q", "")
    weeks = [
        week
        for week in diners.all_weeks(web.db())
        if guard.may("kitchens.diners", week.site.kitchen)
        and fold(query) in fold(f"{week.site.name} {week.site.code}")
    ]
    return render_template("kitchens/diners.html", weeks=weeks, query=query, days=diners.DAYS)


@blueprint.route("/donnees/effectifs/<site>", methods=["GET", "POST"])
def diners_edit(site: str) -> str | Response | tuple[str, int]:
    """The usual week of one site."""
    shown = diners.site_week(web.db(), site)
    guard.require("kitchens.diners_edit", shown.site.kitchen)
    form = diners_form(shown)
    if form.validate_on_submit():
        typed = typed_week(form, shown)
        if request.form.get("shown") != shown.mark:
            return _conflict(shown, typed), CONFLICT
        _save(shown, typed)
        return web.see_other(url_for("kitchens.diners"), f"Effectifs de « {shown.site.name} » enregistrés.")
    return render_template(
        "kitchens/site.html", shown=shown, form=form, days=diners.DAYS, classes=CLASS_WORDS
    )


def _save(shown: diners.SiteWeek, typed: diners.Week) -> None:
    changed = diners.changed_days(shown.week, typed)
    if changed:
        diners.save(web.db(), shown.site.code, changed)
        journal.record(
            web.db(),
            user_id=guard.person().id,
            kitchen=shown.site.kitchen,
            subject="effectif",
            key=shown.site.code,
            before=diners.in_words({day: shown.week.get(day, {}) for day in changed}),
            after=diners.in_words(changed),
            now=web.now(),
        )
    drafts.forget(web.db(), guard.person().id, request.path)
    web.db().commit()


def _conflict(shown: diners.SiteWeek, typed: diners.Week) -> str:
    theirs, mine = diners.in_words(shown.week), diners.in_words(typed)
    return render_template(
        "tables/conflict.html",
        name=shown.site.name,
        back=url_for("kitchens.diners_edit", site=shown.site.code),
        last=journal.latest(web.db(), "effectif", shown.site.code),
        rows=[(day, theirs.get(day), mine[day]) for day in mine if theirs.get(day) != mine[day]],
        mine=request.form,
        shown=shown.mark,
    )
