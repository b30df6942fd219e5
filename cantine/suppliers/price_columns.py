"""Which column of a supplier's file holds what: fields, their usual headings, the guess and what is missing.

Headings are those of French price lists, of our own export and of Open Food Network (``producer, sku, name,
display_name, units, unit_type, variant_unit_name, price, on_hand, available_on``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cantine.suppliers.price_words import words_of


@dataclass(frozen=True)
class ListField:
    """What a column may hold.

    Attributes:
        name: of the field.
        title: for people.
        headings: patterns of its usual headings, most telling first, on folded words.
    """

    name: str
    title: str
    headings: tuple[str, ...]


FIELDS = (
    ListField(
        "reference",
        "Référence",
        (
            r"sku",
            r"(code|reference|ref)( (article|produit|fournisseur|interne))?",
            r"code.*",
            r"ref .*",
            r"article",
        ),
    ),
    ListField(
        "name",
        "Désignation",
        (
            r"(designation|libelle|denomination)( .*)?",
            r"(nom )?(du )?produits?",
            r"name",
            r"intitule.*",
            r"description",
            r"denrees?",
            r"articles?",
        ),
    ),
    ListField(
        "detail", "Précision ajoutée à la désignation", (r"display name", r"variete", r"precisions?.*")
    ),
    ListField(
        "pack",
        "Conditionnement",
        (
            r"(conditionnement|condt?|colisage|emballage|packaging|colis|uvc)( .*)?",
            r"unite de vente",
            r"units",
        ),
    ),
    ListField(
        "pack_kg",
        "Poids du colis, kg",
        (r"poids( net)?( du| d un| par)? ?(colis|carton|conditionnement|kg)?( .*)?",),
    ),
    ListField("pack_unit", "Unité du conditionnement", (r"unit type", r"variant unit name")),
    ListField(
        "price",
        "Prix",
        (
            r"prix (du |au |par |le )?(colis|carton)( .*)?",
            r"(prix|pu|tarif)( unitaire)?( (net|remise))?( ht)?( (en )?(euros?|eur))?",
            r"price",
            r"(prix|pu|p u|tarif).*",
            r"montant.*",
        ),
    ),
    ListField(
        "price_unit",
        "Unité du prix",
        (
            r"unites?( (de |du )?(prix|facturation|tarif|tarification|vente))?",
            r"(uf|ut|u f)",
            r"prix (a|au) la?",
        ),
    ),
    ListField("vat", "TVA, %", (r"(taux )?(de )?(la )?tva( .*)?",)),
    ListField(
        "labels", "Labels", (r"(labels?|signes?|siqo|qualite|egalim|certifications?|mentions?)( .*)?",)
    ),
    ListField("origin", "Origine", (r"(origines?|provenance|pays)( .*)?",)),
    ListField(
        "valid_from",
        "Valable du",
        (r"(valable|valide) (du|des|a partir).*", r"debut.*", r"date (de )?debut.*", r"available on"),
    ),
    ListField("valid_to", "Valable jusqu'au", (r"((valable|valide) )?(jusqu au|au)", r"(date (de )?)?fin.*")),
    ListField(
        "weekly",
        "Colis disponibles par semaine",
        (r"on hand", r"(volumes?|colis) (disponibles?|annonces?|par semaine).*"),
    ),
    ListField("producer", "Producteur", (r"producer", r"producteurs?", r"fournisseurs?")),
)
BY_NAME: Mapping[str, ListField] = {field.name: field for field in FIELDS}
NEEDED = ("name", "price")
"""Without them there is no list; a reference may stand for the name."""

Columns = Mapping[str, str]
"""Heading by field."""


def guess_columns(headings: tuple[str, ...]) -> dict[str, str]:
    """The most likely heading of each field; a heading serves one field, the one it tells best."""
    folded = {heading: words_of(heading) for heading in headings if heading}
    scored = sorted(
        (rank, place, field.name, heading)
        for place, field in enumerate(FIELDS)
        for heading, words in folded.items()
        for rank, pattern in enumerate(field.headings)
        if re.fullmatch(pattern, words)
    )
    found: dict[str, str] = {}
    for _, _, name, heading in scored:
        if name not in found and heading not in found.values():
            found[name] = heading
    return found


def fits(columns: Columns, headings: tuple[str, ...]) -> bool:
    """Whether a mapping kept from another list can read a file with these headings."""
    return bool(columns) and set(columns.values()) <= set(headings) and not missing(columns)


def missing(columns: Columns) -> list[str]:
    """Titles of the fields that a list cannot do without."""
    absent = [
        name for name in NEEDED if name not in columns and not (name == "name" and "reference" in columns)
    ]
    return [BY_NAME[name].title for name in absent]


def heading_unit(heading: str) -> str:
    """What the heading of the prices says they are for: « Prix au kg HT » is per kilogram."""
    words = words_of(heading)
    if re.search(r"\b(kg|kilo|kilos)\b", words):
        return "kg"
    if re.search(r"\b(piece|unite|unitaire piece)\b", words):
        return "piece"
    return "colis" if re.search(r"\b(colis|carton|conditionnement|uvc)\b", words) else ""


def heading_tax(heading: str) -> str:
    """« ttc » or « ht » where the heading of the prices says it."""
    words = words_of(heading).split()
    return "ttc" if "ttc" in words else "ht" if "ht" in words else ""
