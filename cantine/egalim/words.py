"""Words of the balance: where a figure comes from, families and categories as people read them."""

SOURCES = {
    "facture": "facturés",
    "reception": "réceptionnés",
    "saisie": "saisis",
    "import": "importés",
    "generation": "inventés pour la démonstration",
}
"""Purchases by source, the surest first."""
