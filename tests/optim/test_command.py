"""``python -m optim``: a question in a file, an answer as JSON, no database."""

import json
import subprocess
import sys
from pathlib import Path

from optim.check import violations
from optim.generate import Budget, Shape, generate
from optim.plan import Result

TINY = Shape(services=4, meals=200, dishes=110, foods=60, suppliers=12, offers=120, stock_lots=3)


def run(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "optim", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_a_question_is_solved_without_a_database(tmp_path: Path) -> None:
    """Exit 0, and a plan that the checker accepts."""
    question = generate(TINY, 1)
    path = tmp_path / "instance.json"
    path.write_text(question.model_dump_json(), encoding="utf-8")
    done = run(path, "--time-limit", "6")
    assert done.returncode == 0, done.stderr
    answer = Result.model_validate(json.loads(done.stdout))
    assert answer.plan is not None
    assert not violations(question, answer.plan)


def test_an_impossible_question_says_so(tmp_path: Path) -> None:
    """Exit 3, with what stands in the way."""
    path = tmp_path / "instance.json"
    shape = Shape(**{**TINY.__dict__, "budget": Budget.IMPOSSIBLE})
    path.write_text(generate(shape, 1).model_dump_json(), encoding="utf-8")
    done = run(path, "--time-limit", "6")
    assert done.returncode == 3
    assert json.loads(done.stdout)["conflicts"]


def test_nonsense_is_refused_in_french(tmp_path: Path) -> None:
    """Exit 2 on a file that is no question, with every reason, before any search."""
    path = tmp_path / "instance.json"
    path.write_text("{}", encoding="utf-8")
    assert run(path).returncode == 2
    question = json.loads(generate(TINY, 1).model_dump_json())
    question["offers"][0]["valid_to"] = "2020-01-01"
    question["suppliers"].append(question["suppliers"][0])
    path.write_text(json.dumps(question), encoding="utf-8")
    done = run(path)
    assert done.returncode == 2
    assert "cette question n'a pas de sens" in done.stderr
    assert "avant de commencer" in done.stderr
    assert "est en double" in done.stderr
    assert "Value error" not in done.stderr


def test_a_fixed_amount_of_work_gives_the_same_answer(tmp_path: Path) -> None:
    """Twice the same file, seed and ``--deterministic``, in two processes: the same plan to the last gram."""
    path = tmp_path / "instance.json"
    path.write_text(generate(TINY, 1).model_dump_json(), encoding="utf-8")
    done = [run(path, "--deterministic", "--seed", "4") for _ in range(2)]
    one, two = (Result.model_validate_json(process.stdout) for process in done)
    assert one.plan is not None
    assert (one.plan, one.objective_cents) == (two.plan, two.objective_cents)
