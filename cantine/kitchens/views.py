"""Pages of places: the choice of a kitchen, the usual diners of each site."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import drafts, guard, journal, small_counts
from cantine.french import fold
from cantine.kitchens import diners
from cantine.kitchens.forms import CLASS_WORDS, diners_form, typed_week
from cantine.kitchens.models import Site

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
        (_seen(week), _pai(week.site))
        for week in diners.all_weeks(web.db())
        if guard.may("kitchens.diners", week.site.kitchen)
        and fold(query) in fold(f"{week.site.name} {week.site.code}")
    ]
    return render_template("kitchens/diners.html", weeks=weeks, query=query, days=diners.DAYS)


def _reads_pai(site: Site) -> bool:
    return small_counts.may_read(small_counts.PAI, guard.person().grants, site.kitchen)


def _seen(week: diners.SiteWeek) -> diners.SiteWeek:
    """The week as the person may see it."""
    return week if _reads_pai(week.site) else week.to_cook()


def _pai(site: Site) -> int | str:
    counts = small_counts.shown({small_counts.PAI: site.pai_meals}, guard.person().grants, site.kitchen)
    shown: int | str = counts[small_counts.PAI]
    return shown


@blueprint.route("/donnees/effectifs/<site>", methods=["GET", "POST"])
def diners_edit(site: str) -> str | Response | tuple[str, int]:
    """The usual week of one site, and its paniers-repas PAI."""
    stored = diners.site_week(web.db(), site, hold=request.method == "POST")
    guard.require("kitchens.diners_edit", stored.site.kitchen)
    shown = _seen(stored)
    form = diners_form(shown)
    if form.validate_on_submit():
        typed = typed_week(form, shown)
        pai = form.pai.data if shown.pai is not None and form.pai.data is not None else shown.pai
        if request.form.get("shown") != shown.mark:
            return _conflict(shown, typed, pai), CONFLICT
        _save(stored, typed if shown is stored else stored.declared(typed), pai)
        return web.see_other(url_for("kitchens.diners"), f"Effectifs de « {shown.site.name} » enregistrés.")
    return render_template(
        "kitchens/site.html", shown=shown, form=form, days=diners.DAYS, classes=CLASS_WORDS
    )


def _save(stored: diners.SiteWeek, typed: diners.Week, pai: int | None) -> None:
    changed, old = diners.changed_days(stored.week, typed), stored.site.pai_meals
    new = old if pai is None else pai
    if changed or new != old:
        diners.save(web.db(), stored.site, changed, new)
        journal.record(
            web.db(),
            user_id=guard.person().id,
            kitchen=stored.site.kitchen,
            subject="effectif",
            key=stored.site.code,
            before=diners.in_words({day: stored.week.get(day, {}) for day in changed}, old),
            after=diners.in_words(changed, new),
            now=web.now(),
        )
    drafts.forget(web.db(), guard.person().id, request.path)
    web.db().commit()


def _conflict(shown: diners.SiteWeek, typed: diners.Week, pai: int | None) -> str:
    theirs, mine = diners.in_words(shown.week, shown.pai), diners.in_words(typed, pai)
    return render_template(
        "tables/conflict.html",
        name=shown.site.name,
        back=url_for("kitchens.diners_edit", site=shown.site.code),
        last=journal.latest(web.db(), "effectif", shown.site.code),
        rows=[(day, theirs.get(day), mine[day]) for day in mine if theirs.get(day) != mine[day]],
        mine=request.form,
        shown=shown.mark,
    )
