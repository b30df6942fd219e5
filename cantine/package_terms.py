"""Words allowed in a data package: those of the law from ``optim.terms``, those of the field here."""

from optim.terms import Allergene, Critere, FamilleProduits, Label, Slot

MONTHS = tuple(str(month) for month in range(1, 13))
ORIGINS = ("source", "estime", "declare")
UNKNOWN_SHEET = "?"

WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("colleges", "pupils_origin"): ORIGINS,
    ("colleges", "figures_origin"): ORIGINS,
    ("kitchens", "figures_origin"): ORIGINS,
    ("sites", "origin"): ORIGINS,
    ("diners", "origin"): ORIGINS,
    ("foods", "family"): tuple(FamilleProduits),
    ("foods", "co2e_origin"): ORIGINS,
    ("foods", "edible_origin"): ORIGINS,
    ("foods", "cooked_origin"): ORIGINS,
    ("foods", "price_origin"): ORIGINS,
    ("foods", "storage"): ("legumerie", "froid_positif", "froid_negatif", "epicerie", "pain"),
    ("foods", "homogeneous_origin"): ORIGINS,
    ("homogeneous_families", "origin"): ORIGINS,
    ("recipes", "cooking"): ("cru", "cuit", "aucun"),
    ("recipes", "garnish"): ("legume", "feculent"),
    ("tag_overrides", "criterion"): tuple(Critere),
    ("market_lots", "family"): tuple(FamilleProduits),
    ("offers", "origin_country"): ("FRANCE", "EUROPE", "MONDE"),
    ("certificates", "label"): tuple(Label),
    ("certificates", "family"): tuple(FamilleProduits),
    ("price_seasons", "origin"): ORIGINS,
    ("staple_levels", "origin"): ORIGINS,
    ("year_totals", "origin"): ORIGINS,
    ("services", "moment"): ("dejeuner",),
    ("dishes", "chosen_by"): ("proposition", "chef", "historique"),
}
"""Single-valued columns whose words the tables themselves do not enumerate."""

LIST_WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("kitchens", "directed_slots"): tuple(Slot),
    ("foods", "season_months"): MONTHS,
    ("foods", "allergens"): tuple(Allergene),
    ("recipes", "published_tags"): tuple(Critere),
    ("recipes", "exempt_tags"): tuple(Critere),
    ("recipes", "months"): MONTHS,
    ("offers", "labels"): tuple(Label),
    ("offers", "allergens"): (*Allergene, UNKNOWN_SHEET),
}
"""Columns holding several codes separated by ``;``."""

TITLES: dict[str, str] = {
    "settings": "Réglages du département",
    "calendar": "Jours sans classe",
    "communes": "Communes",
    "key_figures": "Chiffres publiés",
    "colleges": "Collèges",
    "kitchens": "Cuisines",
    "sites": "Lieux de repas",
    "diners": "Convives habituels par jour de la semaine",
    "closures": "Fermetures et absences prévues",
    "homogeneous_families": "Familles homogènes des seuils d'achat",
    "foods": "Aliments",
    "recipes": "Recettes",
    "recipe_ingredients": "Ingrédients des recettes",
    "tag_overrides": "Critères corrigés par un chef",
    "suppliers": "Fournisseurs",
    "market_lots": "Lots de marché",
    "offers": "Offres des fournisseurs",
    "certificates": "Certificats des labels",
    "price_seasons": "Prix selon la saison",
    "stock_lots": "Stocks",
    "staple_levels": "Stocks des denrées de base",
    "engagements": "Numéros d'engagement",
    "services": "Services",
    "dishes": "Plats des services",
    "bans": "Recettes écartées",
    "profiles": "Profils de prix",
    "year_totals": "Achats de l'année, avant ceux que le logiciel connaît",
}
