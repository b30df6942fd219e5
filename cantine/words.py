"""Codes of the tables in words of the kitchen, for screens only: the data keep their codes."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # slots
    "entree": "entrée",
    "laitier": "produit laitier",
    # kitchens and sites
    "sur_place": "sur place",
    "centrale": "cuisine centrale",
    "college": "collège",
    "ecole": "école",
    "chaude": "liaison chaude",
    "froide": "liaison froide",
    "aucun": "aucun",
    # calendar
    "ferie": "jour férié",
    # foods
    "appertise": "conserve",
    "surgele": "surgelé",
    "4e": "4e gamme",
    "5e": "5e gamme",
    "froid_positif": "froid positif",
    "froid_negatif": "froid négatif",
    "epicerie": "épicerie",
    "legumerie": "légumerie",
    "legume": "légume",
    "feculent": "féculent",
    # origins
    "source": "publié",
    "estime": "estimé",
    "declare": "déclaré",
    # families, as ma cantine spells them
    "VIANDES_VOLAILLES": "viandes et volailles",
    "PRODUITS_DE_LA_MER": "produits de la mer",
    "FRUITS_ET_LEGUMES": "fruits et légumes",
    "PRODUITS_LAITIERS": "produits laitiers",
    "BOULANGERIE": "boulangerie",
    "CHARCUTERIE": "charcuterie",
    "BOISSONS": "boissons",
    "AUTRES": "autres produits",
    # origins of products
    "FRANCE": "France",
    "EUROPE": "Europe",
    "MONDE": "hors Europe",
}


def word(code: object) -> str:
    """The word for a code; codes without one lose their underscores."""
    text = str(code)
    return WORDS.get(text, text.replace("_", " "))
