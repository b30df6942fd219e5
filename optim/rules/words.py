"""French words shared by the messages of the rules."""

from datetime import date

from optim.terms import Slot

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

SLOTS = {
    Slot.ENTREE: "entrée",
    Slot.PLAT: "plat",
    Slot.GARNITURE: "garniture",
    Slot.LAITIER: "produit laitier",
    Slot.DESSERT: "dessert",
}


def day_name(day: date) -> str:
    """The day as a cook says it: "lundi 05/01"."""
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m}"


def dated(name: str, day: date) -> str:
    """A dish and its day inside a sentence: "carottes râpées du mardi 5 janvier"."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{name[:1].lower()}{name[1:]} du {WEEKDAYS[day.weekday()]} {number} {MONTHS[day.month - 1]}"


def kilos(grams: int) -> str:
    """Grams as kilograms with a French comma."""
    return f"{grams / 1000:.1f} kg".replace(".", ",")


def euros(cents: float) -> str:
    """Cents as euros with a French comma."""
    return f"{cents / 100:.2f} €".replace(".", ",")


def plural(count: int, word: str) -> str:
    """A count and its noun: "2 plats"."""
    return f"{count} {word}{'s' if count > 1 else ''}"


def sentence(text: str) -> str:
    """The text with its first letter in capital, the rest untouched."""
    return text[:1].upper() + text[1:]
