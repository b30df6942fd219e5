"""Theme meals: a day asks for a theme by naming it in its note, as a chief writes it on the wall."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from cantine.french import fold
from cantine.recipes.models import Recipe


def load_themes(session: Session) -> tuple[str, ...]:
    """Themes that some recipe has, in the order of the alphabet."""
    statement = select(Recipe.theme).where(col(Recipe.theme) != "").distinct()
    return tuple(sorted(session.exec(statement), key=fold))


def theme_named(note: str, themes: Iterable[str]) -> str:
    """The theme that a note names, the longest where several fit; empty: a plain meal.

    Accents and capitals do not matter: « repas d'epiphanie » asks for Épiphanie.
    """
    text = fold(note)
    named = (theme for theme in themes if fold(theme) in text)
    return max(named, key=len, default="")
