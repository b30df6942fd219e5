"""Pages of places: the choice of a kitchen."""

from flask import Blueprint, render_template, request

from cantine import web
from cantine.accounts import guard
from cantine.french import fold

blueprint = Blueprint("kitchens", __name__)


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
