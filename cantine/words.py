"""Codes of the tables in words of the kitchen, for screens only: the data keep their codes."""

from collections.abc import Mapping

from optim.rules.frequency import FREQUENCIES

WORDS: Mapping[str, str] = {rule.critere.value: rule.title for rule in FREQUENCIES} | {
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
    # styles and main foods of recipes
    "betterave_cuite": "betterave cuite",
    "boeuf": "bœuf",
    "celeri_rave": "céleri-rave",
    "cereale_legumineuse": "céréale et légumineuse",
    "crudite": "crudité",
    "dessert_lacte": "dessert lacté",
    "galette_vegetale": "galette végétale",
    "hache": "haché",
    "hareng_fume": "hareng fumé",
    "legume_cuit": "légume cuit",
    "mache": "mâche",
    "oeuf": "œuf",
    "oeuf_dur": "œuf dur",
    "pane": "pané",
    "patisserie": "pâtisserie",
    "patisserie_salee": "pâtisserie salée",
    "salade_4e": "salade 4e gamme",
    "saucisson_ail": "saucisson à l'ail",
    "terrine_legumes": "terrine de légumes",
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
    # labels
    "BIO": "bio",
    "LABEL_ROUGE": "Label Rouge",
    "AOCAOP": "AOC, AOP",
    "IGP": "IGP",
    "STG": "STG",
    "PECHE_DURABLE": "pêche durable",
    "FERMIER": "fermier",
    "HVE": "HVE",
    "RUP": "régions ultrapériphériques",
    "COMMERCE_EQUITABLE": "commerce équitable",
    "EXTERNALITES": "coûts pour l'environnement comptés",
    "PERFORMANCE": "performances environnementales",
    # allergens
    "crustaces": "crustacés",
    "oeufs": "œufs",
    "fruits_a_coque": "fruits à coque",
    "celeri": "céleri",
    "sesame": "sésame",
    "?": "fiche du fournisseur à demander",
    # origins of products
    "FRANCE": "France",
    "EUROPE": "Europe",
    "MONDE": "hors Europe",
}


def told(code: object) -> str:
    """A code with its word beside it, where people have to type the code."""
    text, said = str(code), word(code)
    return text if said.casefold() == text.casefold() else f"{text} ({said})"


def word(code: object) -> str:
    """The word for a code; codes without one lose their underscores."""
    text = str(code)
    return WORDS.get(text, text.replace("_", " "))
