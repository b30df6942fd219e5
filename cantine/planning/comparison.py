"""The comparison with menus made first: as a run keeps it, and as a page or a paper says it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from cantine.french import NBSP, cents, number, percent
from cantine.planning import runs
from cantine.planning.models import Run
from optim.compare import STEPS, Comparison
from optim.figures import Figures
from optim.sequential import Patience

KIND = "comparaison"
TIME_LIMIT = 180
"""Seconds at most, said before the comparison starts."""
FIRST_PART = 0.25
"""Of the time, for the menus made first."""
EACH_PART = (1 - FIRST_PART) / (STEPS - 1)
"""Of the time, for each plan chosen together."""
SMALL = 0.05
"""Less than this, of a point or of a cent, is no gain."""
COLUMNS = ("Menus d'abord", "Ensemble, à coût égal", "Ensemble, à parts égales")
NOTE = (
    "Les trois plans tiennent les mêmes règles, le même crédit nourriture et les mêmes plats gardés. "
    "Menus d'abord : les plats sont choisis au prix moyen de chaque aliment, puis chaque ligne est achetée "
    "au moins cher. Parts en valeur HT des achats. Ce sont des calculs : rien n'est mis en place."
)
NOTHING = "Aucun plan valable n'a été trouvé en faisant les menus d'abord : il n'y a rien à comparer."


def patience(time_limit: float) -> Patience:
    """The time that menus made first may take."""
    whole = FIRST_PART * time_limit
    return Patience(menus=whole / 4, purchases=whole / 10, whole=whole / 2)


def findings_of(found: Comparison | None) -> dict[str, Any]:
    """As a run keeps it; menus first may have no plan."""
    plans = (found.in_turn, found.same_cost, found.same_shares) if found else (None, None, None)
    told = [None if figures is None else figures.model_dump(mode="json") for figures in plans]
    return {"plans": told}


def comparison_of(run: Run) -> Comparison | None:
    """What a run found; None where menus first gave no plan, or nothing was found yet."""
    plans = runs.findings_of(run).get("plans") or [None]
    read = [None if told is None else Figures.model_validate(told) for told in plans]
    return Comparison(read[0], read[1], read[2]) if read[0] is not None else None


def last_finished(session: Session, kitchen: str) -> Run | None:
    """The last comparison of a kitchen that came to its end."""
    asked = select(Run).where(Run.kitchen == kitchen, Run.kind == KIND, Run.state == "fini")
    return session.exec(asked.order_by(col(Run.id).desc())).first()


@dataclass(frozen=True)
class Row:
    """One figure of the three plans, in words."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A comparison in words: three columns, and what choosing together wins."""

    rows: tuple[Row, ...]
    gains: tuple[str, ...]
    first: date
    last: date
    services: int
    meals: int
    interrupted: bool
    columns: tuple[str, ...] = COLUMNS


def read(run: Run) -> Reading | None:
    """The comparison of a finished run; None where there is nothing to compare."""
    found, told = comparison_of(run), runs.progress_of(run)
    if found is None:
        return None
    days = [date.fromisoformat(day) for day in sorted((*told["days"], *told["kept"]))]
    return Reading(
        rows=rows_of(found),
        gains=gains_of(found),
        first=days[0],
        last=days[-1],
        services=len(days),
        meals=found.in_turn.meals,
        interrupted=run.cancel,
    )


FIGURES: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("Coût par repas, TTC", lambda f: cents(round(f.cost_ttc_cents_per_meal, 1))),
    ("Produits locaux", lambda f: percent(f.share_local, 1)),
    ("Durables et de qualité (EGAlim)", lambda f: percent(f.share_egalim, 1)),
    ("Dont bio", lambda f: percent(f.share_bio, 1)),
    ("Climat, par repas", lambda f: f"{number(f.co2e_kg_per_meal, 2)}{NBSP}kg CO2e"),
)
"""Name of each figure, and how it is said."""


def rows_of(found: Comparison) -> tuple[Row, ...]:
    """The table; a plan that was not found is a dash."""
    plans = found.in_turn, found.same_cost, found.same_shares
    return tuple(
        Row(name, tuple("–" if plan is None else say(plan) for plan in plans)) for name, say in FIGURES
    )


def gains_of(found: Comparison) -> tuple[str, ...]:
    """What is won for no more money, then for no lower shares; said as well when nothing is."""
    return _points_won(found), _cents_saved(found)


def _points_won(found: Comparison) -> str:
    points = found.points
    if points is None:
        return "À coût égal, aucun plan choisi ensemble n'a été trouvé dans le temps donné."
    words = [
        f"{_signed(value)} {'point' if abs(value) < 2 else 'points'} {name}"  # noqa: PLR2004 -- French plural
        for value, name in zip(points, ("de local", "de durable et de qualité"), strict=True)
    ]
    told = f"{words[0]} et {words[1]}"
    if sum(points) < SMALL:
        return f"À coût égal, pas de gain trouvé sur les parts ({told})."
    return f"Sans dépenser plus : {told}."


def _cents_saved(found: Comparison) -> str:
    saved = found.saved_cents
    if saved is None:
        return "À parts égales, aucun plan choisi ensemble n'a été trouvé dans le temps donné."
    if saved < SMALL:
        return "À parts égales, pas d'économie trouvée."
    return f"Sans baisser aucune des deux parts : {number(saved, 1)} c de moins par repas, TTC."


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{number(abs(value), 1)}"
