"""What the tables of places look like on screen, and which kitchen each row belongs to."""

from sqlmodel import Session, select

from cantine.kitchens.models import Kitchen, Site
from cantine.table_pages import NOBODY, Owner, TablePage


def by_college(session: Session) -> Owner:
    """A collège belongs to the kitchen it houses."""
    hosts = {uai: code for uai, code in session.exec(select(Kitchen.uai, Kitchen.code)) if uai}
    return lambda row: hosts.get(row["uai"], NOBODY)


def by_code(_session: Session) -> Owner:
    """A kitchen belongs to itself."""
    return lambda row: str(row["code"])


def by_kitchen(_session: Session) -> Owner:
    """The row names its kitchen."""
    return lambda row: str(row["kitchen"])


def by_site(session: Session) -> Owner:
    """The row names a site, served by a kitchen."""
    kitchens = dict(session.exec(select(Site.code, Site.kitchen)).all())
    return lambda row: kitchens.get(row["site"], NOBODY)


COLLEGES = TablePage(
    table="colleges",
    endpoint="kitchens.colleges",
    path="/donnees/colleges",
    title="Collèges",
    one="un collège",
    about="élèves, demi-pensionnaires, boursiers",
    shown=(
        "name",
        "commune",
        "rep",
        "pupils",
        "half_boarders",
        "boursiers_e1",
        "boursiers_e2",
        "boursiers_e3",
        "boursiers",
    ),
    filters=("rep",),
    titles={
        "rep": "REP",
        "half_boarders": "Demi-pensionnaires",
        "boursiers_e1": "Boursiers, échelon 1",
        "boursiers_e2": "Échelon 2",
        "boursiers_e3": "Échelon 3",
        "boursiers": "Ensemble",
        "siret_origin": "Origine du SIRET",
        "figures_origin": "Origine des demi-pensionnaires et boursiers",
    },
    origins={
        "siret": "siret_origin",
        "pupils": "pupils_origin",
        "half_boarders": "figures_origin",
        "boursiers_e1": "figures_origin",
        "boursiers_e2": "figures_origin",
        "boursiers_e3": "figures_origin",
    },
    owners=by_college,
    secret=("boursiers_e1", "boursiers_e2", "boursiers_e3"),
    total="boursiers",
)
KITCHENS = TablePage(
    table="kitchens",
    endpoint="kitchens.kitchens",
    path="/donnees/cuisines",
    title="Cuisines",
    one="une cuisine",
    about="genre, jours de service, budget, équipe",
    shown=("name", "kind", "insee", "service_days", "budget_ttc_cents", "cooks", "annual_meals"),
    filters=("kind",),
    titles={
        "kind": "Genre",
        "insee": "Commune",
        "components": "Composantes du repas",
        "service_days": "Jours de service",
        "budget_ttc_cents": "Crédit nourriture par repas, € TTC",
        "directed_slots": "Composantes en choix dirigé",
        "fallback_recipe": "Plat de secours",
        "figures_origin": "Origine des chiffres",
    },
    origins={"annual_meals": "figures_origin", "cooks": "figures_origin", "staff_minutes": "figures_origin"},
    owners=by_code,
)
SITES = TablePage(
    table="sites",
    endpoint="kitchens.sites",
    path="/donnees/lieux-de-repas",
    title="Lieux de repas",
    one="un lieu de repas",
    about="où l'on mange, et quelle cuisine y sert",
    shown=("name", "kind", "kitchen", "insee", "liaison", "components", "pai_meals"),
    filters=("kind", "liaison"),
    titles={
        "kind": "Genre",
        "kitchen": "Cuisine",
        "insee": "Commune",
        "liaison": "Liaison",
        "pai_meals": "Paniers-repas PAI par service",
    },
    owners=by_kitchen,
    secret=("pai_meals",),
)
DINERS = TablePage(
    table="diners",
    endpoint="kitchens.diner_rows",
    path="/donnees/convives",
    title="Convives par jour et par lieu",
    one="un jour",
    about="le fichier des effectifs habituels, pour l'importer et l'exporter",
    shown=("site", "weekday", "maternelle", "elementaire", "college", "adulte"),
    filters=("weekday",),
    titles={
        "weekday": "Jour",
        "maternelle": "Maternelle",
        "elementaire": "Élémentaire",
        "college": "Collège",
        "adulte": "Adultes",
    },
    origins=dict.fromkeys(("maternelle", "elementaire", "college", "adulte"), "origin"),
    owners=by_site,
    private=True,
    listed=False,
)
CLOSURES = TablePage(
    table="closures",
    endpoint="kitchens.closures",
    path="/donnees/absences",
    title="Fermetures et absences",
    one="une absence prévue",
    about="sorties, stages, jours fermés, avec leur raison",
    shown=("site", "date", "reason", "diners"),
    filters=("site",),
    titles={"date": "Jour", "diners": "Convives présents, sans les PAI"},
    owners=by_site,
    private=True,
)
CALENDAR = TablePage(
    table="calendar",
    endpoint="kitchens.calendar",
    path="/donnees/calendrier",
    title="Jours sans classe",
    one="un jour",
    about="vacances, jours fériés et ponts",
    shown=("date", "kind", "name"),
    filters=("kind",),
    titles={"kind": "Genre"},
)
SETTINGS = TablePage(
    table="settings",
    endpoint="kitchens.settings",
    path="/donnees/reglages",
    title="Réglages du département",
    one="un réglage",
    about="objectifs, tarif, rayon « local », date de référence",
    shown=("key", "value", "note"),
    titles={"note": "Explication"},
)
TABLES = (COLLEGES, KITCHENS, SITES, DINERS, CLOSURES, CALENDAR, SETTINGS)
