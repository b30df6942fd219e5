"""What the tables of foods look like on screen."""

from cantine.table_pages import TablePage

FOODS = TablePage(
    table="foods",
    endpoint="foods.foods",
    path="/donnees/aliments",
    title="Aliments",
    one="un aliment",
    about="nutrition, CO₂e, saisons, allergènes, conservation",
    shown=(
        "name",
        "group",
        "gamme",
        "storage",
        "co2e_kg_per_kg",
        "shelf_life_days",
        "reference_price_cents_kg",
        "allergens",
    ),
    filters=("group", "gamme", "storage"),
    titles={
        "group": "Groupe",
        "gamme": "Gamme",
        "storage": "Rangement",
        "shelf_life_days": "Jours de conservation",
        "reference_price_cents_kg": "Prix indicatif, € HT par kg",
        "allergens": "Allergènes habituels",
    },
    origins={
        "co2e_kg_per_kg": "co2e_origin",
        "edible_permille": "edible_origin",
        "cooked_permille": "cooked_origin",
        "reference_price_cents_kg": "price_origin",
        "homogeneous_family": "homogeneous_origin",
    },
    below="foods/below.html",
)
FAMILIES = TablePage(
    table="homogeneous_families",
    endpoint="foods.families",
    path="/donnees/familles-homogenes",
    title="Familles homogènes",
    one="une famille homogène",
    about="les achats qui s'additionnent pour comparer au seuil de la commande publique",
    shown=("code", "name", "origin"),
    note=(
        "Chaque acheteur définit ses familles (R2121-6 CCP). Celles-ci suivent la nomenclature de 2001, "
        "abrogée en 2006 mais encore d'usage ; numéros et libellés sont à vérifier avec les acheteurs."
    ),
)
TABLES = (FOODS, FAMILIES)
