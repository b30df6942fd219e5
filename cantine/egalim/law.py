"""What the law counts and asks for, each number once with its text and its dates."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from optim.terms import FamilleProduits, Label


@dataclass(frozen=True)
class Share:
    """One share of the law, in per cent of the value HT of a calendar year.

    Attributes:
        percent: at least this much.
        source: text and article.
        valid_from: first day on which it is due.
        valid_to: last day; None while no text ends it.
    """

    percent: int
    source: str
    valid_from: date
    valid_to: date | None = None


LAW: Mapping[str, Share] = {
    "egalim": Share(50, "L230-5-1, I et R230-30-1 CRPM", date(2022, 1, 1)),
    "bio": Share(20, "L230-5-1, I et R230-30-1 CRPM", date(2022, 1, 1)),
    "meat_fish": Share(60, "L230-5-1 CRPM", date(2024, 1, 1)),
}


class Groupe(StrEnum):
    """Groups of the simplified declaration (arrêté du 14 septembre 2022): a purchase counts in one."""

    BIO = "bio"
    SIQO = "siqo"
    EGALIM_AUTRES = "egalim_autres"
    EXTERNALITES_PERFORMANCE = "externalites_performance"
    AUCUN = ""


@dataclass(frozen=True)
class Categorie:
    """One label or mention that counts, as long as the law says so.

    Attributes:
        code: as purchases hold it.
        groupe: where it counts.
        source: text and article.
        valid_to: last day of a purchase that counts; None while no text ends it.
        written: the code that ma cantine's file has for it.
    """

    code: str
    groupe: Groupe
    source: str
    written: str
    valid_to: date | None = None

    def counts(self, day: date) -> bool:
        """Whether a purchase of that day counts."""
        return self.valid_to is None or day <= self.valid_to


CE2 = "CE2"
"""Certification environnementale de niveau 2, which ma cantine's file counts with HVE."""


def _listed(label: Label, groupe: Groupe, source: str) -> Categorie:
    return Categorie(label.value, groupe, source, label.value)


CATEGORIES: tuple[Categorie, ...] = (
    _listed(Label.BIO, Groupe.BIO, "L230-5-1, I, 2° CRPM"),
    _listed(Label.LABEL_ROUGE, Groupe.SIQO, "L230-5-1, I, 3° et R230-30-3 CRPM"),
    _listed(Label.AOCAOP, Groupe.SIQO, "L230-5-1, I, 3° et R230-30-3 CRPM"),
    _listed(Label.IGP, Groupe.SIQO, "L230-5-1, I, 3° et R230-30-3 CRPM"),
    _listed(Label.STG, Groupe.SIQO, "L230-5-1, I, 3° et R230-30-3 CRPM"),
    _listed(Label.HVE, Groupe.EGALIM_AUTRES, "L230-5-1, I CRPM, R230-30-3"),
    Categorie(CE2, Groupe.EGALIM_AUTRES, "L230-5-1, I CRPM", Label.HVE.value, valid_to=date(2026, 12, 31)),
    _listed(Label.PECHE_DURABLE, Groupe.EGALIM_AUTRES, "L230-5-1, I CRPM, R230-30-3"),
    _listed(Label.RUP, Groupe.EGALIM_AUTRES, "L230-5-1, I CRPM, R230-30-3"),
    _listed(Label.COMMERCE_EQUITABLE, Groupe.EGALIM_AUTRES, "L230-5-1, I CRPM, loi n° 2005-882, article 60"),
    _listed(Label.FERMIER, Groupe.EGALIM_AUTRES, "L230-5-1, I CRPM, R230-30-3"),
    _listed(Label.EXTERNALITES, Groupe.EXTERNALITES_PERFORMANCE, "L230-5-1, I, 1° et R230-30-2 CRPM"),
    _listed(Label.PERFORMANCE, Groupe.EXTERNALITES_PERFORMANCE, "L230-5-1, I, 1° bis CRPM"),
)
"""In counting order: a purchase counts in the first it has (ma cantine, data/validators/diagnostic.py)."""

BY_CODE: Mapping[str, Categorie] = {one.code: one for one in CATEGORIES}

_F = FamilleProduits
ONLY_WITH: Mapping[str, Collection[str]] = {
    Label.LABEL_ROUGE.value: frozenset(_F) - {_F.BOISSONS},
    Label.PECHE_DURABLE.value: frozenset({_F.PRODUITS_DE_LA_MER}),
    Label.FERMIER.value: frozenset({_F.VIANDES_VOLAILLES, _F.CHARCUTERIE, _F.PRODUITS_LAITIERS}),
}
"""Families that a label goes with; others go with all (ma cantine, data/validators/diagnostic.py)."""


def categorie_of(labels: Collection[str], day: date) -> Categorie | None:
    """Where a purchase counts: the first category it has, None where it has none that counts that day."""
    return next((one for one in CATEGORIES if one.code in labels and one.counts(day)), None)


def stretches(first: date, last: date) -> Iterator[tuple[date, date]]:
    """A period cut after each last day of a category: within a piece, the law does not change."""
    for end in sorted({one.valid_to for one in CATEGORIES if one.valid_to}):
        if first <= end < last:
            yield first, end
            first = end + timedelta(days=1)
    yield first, last
