"""The proposal beside the grid: how far the search is, what it would change, what it proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from cantine.french import cents, percent, plural
from cantine.planning.board import Board
from cantine.planning.chart import Staircase, staircase
from cantine.planning.models import Profile, Run
from cantine.planning.runs import OPEN_STATES, progress_of
from optim.plan import Result

SAME = 0.005
POINT = 0.01


@dataclass(frozen=True)
class Row:
    """One line « aujourd'hui, proposé »: words, never colour alone."""

    name: str
    today: str
    proposed: str
    change: str
    better: bool | None


@dataclass(frozen=True)
class RunPanel:
    """What the panel shows of a run."""

    run: Run
    profile: str
    searching: bool
    stopping: bool
    seconds: int
    time_limit: int
    proposals: int
    rows: tuple[Row, ...]
    chart: Staircase | None
    saving_cents: float | None
    proven: bool
    conflicts: tuple[str, ...]
    has_plan: bool

    @property
    def failed(self) -> bool:
        """Whether the search ended without a plan."""
        return not self.searching and not self.has_plan

    @property
    def number(self) -> int:
        """Number of the run."""
        return self.run.id or 0


def pending(run: Run | None) -> bool:
    """Whether a run still concerns the chief: searching, or waiting for a decision."""
    return run is not None and run.state != "annule" and not run.decision


def run_panel(session: Session, run: Run, board: Board | None) -> RunPanel:
    """Read a run for its panel; « aujourd'hui » is the board's own menus."""
    told = progress_of(run)
    result = Result.model_validate_json(run.result) if run.result and run.state == "fini" else None
    searching = run.state in OPEN_STATES
    profile = session.get(Profile, run.profile)
    meals = told.get("meals") or 0
    best, floor = told.get("objective_cents"), told.get("bound_cents")
    saving = (best - floor) / meals if meals and best is not None and floor is not None else None
    return RunPanel(
        run=run,
        profile=profile.name if profile else run.profile,
        searching=searching,
        stopping=searching and run.cancel,
        seconds=round(told.get("seconds") or 0),
        time_limit=run.time_limit,
        proposals=told.get("proposals") or 0,
        rows=_rows(told, board),
        chart=staircase(told.get("history") or [], meals, run.time_limit),
        saving_cents=max(0.0, saving) if saving is not None else None,
        proven=saving is not None and saving < SAME,
        conflicts=result.conflicts if result else (),
        has_plan=bool(result and result.plan) or (searching and best is not None),
    )


def _rows(told: dict[str, Any], board: Board | None) -> tuple[Row, ...]:
    if told.get("cost_cents_per_meal") is None:
        return ()
    now = board.total if board and board.planned else None
    cost = now.ht_per_portion if now else None
    rows = [
        _money("Denrées par repas, HT", cost, told["cost_cents_per_meal"]),
        _share("Durable et de qualité", now.share("egalim") if now else None, told.get("share_egalim")),
        _share("Local", now.share("local") if now else None, told.get("share_local")),
    ]
    if told.get("rules_total"):
        rows.append(_rules(board, told["rules_kept"], told["rules_total"]))
    return tuple(row for row in rows if row is not None)


def _money(name: str, before: float | None, after: float) -> Row:
    change = None if before is None else after - before
    words = "" if change is None else signed(cents(abs(change)), change)
    return Row(name, cents(before), cents(after), words, None if change is None else change <= 0)


def _share(name: str, before: float | None, after: float | None) -> Row | None:
    if after is None:
        return None
    change = None if before is None else after - before
    points = "" if change is None else signed(plural(round(abs(change) * 100), "pt"), change)
    return Row(
        name, percent(before), percent(after), points, None if change is None else change >= -POINT / 2
    )


def _rules(board: Board | None, kept: int, total: int) -> Row:
    own = board.reading if board and board.planned else None
    before = f"{own.kept}/{len(own.counters)}" if own and own.counters else "–"
    return Row(
        "Règles tenues",
        before,
        f"{kept}/{total}",
        "toutes" if kept == total else plural(total - kept, "rompue"),
        kept == total,
    )


def signed(text: str, value: float) -> str:
    """A change with its sign; the minus is the true one."""
    return f"{'−' if value < 0 else '+'}{text}"


def profiles(session: Session) -> Sequence[Profile]:
    """Profiles to choose from, the balanced one first."""
    return sorted(session.exec(select(Profile)), key=lambda p: (p.code != "equilibre", p.name))
