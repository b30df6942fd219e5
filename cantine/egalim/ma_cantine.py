"""One line of ma cantine's file of purchases: its twelve cells, and everything that may be wrong with them.

The same checks serve the file we write and the one we read: what the schema of the platform says (read from
``schemas/achats_siret.json``, unchanged), then what it does not say and the platform refuses.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from cantine import words
from cantine.egalim.law import CATEGORIES, ONLY_WITH
from cantine.egalim.places import siret_fault
from cantine.french import full_date

SCHEMAS = Path(__file__).parent / "schemas"
COLUMNS = (
    "siret",
    "description",
    "fournisseur",
    "date",
    "prix_ht",
    "famille_produits",
    "categories_egalim",
    "origine",
    "est_circuit_court",
    "est_local",
    "definition_local",
    "definition_local_km",
)
LARGEST_FILE = 10 * 1024 * 1024
"""Bytes that the platform takes at once."""
YES = "OUI"
ORIGINS = ("FRANCE", "EUROPE")
KM = "KM"
EARLIEST = date(2000, 1, 1)
"""Older purchases are a typing mistake."""
DEAREST = Decimal(10_000_000)
"""Euros of one line beyond which a price is a typing mistake."""
PRICE = re.compile(r"-?([0-9]+[.]?[0-9]*|[.][0-9]+)")
FARTHEST = 20_000
"""Kilometres: half-way round the Earth."""

Cells = Mapping[str, str]
Fault = tuple[str, str]
"""Column and reason in French."""


@cache
def schema(name: str = "achats_siret") -> Mapping[str, Mapping[str, object]]:
    """Fields of a schema of the platform, by name."""
    fields = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))["fields"]
    return {field["name"]: field for field in fields}


def written_labels(labels: Collection[str], day: date) -> str:
    """The categories of a purchase as the file has them: those that count that day, in counting order."""
    found = [one.written for one in CATEGORIES if one.code in labels and one.counts(day)]
    return ",".join(dict.fromkeys(found))


def line_faults(cells: Cells, today: date) -> list[Fault]:
    """Everything that the platform would refuse in a line, SIRET unknown to it apart."""
    siret = siret_fault(cells["siret"])
    return [
        *([("siret", siret)] if siret else []),
        *_text_faults(cells),
        *_date_faults(cells["date"], today),
        *_price_faults(cells["prix_ht"]),
        *shape_faults(cells),
    ]


def shape_faults(cells: Cells) -> list[Fault]:
    """The part that depends on the kind of product only: the same for many lines."""
    return [*_pattern_faults(cells), *_pair_faults(cells), *_local_faults(cells)]


def _text_faults(cells: Cells) -> Iterator[Fault]:
    if not cells["description"].strip():
        yield "description", "la désignation manque"


def _date_faults(text: str, today: date) -> Iterator[Fault]:
    if not text:
        yield "date", "la date manque"
        return
    try:
        day = date.fromisoformat(text)
    except ValueError:
        yield "date", f"« {text[:20]} » n'est pas une date ; exemple : 2026-03-31"
        return
    if day > today:
        yield "date", f"le {full_date(day)} n'est pas encore passé"
    elif day < EARLIEST:
        yield "date", f"le {full_date(day)} est trop ancien ; vérifiez l'année"


def _price_faults(text: str) -> Iterator[Fault]:
    if not text:
        yield "prix_ht", "le prix manque"
        return
    price = Decimal(text) if PRICE.fullmatch(text) else None
    if price is None:
        yield "prix_ht", f"« {text[:20]} » n'est pas un prix ; exemple : 1234.99"
    elif price >= DEAREST:
        yield "prix_ht", f"« {text[:20]} » est trop grand pour une ligne d'achat"
    elif price < 0:
        yield "prix_ht", "un prix négatif n'est pas accepté par ma cantine"


def _pattern_faults(cells: Cells) -> Iterator[Fault]:
    """The patterns of the schema."""
    for name, field in schema().items():
        constraints = field["constraints"]
        assert isinstance(constraints, dict)  # noqa: S101 -- the file is ours, and this tells mypy
        pattern = constraints.get("pattern")
        if pattern is None:
            continue
        text = cells[name]
        if not text:
            if constraints["required"]:
                yield name, "la famille de produits manque"
        elif not re.fullmatch(pattern, text):
            choices = ", ".join(str(one) for one in field["doc_enum"])  # type: ignore[attr-defined]
            yield name, f"« {text[:60]} » n'existe pas ; au choix : {choices}"
    for name in ("est_circuit_court", "est_local"):
        if cells[name] not in {"", YES, "oui", "x"}:
            yield name, f"« {cells[name][:20]} » : écrivez OUI, ou rien"


def _pair_faults(cells: Cells) -> Iterator[Fault]:
    """Labels that a family cannot have, spaces and repeats."""
    text = cells["categories_egalim"]
    if re.search(r"\s", text):
        yield "categories_egalim", "pas d'espace entre les catégories : « BIO,IGP »"
    family = cells["famille_produits"].strip()
    for label in (one.strip() for one in text.split(",")):
        if family and label in ONLY_WITH and family not in ONLY_WITH[label]:
            yield (
                "categories_egalim",
                f"{words.word(label)} ne va pas avec la famille « {words.word(family)} »",
            )


def _local_faults(cells: Cells) -> Iterator[Fault]:
    definition, km = cells["definition_local"].strip(), cells["definition_local_km"].strip()
    if definition and not cells["est_local"]:
        yield "definition_local", "une définition de local ne va qu'avec un produit local"
    if km and definition != KM:
        yield "definition_local_km", "une distance ne va qu'avec la définition KM"
    if km and not re.fullmatch("[0-9]{1,9}", km):
        yield "definition_local_km", f"« {km[:20]} » n'est pas un nombre entier de kilomètres"
    elif km and int(km) > FARTHEST:
        yield "definition_local_km", f"{km} km : vérifiez la distance"
