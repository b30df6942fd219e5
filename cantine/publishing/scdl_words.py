"""Facts of the SCDL schemas of 28/09/2023, menus-collectifs 1.2.3 and plats 0.7.2: columns, lists."""

from optim.terms import Allergene, Label, Slot

MENU_COLUMNS = (
    "menuCollNom",
    "menuCollSiret",
    "menuEtablissementNom",
    "menuEtablissementSiret",
    "menuRestaurantNom",
    "menuRestaurantInsee",
    "menuRestaurantId",
    "menuRestaurantIdType",
    "menuRestaurantType",
    "menuRestaurantConvive",
    "menuDate",
    "menuRepasType",
    "menuPlatType",
    "menuPlatNom",
    "menuPlatCode",
    "menuPlatSiqo",
    "menuPlatLabel",
    "menuPlatPrecision",
    "menuPlatRegime",
    "menuPlatAllergene",
    "menuPlatTexture",
    "menuPlatNutriscore",
    "menuPlatPrix",
    "menuPublicationDate",
    "menuModificationDate",
    "menuModificationInfo",
)

PLAT_COLUMNS = (
    "platCollNom",
    "platCollSiret",
    "platEtablissementNom",
    "platEtablissementSiret",
    "platCode",
    "platNom",
    "platProduitNom",
    "platProduitFournisseurNom",
    "platProduitFournisseurSiret",
    "platProduitFournisseurInsee",
    "platProduitSiqo",
    "platProduitLabel",
    "platProduitDescription",
    "platProduitOGM",
    "platProduitIonisation",
    "platProduitAdditif",
    "platProduitAllergene",
    "platProduitNutriment",
    "platPublicationDate",
    "platModificationDate",
    "platModificationInfo",
)


COURSES = {
    Slot.ENTREE.value: "entrée",
    Slot.PLAT.value: "plat principal",
    Slot.GARNITURE.value: "garniture",
    Slot.LAITIER.value: "produit laitier",
    Slot.DESSERT.value: "dessert",
}

SIQO = {
    Label.BIO: "agriculture biologique",
    Label.AOCAOP: "appellation d'origine protégée",
    Label.IGP: "indication géographique protégée",
    Label.STG: "spécialité traditionnelle garantie",
    Label.LABEL_ROUGE: "label rouge",
}
"""Official signs of quality and origin; AOC and AOP are one label in ma cantine."""

OTHER_LABELS = {
    Label.HVE: "haute valeur environnementale",
    Label.PECHE_DURABLE: "pêche durable",
    Label.FERMIER: "fermier",
    Label.COMMERCE_EQUITABLE: "commerce équitable",
}

VEGETARIAN = "végétarien"
WITHOUT_PORK = "sans porc "  # the space is in the schema's own list
TO_CONFIRM = "allergènes à confirmer : présence possible indiquée"
CHANGED = "menu changé après son annonce"

ALLERGEN_WORDS = {
    Allergene.GLUTEN: "céréales contenant du gluten",
    Allergene.CRUSTACES: "crustacés",
    Allergene.OEUFS: "oeufs",
    Allergene.POISSON: "poissons",
    Allergene.ARACHIDES: "arachides",
    Allergene.SOJA: "soja",
    Allergene.LAIT: "lait",
    Allergene.FRUITS_A_COQUE: "fruits à coques",
    Allergene.CELERI: "céleri",
    Allergene.MOUTARDE: "moutarde",
    Allergene.SESAME: "graines de sésame",
    Allergene.SULFITES: "anhydride sulfureux et sulfites",
    Allergene.LUPIN: "lupin",
    Allergene.MOLLUSQUES: "mollusques",
}
