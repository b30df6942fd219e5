"""Glossary: the terms of the law and of the field, each with its source. French stays French."""

from enum import StrEnum


class Niveau(StrEnum):
    """Diner classes of the grammage tables (arrêté du 30 septembre 2011, annexe II)."""

    MATERNELLE = "maternelle"
    ELEMENTAIRE = "elementaire"
    COLLEGE = "college"
    ADULTE = "adulte"


class Slot(StrEnum):
    """Components of a meal (arrêté du 30 septembre 2011, art. 1), in the order of service."""

    ENTREE = "entree"
    PLAT = "plat"
    GARNITURE = "garniture"
    LAITIER = "laitier"
    DESSERT = "dessert"


class FamilleProduits(StrEnum):
    """Families of products, spelled as ma cantine spells them (schema achats_siret)."""

    VIANDES_VOLAILLES = "VIANDES_VOLAILLES"
    CHARCUTERIE = "CHARCUTERIE"
    PRODUITS_DE_LA_MER = "PRODUITS_DE_LA_MER"
    FRUITS_ET_LEGUMES = "FRUITS_ET_LEGUMES"
    PRODUITS_LAITIERS = "PRODUITS_LAITIERS"
    BOULANGERIE = "BOULANGERIE"
    BOISSONS = "BOISSONS"
    AUTRES = "AUTRES"


MEAT_FISH = frozenset({FamilleProduits.VIANDES_VOLAILLES, FamilleProduits.PRODUITS_DE_LA_MER})
"""The family whose 60 % are counted together (CRPM L230-5-1); charcuterie stays outside."""


class Label(StrEnum):
    """Categories that count for EGAlim (CRPM L230-5-1, R230-30-1 to -4), in counting order."""

    BIO = "BIO"
    LABEL_ROUGE = "LABEL_ROUGE"
    AOCAOP = "AOCAOP"
    IGP = "IGP"
    STG = "STG"
    HVE = "HVE"
    PECHE_DURABLE = "PECHE_DURABLE"
    RUP = "RUP"
    COMMERCE_EQUITABLE = "COMMERCE_EQUITABLE"
    FERMIER = "FERMIER"
    EXTERNALITES = "EXTERNALITES"
    PERFORMANCE = "PERFORMANCE"


class Critere(StrEnum):
    """The 15 frequency criteria (arrêté du 30 septembre 2011, annexe I)."""

    F01 = "F01"
    F02 = "F02"
    F03 = "F03"
    F04 = "F04"
    F05 = "F05"
    F06 = "F06"
    F07 = "F07"
    F08 = "F08"
    F09 = "F09"
    F10 = "F10"
    F11 = "F11"
    F12 = "F12"
    F13 = "F13"
    F14 = "F14"
    F15 = "F15"


class Vegetarien(StrEnum):
    """Kinds of vegetarian dish (CNRC, guide du menu végétarien 2020); AUTRE: not a main dish."""

    CEREALE_LEGUMINEUSE = "cereale_legumineuse"
    OEUF = "oeuf"
    FROMAGE = "fromage"
    SOJA = "soja"
    TRANSFORME = "transforme"
    AUTRE = "autre"


class Allergene(StrEnum):
    """The 14 allergens of regulation (EU) 1169/2011, annexe II, in the order of its list."""

    GLUTEN = "gluten"
    CRUSTACES = "crustaces"
    OEUFS = "oeufs"
    POISSON = "poisson"
    ARACHIDES = "arachides"
    SOJA = "soja"
    LAIT = "lait"
    FRUITS_A_COQUE = "fruits_a_coque"
    CELERI = "celeri"
    MOUTARDE = "moutarde"
    SESAME = "sesame"
    SULFITES = "sulfites"
    LUPIN = "lupin"
    MOLLUSQUES = "mollusques"
