"""From rows to a plan and back: the question built, the folder written, the command line."""

import csv
import json
import shutil
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine import cli
from cantine.errors import CantineError, NotFoundError
from cantine.foods.models import Food
from cantine.kitchens.headcount import load_calendar
from cantine.kitchens.models import Kitchen
from cantine.menus.models import Ban, Dish, Service
from cantine.planning.build import build_instance
from cantine.planning.convert import food_of
from cantine.planning.folder import check_folder
from cantine.suppliers.market import reachable_offers
from cantine.suppliers.models import MarketLot, Offer
from tests.cantine.plans import first_found

DAY = date(2027, 1, 4)


def test_every_kitchen_of_the_seeds_is_a_question(seeds_engine: Engine) -> None:
    """The whole path from rows to a consistent instance holds for all kitchens, with a whole block behind."""
    with Session(seeds_engine) as session:
        codes = session.exec(select(Kitchen.code)).all()
        for code in codes[::12]:
            instance = build_instance(session, code, DAY, 20, "equilibre", DAY)
            assert len(instance.horizon) == 20
            assert len(instance.services) == 40
            assert len(instance.offers) >= 500
            assert len({d.date for d in instance.history}) == 20


def test_closed_days_are_skipped(seeds_engine: Engine) -> None:
    """No service during the holidays; deliveries only when somebody is there to receive them."""
    with Session(seeds_engine) as session:
        instance = build_instance(session, "ARRAS-MITTERRAND", date(2027, 2, 15), 8, "equilibre", DAY)
        calendar = load_calendar(session)
    dates = [s.date for s in instance.horizon]
    assert dates[3:5] == [date(2027, 2, 19), date(2027, 3, 8)]
    assert not calendar.receives(date(2027, 2, 24))
    assert calendar.receives(date(2027, 3, 5))
    assert all(calendar.receives(d) for s in instance.suppliers for d in s.delivery_dates)


def test_kept_dishes_bans_and_excluded_days(marais_engine: Engine) -> None:
    """What the chief decided goes into the question."""
    with Session(marais_engine) as session:
        first = build_instance(session, "PORT-BRUME", DAY, 4, "equilibre", DAY).horizon
        recipe = session.exec(select(Dish.recipe).where(Dish.slot == "plat")).first() or ""
        session.add(Service(kitchen="PORT-BRUME", date=first[0].date, college=400))
        session.add(Service(kitchen="PORT-BRUME", date=first[1].date, status="exclu", note="grève"))
        session.flush()
        session.add(
            Dish(kitchen="PORT-BRUME", date=first[0].date, slot="plat", choice=1, recipe=recipe, locked=True)
        )
        session.add(Ban(kitchen="PORT-BRUME", date=first[2].date, recipe=recipe))
        session.flush()
        instance = build_instance(session, "PORT-BRUME", DAY, 4, "equilibre", DAY)
    assert first[1].date not in {s.date for s in instance.horizon}
    assert [(d.date, d.recipe) for d in instance.locks] == [(first[0].date, recipe)]
    assert (first[2].date, recipe) in instance.bans
    assert instance.horizon[0].meals == 400


def test_an_exclusive_lot_leaves_no_choice(seeds_engine: Engine) -> None:
    """A food under an exclusive lot is bought from its holder, and its « local » weighs nothing."""
    with Session(seeds_engine) as session:
        kitchen = session.get_one(Kitchen, "ARRAS-MITTERRAND")
        found = reachable_offers(session, kitchen, DAY, date(2027, 1, 29), 80)
        exclusive = set(session.exec(select(MarketLot.code).where(MarketLot.frame == "exclusif")))
        held = {r.offer.food for r in found if r.offer.lot in exclusive}
        everywhere = {o.food for o in session.exec(select(Offer).where(Offer.lot == None))}  # noqa: E711
    assert held & everywhere
    assert all(not r.local_counts for r in found if r.offer.food in held)


def test_unknown_names_are_said_kindly(marais_engine: Engine) -> None:
    """A kitchen or profile that does not exist is named, with those that do."""
    with Session(marais_engine) as session:
        with pytest.raises(NotFoundError, match="PORT"):
            build_instance(session, "PORT", DAY, 4, "equilibre", DAY)
        with pytest.raises(NotFoundError, match="equilibre"):
            build_instance(session, "PORT-BRUME", DAY, 4, "luxe", DAY)
        with pytest.raises(CantineError, match="Aucun service"):
            build_instance(session, "PORT-BRUME", date(2029, 1, 1), 4, "equilibre", DAY)


@pytest.fixture
def home_of(monkeypatch: pytest.MonkeyPatch, home: Path, marais_engine: Engine) -> Path:
    """The command line on the invented département."""
    marais_engine.dispose()
    monkeypatch.setenv("CANTINE_HOME", str(home))
    monkeypatch.delenv("CANTINE_DATABASE_URL", raising=False)
    return home


