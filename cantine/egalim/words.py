"""Words of the balance: where a figure comes from, families and categories as people read them."""

from optim.terms import FamilleProduits as F

SOURCES = {
    "facture": "facturés",
    "reception": "réceptionnés",
    "saisie": "saisis",
    "import": "importés",
    "generation": "inventés pour la démonstration",
}
"""Purchases by source, the surest first."""
DECLARED = {"source": "facturés", "declare": "déclarés", "estime": "estimés"}
"""Totals of the time before the system, by how far they are known."""
SOURCE_OF_ONE = {
    "facture": "facturé",
    "reception": "réceptionné",
    "saisie": "saisi",
    "import": "importé",
    "generation": "inventé",
}
FAMILIES = {
    F.VIANDES_VOLAILLES.value: "Viandes et volailles",
    F.PRODUITS_DE_LA_MER.value: "Poissons et produits de la mer",
    F.CHARCUTERIE.value: "Charcuterie",
    F.FRUITS_ET_LEGUMES.value: "Fruits et légumes",
    F.PRODUITS_LAITIERS.value: "Lait, fromages, beurre, œufs",
    F.BOULANGERIE.value: "Pain et pâtisserie",
    F.BOISSONS.value: "Boissons",
    F.AUTRES.value: "Épicerie et autres",
    "": "Famille à compléter",
}
"""Families, in the order of the paper: those of the meat and fish share first."""
CATEGORIES = {
    "BIO": "Bio",
    "LABEL_ROUGE": "Label Rouge",
    "AOCAOP": "AOC, AOP",
    "IGP": "IGP",
    "STG": "STG",
    "HVE": "HVE",
    "CE2": "Niveau 2",
    "PECHE_DURABLE": "Pêche durable",
    "RUP": "RUP",
    "COMMERCE_EQUITABLE": "Équitable",
    "FERMIER": "Fermier",
    "EXTERNALITES": "Externalités",
    "PERFORMANCE": "Performance",
}
"""Categories, in counting order."""
RUBRICS = {
    "valeur_totale": "Total des achats alimentaires",
    "valeur_bio": "Bio",
    "valeur_bio_dont_commerce_equitable": "dont bio et commerce équitable",
    "valeur_siqo": "Signes de qualité (Label Rouge, AOC, AOP, IGP, STG), hors bio",
    "valeur_externalites_performance": "Externalités et performance environnementales",
    "valeur_egalim_autres": "Autres achats EGAlim (HVE, pêche durable, RUP, équitable, fermier)",
    "valeur_egalim_autres_dont_commerce_equitable": "dont commerce équitable, hors bio",
    "valeur_viandes_volailles": "Viandes et volailles",
    "valeur_viandes_volailles_egalim": "dont EGAlim",
    "valeur_viandes_volailles_france": "dont origine France",
    "valeur_produits_de_la_mer": "Poissons et produits de la mer",
    "valeur_produits_de_la_mer_egalim": "dont EGAlim",
    "valeur_produits_de_la_mer_france": "dont origine France",
    "valeur_fruits_et_legumes_france": "Fruits et légumes, origine France",
    "valeur_charcuterie_france": "Charcuterie, origine France",
    "valeur_produits_laitiers_france": "Lait, fromages, beurre, œufs, origine France",
    "valeur_boulangerie_france": "Pain et pâtisserie, origine France",
    "valeur_boissons_france": "Boissons, origine France",
    "valeur_autres_france": "Épicerie et autres, origine France",
}
"""Amounts of the yearly declaration, in the order of its file."""
