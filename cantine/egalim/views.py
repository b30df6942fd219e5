"""The balance: shares of the year beside the law, and the purchases they are counted from."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.asked import day_in, this_day, whole_in
from cantine.egalim import balance, ledger_list, mend
from cantine.egalim.balance import load_balance
from cantine.egalim.ledger_list import LABEL_FILTERS, SORTS, Wanted, list_purchases
from cantine.egalim.scope import Scope, scope_of
from cantine.egalim.words import CATEGORIES, FAMILIES, SOURCE_OF_ONE
from cantine.errors import CantineError
from cantine.french import plural
from cantine.kitchens.settings import load_settings

blueprint = Blueprint("egalim", __name__)
YEARS = range(2000, 2100)


@blueprint.get("/bilan")
def home() -> Response:
    """The balance of the kitchen in hand, else of one of the person's, else of the département."""
    someone = guard.person()
    for kitchen in (guard.current_kitchen(), *sorted(someone.kitchens)):
        if kitchen and kitchen in web.kitchen_names() and someone.may("egalim.summary", kitchen):
            return redirect(scope_of(kitchen).url("summary"), 303)
    everywhere = someone.may("egalim.summary_all")
    return redirect(scope_of("").url("summary") if everywhere else url_for("kitchens.choose"), 303)


@blueprint.get("/cuisines/<kitchen>/bilan", endpoint="summary")
@blueprint.get("/departement/bilan", endpoint="summary_all")
def summary(kitchen: str = "") -> str:
    """Shares of a year with their distance to the law, families by label, where figures come from."""
    scope, year = scope_of(kitchen), asked_year(kitchen)
    return render_template(
        "egalim/summary.html",
        scope=scope,
        read=load_balance(web.db(), year, last_shown(year), scope.kitchens),
        years=balance.years_known(web.db(), kitchen, this_day()),
        settings=load_settings(web.db()),
    )


@blueprint.get("/cuisines/<kitchen>/bilan/achats", endpoint="purchases")
@blueprint.get("/departement/bilan/achats", endpoint="purchases_all")
def purchases(kitchen: str = "") -> str:
    """The lines behind the figures, a page at a time."""
    scope, year = scope_of(kitchen), asked_year(kitchen)
    wanted = Wanted(
        first=day_in(request.args, "du", date(year, 1, 1)),
        last=day_in(request.args, "au", date(year, 12, 31)),
        kitchen=kitchen,
        query=request.args.get("q", "").strip(),
        family=request.args.get("famille", ""),
        label=request.args.get("label", ""),
        source=request.args.get("source", ""),
        sort=request.args.get("tri", ledger_list.NEWEST),
        page=whole_in(request.args, "page", 1),
    )
    return render_template(
        "egalim/purchases.html",
        scope=scope,
        year=year,
        wanted=wanted,
        listed=list_purchases(web.db(), wanted),
        years=balance.years_known(web.db(), kitchen, this_day()),
        kitchens=web.kitchen_names(),
        families={code: name for code, name in FAMILIES.items() if code},
        names=FAMILIES,
        categories=CATEGORIES,
        labels=LABEL_FILTERS,
        sources=SOURCE_OF_ONE,
        sorts=tuple(SORTS),
        address=_address(scope),
    )


@blueprint.get("/cuisines/<kitchen>/bilan/achats/<int:purchase_id>")
def purchase(kitchen: str, purchase_id: int) -> str:
    """One purchase, to look at or to complete."""
    row = mend.get_purchase(web.db(), kitchen, purchase_id)
    return _purchase_page(kitchen, purchase_id, alike=mend.count_alike(web.db(), row))


@blueprint.post("/cuisines/<kitchen>/bilan/achats/<int:purchase_id>")
def mend_purchase(kitchen: str, purchase_id: int) -> Response | tuple[str, int]:
    """Complete a purchase; what is wrong is told above the form."""
    row = mend.get_purchase(web.db(), kitchen, purchase_id, lock=True)
    form = request.form
    try:
        said = mend.Correction(
            description=" ".join(form.get("designation", "").split()),
            family=form.get("famille", ""),
            labels=tuple(form.getlist("label")),
            origin_country=form.get("origine", ""),
            short_chain=bool(form.get("circuit_court")),
            local_definition=form.get("local", ""),
            local_km=whole_in(form, "km") if form.get("km", "").strip() else None,
            alike=bool(form.get("tous")),
        )
        count = mend.mend(web.db(), row, said, form.get("vu", ""), guard.person().id, web.now())
    except CantineError as error:
        web.db().rollback()
        alike = mend.count_alike(web.db(), mend.get_purchase(web.db(), kitchen, purchase_id))
        return _purchase_page(kitchen, purchase_id, alike=alike, fault=error.message), error.status
    web.db().commit()
    target = web.safe_next(form.get("retour")) or scope_of(kitchen).url("purchases")
    told = plural(count, "achat complété", "achats complétés") if count else "Rien n'a changé"
    return web.see_other(target, f"{told}.")


def _purchase_page(kitchen: str, number: int, *, alike: int, fault: str = "") -> str:
    row = mend.get_purchase(web.db(), kitchen, number)
    definitions = {
        code: word for code, word in mend.DEFINITIONS.items() if code != mend.HERE or row.local_km is not None
    }
    return render_template(
        "egalim/purchase.html",
        scope=scope_of(kitchen),
        row=row,
        fault=fault,
        mark=mend.mark_of(row),
        definition=mend.definition_of(row),
        definitions=definitions,
        origins=mend.ORIGINS,
        families={code: name for code, name in FAMILIES.items() if code},
        categories=CATEGORIES,
        source=SOURCE_OF_ONE[row.source],
        alike=alike,
        back=web.safe_next(request.values.get("retour")) or "",
    )


def asked_year(kitchen: str) -> int:
    """The year of the address, else the one to show."""
    year = whole_in(request.args, "annee", balance.year_shown(web.db(), kitchen, this_day()))
    if year not in YEARS:
        raise CantineError(f"{year} n'est pas une année. Exemple : 2026.")
    return year


def last_shown(year: int) -> date:
    """The last day of a year, or today within it."""
    end, day = date(year, 12, 31), this_day()
    return min(end, day) if day.year == year else end


def _address(scope: Scope) -> object:
    """A function of the template: the same list with other values."""

    def address(**changes: object) -> str:
        return scope.url("purchases", **(request.args.to_dict() | changes))

    return address
