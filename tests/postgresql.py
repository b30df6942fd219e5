"""A real PostgreSQL for tests: started in a temporary folder, reached by socket, thrown away."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = (
    "PostgreSQL n'est pas installé : les essais sur un vrai PostgreSQL en ont besoin. "
    "Sous Debian : apt install postgresql (le programme ./check le fait)."
)


class PostgresMissingError(Exception):
    """The server's programs are nowhere to be found."""


def programs() -> Path:
    """Folder of initdb and pg_ctl; Debian keeps them out of the PATH.

    Raises:
        PostgresMissingError: not installed.
    """
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        raise PostgresMissingError(MISSING)
    return folders[-1].parent


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: another user is borrowed."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def server() -> Iterator[str]:
    """Start a server; give the URL of its socket, with ``{}`` for the name of the database."""
    tools, owner = programs(), _owner()
    folder = Path(tempfile.mkdtemp(prefix="cantine-pg-"))
    data = folder / "data"
    if owner:
        shutil.chown(folder, owner)
    where = {"user": owner, "cwd": folder, "stdout": subprocess.DEVNULL}
    control = [str(tools / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w"]
    create = ["-D", str(data), "-U", "cantine", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=50"
    try:
        subprocess.run([str(tools / "initdb"), *create], check=True, **where)
        # The server would keep pipes it inherits: its output goes to its own log.
        subprocess.run([*control, "-o", options, "start"], check=True, **where)
        yield f"postgresql+psycopg://cantine@/{{}}?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **where)
        shutil.rmtree(folder, ignore_errors=True)
