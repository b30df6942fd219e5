"""Numbers, money and dates as French people write them: comma, no-break spaces, « 1er », « 14 h 12 »."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from cantine.clock import on_the_wall

LOCALE = "fr_FR"
NBSP = "\u00a0"
DASH = "–"
NARROW = "\u202f"  # Babel's thousands separator, absent from B612
KG = 1000

Number = int | float | Decimal


def number(value: Number | None, decimals: int | None = None) -> str:
    """« 1 234,5 »; with ``decimals``, that many digits after the comma."""
    if value is None:
        return DASH
    pattern = "#,##0.###" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=LOCALE).replace(NARROW, NBSP)


def euros(value: Number | None, decimals: int = 2) -> str:
    """Euros: « 2,05 € »."""
    return DASH if value is None else f"{number(value, decimals)}{NBSP}€"


def cents(value: Number | None) -> str:
    """Cents shown as euros: 205 → « 2,05 € »."""
    return DASH if value is None else euros(Decimal(str(value)) / 100)


def kg(grams: Number | None) -> str:
    """Grams shown as a cook weighs: « 850 g », « 12,5 kg », « 1 240 kg »."""
    if grams is None:
        return DASH
    weight = Decimal(str(grams)) / KG
    if abs(weight) < 1:
        return f"{number(grams, 0)}{NBSP}g"
    whole = abs(weight) >= 100 or weight == weight.to_integral_value()  # noqa: PLR2004 -- 100 kg: no decimal
    return f"{number(weight, 0 if whole else 1)}{NBSP}kg"


def percent(fraction: Number | None, decimals: int = 0) -> str:
    """A fraction as a percentage: 0.38 → « 38 % »."""
    return DASH if fraction is None else f"{number(Decimal(str(fraction)) * 100, decimals)}{NBSP}%"


def permille(value: Number | None) -> str:
    """Thousandths as a percentage: 55 → « 5,5 % »."""
    return DASH if value is None else f"{number(Decimal(str(value)) / 10)}{NBSP}%"


def day(value: date | None, *, year: bool = False) -> str:
    """« mardi 5 janvier », « vendredi 1er janvier », with the year if asked."""
    return _date(value, "EEEE d MMMM" + (" y" if year else ""))


def short_day(value: date | None) -> str:
    """« mar. 5 janv. »."""
    return _date(value, "EEE d MMM")


def of_month(value: date) -> str:
    """« de janvier », « d'avril »."""
    name = _date(value, "LLLL")
    return f"d'{name}" if name[0] in "ao" else f"de {name}"


def full_date(value: date | None) -> str:
    """« 5 janvier 2027 »."""
    return _date(value, "d MMMM y")


def moment(value: datetime | None) -> str:
    """A stored moment (UTC) on the wall clock: « mardi 5 janvier à 14 h 12 »."""
    if value is None:
        return DASH
    local = on_the_wall(value)
    return f"{day(local.date())} à {local.hour}{NBSP}h{NBSP}{local.minute:02d}"


def plural(count: Number, singular: str, several: str | None = None) -> str:
    """« 1 plat », « 2 plats », « 0 plat »; ``several`` for irregular plurals."""
    word = singular if -2 < count < 2 else several or f"{singular}s"  # noqa: PLR2004 -- French plural starts at 2
    return f"{number(count)}{NBSP}{word}"


def of_place(name: str) -> str:
    """A place after « de »: « du collège Jean Monnet », « de l'école des Salines », « de Cuisine X »."""
    first, _, rest = name.partition(" ")
    before = {"Collège": "du collège", "Lycée": "du lycée", "École": "de l'école"}.get(first)
    return f"{before} {rest}" if before else f"de {name}"


def fold(text: str) -> str:
    """Lower case without accents, to search and sort as people do."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold()


def _date(value: date | None, pattern: str) -> str:
    if value is None:
        return DASH
    if value.day == 1:
        pattern = (
            pattern.replace(" d ", " d'er' ") if " d " in pattern else pattern.replace("d ", "d'er' ", 1)
        )
    return format_date(value, format=pattern, locale=LOCALE)


FILTERS = {
    function.__name__: function
    for function in (
        number,
        euros,
        cents,
        kg,
        percent,
        permille,
        day,
        short_day,
        of_month,
        full_date,
        moment,
        plural,
        of_place,
    )
}
