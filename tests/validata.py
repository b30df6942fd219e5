"""The State's own checker of open data files, run in its own environment (see ``.setup.sh``)."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-validata" / "bin" / "python"
ASK = """
import json, sys, warnings
warnings.simplefilter("ignore")
from validata_core import validate
reports = [validate(*pair) for pair in json.load(sys.stdin)]
print(json.dumps([[e["message"] for t in r["tasks"] for e in t["errors"]] + [str(e) for e in r["errors"]]
                  for r in reports]))
"""


def validata_faults(pairs: Sequence[tuple[Path, Path]]) -> list[list[str]]:
    """What it finds in each file under its schema; its exit code is 0 whatever it finds."""
    asked = json.dumps([[str(file), str(schema)] for file, schema in pairs])
    done = subprocess.run([str(PYTHON), "-c", ASK], input=asked, capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found
