"""For developers: ``python -m cantine.migrations "why"`` writes the next step from the models."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from cantine.db import make_engine
from cantine.upgrade import alembic_config, upgrade


def main(message: str) -> None:
    """Compare an empty, upgraded SQLite database with the models and write what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        upgrade(engine)
        config = alembic_config()
        last = ScriptDirectory.from_config(config).get_current_head()
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=message, autogenerate=True, rev_id=f"{int(last or 0) + 1:04}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "tables")
