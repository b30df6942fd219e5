"""What stands around every page: navigation, the kitchen in hand, the banner of a demonstration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from sqlmodel import Session, select

from cantine import web
from cantine.accounts import guard
from cantine.egalim.law import LAW
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import Settings, load_settings


@dataclass(frozen=True)
class Entry:
    """A word of the navigation.

    Attributes:
        endpoint: page it opens.
        here: starts of the endpoints where it is the current one.
        per_kitchen: the page belongs to a kitchen.
        phone: kept among the tabs of a phone.
    """

    endpoint: str
    word: str
    icon: str
    here: tuple[str, ...]
    per_kitchen: bool = True
    phone: bool = False


CHOOSING = "kitchens.choose"
"""The page before any entry: no word of the navigation is the current one."""

ORDERS = (
    *(
        "planning.purchases",
        "planning.engagement",
        "planning.need",
        "planning.order",
        "sending.",
        "invoices.",
        "marches.",
    ),
    *("orders.follow", "orders.answers", "orders.announcement", "orders.order"),
)
"""What a kitchen orders; several kitchens' orders put together are the département's page."""

NAVIGATION = (
    Entry(
        "departement.overview",
        "Département",
        "chart",
        ("departement.", "orders.group"),
        per_kitchen=False,
        phone=True,
    ),
    Entry("semaine.week", "Ma semaine", "week", ("semaine.",), phone=True),
    Entry(
        "menus.grid",
        "Menus",
        "menus",
        ("menus.", "planning.propose", "planning.profiles", "publishing."),
        phone=True,
    ),
    Entry(
        "planning.purchases",
        "Commandes",
        "orders",
        ORDERS,
        phone=True,
    ),
    Entry(
        "stores.deliveries",
        "Réceptions",
        "delivery",
        ("stores.deliveries", "stores.reception", "stores.line", "stores.trace"),
        phone=True,
    ),
    Entry(
        "stores.stock", "Stock", "bag", ("stores.stock", "stores.issues", "stores.inventor", "stores.moves")
    ),
    Entry("recipes.recipes", "Fiches recette", "recipe", ("recipes.",), per_kitchen=False),
    Entry(
        "tables.hub",
        "Données",
        "stock",
        ("tables.", "kitchens.", "foods.", "suppliers."),
        per_kitchen=False,
        phone=True,
    ),
    Entry("egalim.home", "Bilan", "bag", ("egalim.",), per_kitchen=False),
    Entry(
        "accounts.users", "Utilisateurs", "people", ("accounts.user", "accounts.new_user"), per_kitchen=False
    ),
)


def init_shell(app: Flask) -> None:
    """Give every template the navigation, the kitchen and the settings."""
    app.extensions["kitchen_names"] = kitchen_names
    app.context_processor(_context)
    app.jinja_env.globals.update(may=guard.may, law=LAW)


def kitchen_names(session: Session) -> Mapping[str, str]:
    """Code and name of every kitchen."""
    return dict(session.exec(select(Kitchen.code, Kitchen.name).order_by(Kitchen.name)).all())


def settings() -> Settings:
    """The choices of the département, read once per request."""
    if "settings" not in g:
        g.settings = load_settings(web.db())
    return g.settings  # type: ignore[no-any-return]


def navigation(kitchen: str | None) -> Sequence[tuple[Entry, str, bool]]:
    """Entries the person may open now: (entry, address, current)."""
    here = request.endpoint or ""
    found = []
    for entry in NAVIGATION:
        if entry.endpoint not in current_app.view_functions or (entry.per_kitchen and kitchen is None):
            continue
        place = kitchen if entry.per_kitchen else None
        if guard.may(entry.endpoint, place):
            url = url_for(entry.endpoint, kitchen=place) if place else url_for(entry.endpoint)
            found.append((entry, url, here.startswith(entry.here) and here != CHOOSING))
    return found


def _context() -> dict[str, object]:
    if "session" not in g or g.get("crashed"):
        return {
            "navigation": [],
            "kitchen": None,
            "kitchen_name": None,
            "demonstration": False,
            "idle_minutes": 30,
        }
    kitchen = guard.current_kitchen()
    return {
        "navigation": navigation(kitchen),
        "current_kitchen": kitchen,
        "kitchen_name": web.kitchen_names().get(kitchen) if kitchen and guard.person_or_none() else None,
        "demonstration": settings().demonstration,
        "idle_minutes": web.config().idle_minutes,
    }
