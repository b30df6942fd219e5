"""The proposal beside the grid: how far the search is, what it would change, what it proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, select

from cantine.french import cents, percent, plural
from cantine.planning.board import Board
from cantine.planning.chart import Staircase, staircase
from cantine.planning.compare import Served, served_in_place
from cantine.planning.concede import given_up
from cantine.planning.kept import kept_words
from cantine.planning.models import Profile, Run
from cantine.planning.prices import PRICING, costs_of
from cantine.planning.runs import OPEN_STATES, findings_of, progress_of
from optim.plan import Result, Way
from optim.rule_costs import RuleCost

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
    priced: str = ""
    """Which meals each column counts, and at which prices."""
    kept: str = ""
    """The later meals whose menus stay, in words."""
    ways: tuple[Way, ...] = ()
    """What could be given up, where nothing fits."""
    given_up: tuple[str, ...] = ()
    """What the chief gave up for this proposal."""
    costs: tuple[RuleCost, ...] | None = None
    """What each rule costs, once known."""
    pricing: bool = False
    """Whether the search is over and rules are being priced."""

    @property
    def failed(self) -> bool:
        """Whether the search ended without a plan."""
        return not self.searching and not self.has_plan

    @property
    def explaining(self) -> bool:
        """Whether the time is up without a plan: a few seconds more to say why."""
        return self.searching and not self.has_plan and self.seconds >= self.time_limit

    @property
    def number(self) -> int:
        """Number of the run."""
        return self.run.id or 0


def pending(run: Run | None) -> bool:
    """Whether a run still concerns the chief: searching, or waiting for a decision."""
    return run is not None and run.state != "annule" and not run.decision


def run_panel(session: Session, run: Run, board: Board | None) -> RunPanel:
    """Read a run for its panel; both columns speak of the meals asked, the rules of the board's block."""
    told = progress_of(run)
    now, then = _both(session, run, board, told)
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
        rows=_rows(told, now, then, board),
        priced=_priced(now, then),
        kept=kept_words([date.fromisoformat(day) for day in told["kept"]]) if told.get("kept") else "",
        chart=staircase(told.get("history") or [], meals, run.time_limit),
        saving_cents=max(0.0, saving) if saving is not None else None,
        proven=saving is not None and saving < SAME,
        conflicts=result.conflicts if result else (),
        has_plan=bool(result and result.plan) or (searching and best is not None),
        ways=result.ways if result else (),
        given_up=given_up(run),
        costs=costs_of(findings_of(run)),
        pricing=searching and bool(told.get(PRICING)),
    )


def _both(
    session: Session, run: Run, board: Board | None, told: dict[str, Any]
) -> tuple[Served | None, Served | None]:
    """The meals asked, as they are in place and as they are proposed."""
    if "asked" not in told or board is None:
        return None, None
    days = [date.fromisoformat(day) for day in told["days"]]
    return served_in_place(session, run.kitchen, days, board.days.today), Served(**told["asked"])


def _priced(now: Served | None, then: Served | None) -> str:
    if then is None:
        return ""
    proposed = f"Proposé\u00a0: {plural(then.services, 'repas', 'repas')}, ses propres achats."
    place = f"En place\u00a0: {plural(now.services, 'repas', 'repas')}, {now.priced}. " if now else ""
    return f"{place}{proposed} Denrées servies ces jours-là, hors frais de livraison."


def _rows(
    told: dict[str, Any], now: Served | None, then: Served | None, board: Board | None
) -> tuple[Row, ...]:
    if then is None or then.per_meal is None:
        return ()
    rows = [
        _money("Denrées par repas, HT", now.per_meal if now else None, then.per_meal),
        _share("Durable et de qualité", now.share("egalim") if now else None, then.share("egalim")),
        _share("Local", now.share("local") if now else None, then.share("local")),
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
    """A change with its sign; the minus is the true one, and what rounds to nothing has none."""
    told = any(digit in text for digit in "123456789")
    return f"{'−' if value < 0 else '+'}{text}" if told else text


def profiles(session: Session) -> Sequence[Profile]:
    """Profiles to choose from, the balanced one first."""
    return sorted(session.exec(select(Profile)), key=lambda p: (p.code != "equilibre", p.name))
