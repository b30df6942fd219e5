"""A later release, invented: the steps of this one and another."""

import shutil
from pathlib import Path

from cantine.upgrade import MIGRATIONS, head_revision

LATER_STEP = """
import sqlalchemy as sa
from alembic import op

revision = "test1"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("foods") as table:
        table.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="rouge"))
        table.alter_column("name", existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("foods") as table:
        table.drop_column("colour")
"""


def next_release(folder: Path, step: str = LATER_STEP) -> Path:
    """The steps of a later release: one more."""
    shutil.copytree(MIGRATIONS, folder)
    (folder / "versions" / "9999_next.py").write_text(step.format(head=head_revision()), encoding="utf-8")
    return folder
