"""What a cell of a supplier's price list says in terms of the law: VAT, labels, origins, dates.

Each function answers None where the text says nothing of the kind, as in ``price_words``.
"""

import re
from collections.abc import Collection
from datetime import date

from cantine.french import fold
from cantine.suppliers.price_words import read_number
from optim.terms import Label

VAT_PERMILLE = (0, 21, 55, 100, 200)
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?$")
_FRENCH = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$")
_DAY = r"\d{1,2}[/.-]\d{1,2}"
_PERIOD = re.compile(rf"\bdu\s+({_DAY}(?:[/.-]\d{{2,4}})?)\s+(?:au|jusqu'au|-)\s+({_DAY}[/.-]\d{{2,4}})")


def read_vat(text: str) -> int | None:
    """« 5,5 % », « 5.5 », « 0,055 », « 20 » as thousandths; only the rates of food and drink."""
    number = read_number(text.replace("%", "").strip())
    if number is None:
        return None
    permille = number * (1000 if "%" not in text and 0 < number < 1 else 10)
    return int(permille) if permille in VAT_PERMILLE else None


FILLERS = re.compile(
    r"\b(de|du|la|le|et|en|viande|bovine|porcine|ovine|volaille|origine|certifie|label|ce2)\b"
)
LABEL_WORDS: tuple[tuple[str, Label | None], ...] = (
    (r"\b(agriculture biologique|bio(logique)?|ab|organic)\b", Label.BIO),
    (r"\b(label rouge|lr)\b", Label.LABEL_ROUGE),
    (r"\b(aoc ?[/,] ?aop|aop|aoc|aocaop)\b", Label.AOCAOP),
    (r"\bigp\b", Label.IGP),
    (r"\bstg\b", Label.STG),
    (r"\b(hve( ?3)?|haute valeur environnementale)\b", Label.HVE),
    (r"\b(peche durable|peche_durable|msc|ecolabel peche)\b", Label.PECHE_DURABLE),
    (r"\b(rup|regions? ultraperipheriques?)\b", Label.RUP),
    (r"\b(commerce[ _]equitable|equitable|fairtrade|max havelaar)\b", Label.COMMERCE_EQUITABLE),
    (r"\bfermi(er|ere)s?\b", Label.FERMIER),
    (r"\b(externalites|couts pour l'environnement comptes)\b", Label.EXTERNALITES),
    (r"\bperformances?( environnementales?)?\b", Label.PERFORMANCE),
    (
        r"\b(conventionnel(le)?|standard|locale?|france|francaise?|vbf|vpf|sans ogm|aucun|non|neant|sans)\b",
        None,
    ),
)


def read_labels(text: str) -> tuple[Label, ...] | None:
    """Labels named in a cell, in the order of the law; empty: none; None: words that are no label."""
    plain = " ".join(fold(text).split())
    found = set()
    for pattern, label in LABEL_WORDS:
        plain, count = re.subn(pattern, " ", plain)
        if count and label:
            found.add(label)
    if re.search(
        r"[a-z0-9]{2,}",
        re.sub(
            r"\b(de|du|la|le|et|en|viande|bovine|porcine|ovine|volaille|origine|certifie|label|ce2)\b",
            " ",
            plain,
        ),
    ):
        return None
    return tuple(label for label in Label if label in found)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FRANCE = _words(
    "france fr francais francaise local locale auvergne-rhone-alpes bourgogne-franche-comte bretagne "
    "centre-val-de-loire corse grand-est hauts-de-france ile-de-france normandie nouvelle-aquitaine "
    "occitanie pays-de-la-loire provence-alpes-cote-d'azur alsace lorraine picardie bourgogne provence "
    "aquitaine guadeloupe martinique guyane reunion mayotte"
)
EUROPE = _words(
    "allemagne autriche belgique bulgarie chypre croatie danemark espagne estonie finlande grece hongrie "
    "irlande italie lettonie lituanie luxembourg malte pologne portugal roumanie slovaquie slovenie suede "
    "tchequie ue europe union-europeenne es it be de pl pt nl dk ie pays-bas hollande"
)
WORLD = _words(
    "maroc tunisie algerie egypte turquie israel kenya ethiopie afrique-du-sud cote-d'ivoire cameroun "
    "senegal ghana madagascar equateur perou chili bresil argentine uruguay colombie costa-rica "
    "mexique republique-dominicaine etats-unis usa canada chine inde thailande vietnam japon indonesie "
    "australie nouvelle-zelande royaume-uni norvege islande suisse ukraine russie monde hors-ue "
    "hors-europe asie pacifique atlantique"
)


def read_origin(text: str, places: Collection[str] = ()) -> str | None:
    """« France », « ES », « Maroc », « Bretagne » as FRANCE, EUROPE or MONDE; None: not known.

    Several origins in one cell are worth the farthest: nothing is promised nearer than it may be.

    Args:
        text: the cell.
        places: communes and départements known to the département, as ``place_word`` writes them.
    """
    parts = [part for part in re.split(r"[/,;+]| ou | et ", fold(text)) if part.strip()]
    found = [_origin(place_word(part), places) for part in parts]
    if not found or None in found:
        return None
    return next(name for name in ("MONDE", "EUROPE", "FRANCE") if name in found)


def place_word(text: str) -> str:
    """A place as the lists above write it."""
    plain = re.sub(r"\(.*?\)", "", fold(text)).strip("-. ")
    return re.sub(r"\s+", "-", plain).removeprefix("origine-")


def _origin(place: str, places: Collection[str]) -> str | None:
    if re.fullmatch(r"\d{2}", place) or place in places or place in FRANCE:
        return "FRANCE"
    return "EUROPE" if place in EUROPE else "MONDE" if place in WORLD else None


def read_date(text: str) -> date | None:
    """« 2027-01-04 », « 04/01/2027 », « 4.1.27 »."""
    plain = text.strip()
    iso, french = _ISO.fullmatch(plain), _FRENCH.fullmatch(plain)
    if iso:
        year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
    elif french:
        day, month, year = int(french[1]), int(french[2]), int(french[3])
        year += 2000 if year < 100 else 0  # noqa: PLR2004 -- a year of two digits
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_period(text: str) -> tuple[date, date] | None:
    """« Tarif du 04/01 au 10/01/2027 » as two dates."""
    found = _PERIOD.search(fold(text))
    last = read_date(found[2]) if found else None
    if found is None or last is None:
        return None
    start = found[1] if len(re.split(r"[/.-]", found[1])) == 3 else f"{found[1]}/{last.year}"  # noqa: PLR2004 -- day, month, year
    first = read_date(start)
    if first and first > last and start != found[1]:
        first = first.replace(year=last.year - 1)
    return (first, last) if first and first <= last else None