def plan(out: Path, *more: str) -> int:
    """Run ``cantine plan`` for eight services from a Wednesday, when no kitchen of the Marais serves."""
    asked = ["--kitchen", "PORT-BRUME", "--from", "2027-01-06", "--services", "8", "--time-limit", "12"]
    return cli.main(["plan", *asked, "--out", str(out), *more])


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, marais_database: Path) -> tuple[Path, str]:
    """The folder of a plan made once from the command line, and what the command said."""
    home, told = tmp_path_factory.mktemp("var"), StringIO()
    shutil.copy(marais_database, home / "cantine.db")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told):
        patch.setenv("CANTINE_HOME", str(home))
        patch.delenv("CANTINE_DATABASE_URL", raising=False)
        assert plan(home / "plan") == 0
    return home / "plan", told.getvalue()


def test_an_invented_departement_plans_from_the_command_line(planned: tuple[Path, str]) -> None:
    """Another département's package gives lawful menus and orders; the folder is checked and complete."""
    out, told = planned
    assert "le plan part du jeudi 7 janvier 2027" in told
    assert "économie encore possible" in told
    assert check_folder(out) == []
    assert cli.main(["check", str(out)]) == 0
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    wanted = {
        "status", "objective_cents", "bound_cents", "gap", "seconds", "first_solution_seconds", "seed",
        "profile", "meals", "cost_cents_per_meal", "share_local", "share_egalim", "share_bio",
        "co2e_kg_per_meal", "surplus_cents", "objective_parts", "rules",
    }  # fmt: skip
    assert wanted <= result.keys()
    assert result["bound_cents"] <= result["objective_cents"] + 1
    assert all(rule["kept"] for rule in result["rules"])
    with (out / "purchases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    spent = sum(float(row["price_ht"]) for row in rows)
    assert spent * 100 == pytest.approx(result["purchases_cents"], abs=1)
    local = sum(float(row["price_ht"]) for row in rows if row["local"] == "true")
    assert local / spent == pytest.approx(result["share_local"], abs=1e-6)


def test_a_changed_folder_is_found_out(planned: tuple[Path, str], tmp_path: Path) -> None:
    """A pack more in the CSV, a figure changed in the JSON: the check names both files."""
    out = Path(shutil.copytree(planned[0], tmp_path / "plan"))
    purchases = out / "purchases.csv"
    lines = purchases.read_text(encoding="utf-8").splitlines()
    purchases.write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    told = json.loads((out / "result.json").read_text(encoding="utf-8"))
    told["share_bio"] = told["share_bio"] + 0.01
    (out / "result.json").write_text(json.dumps(told), encoding="utf-8")
    faults = check_folder(out)
    assert any("purchases.csv" in fault for fault in faults)
    assert any("share_bio" in fault for fault in faults)
    assert cli.main(["check", str(out)]) == 1


def test_an_impossible_budget_says_why(
    home_of: Path, marais_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """With thirty cents a meal nothing fits: exit 3, and a French sentence names the budget."""
    with Session(marais_engine) as session:
        kitchen = session.get_one(Kitchen, "PORT-BRUME")
        kitchen.budget_ttc_cents = 30
        session.add(kitchen)
        session.commit()
    marais_engine.dispose()
    assert plan(home_of / "plan") == 3
    assert "par repas" in capsys.readouterr().out


def test_nothing_to_plan_is_no_valid_plan(home_of: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beyond the calendar, in summer: exit 3 with the reason, and no folder; an unknown kitchen is exit 2."""
    out = home_of / "plan"
    for day in ("2029-01-01", "2027-07-20"):
        assert plan(out, "--from", day) == 3
        assert "Aucun service à planifier" in capsys.readouterr().out
    assert not out.exists()
    assert plan(out, "--kitchen", "PORT") == 2


@pytest.mark.parametrize("code", ["ARRAS-BODEL", "LIEVIN-DARRAS"])
def test_hard_kitchens_of_the_seeds_get_a_valid_plan(seeds_engine: Engine, code: str) -> None:
    """A kitchen with choices and a central one with primary pupils: valid, and the bound holds."""
    with Session(seeds_engine) as session:
        instance = build_instance(session, code, DAY, 20, "equilibre", DAY)
    result = first_found(instance, bounded=True)
    assert result.bound_cents is not None
    assert result.objective_cents is not None
    assert 0 < result.bound_cents <= result.objective_cents


@pytest.mark.parametrize(
    ("code", "fresh_fish", "raw_milk"),
    [("lieu_noir", True, False), ("lieu_noir_surg", False, False), ("maroilles_cru", False, True)],
)
def test_what_hygiene_asks_is_in_the_question(
    seeds_engine: Engine, code: str, fresh_fish: bool, raw_milk: bool
) -> None:
    """Fresh fish (never on Mondays) and raw milk (never before five) are told; frozen is neither."""
    with Session(seeds_engine) as session:
        found = food_of(session.get_one(Food, code))
    assert (found.fresh_fish, found.raw_milk) == (fresh_fish, raw_milk)
