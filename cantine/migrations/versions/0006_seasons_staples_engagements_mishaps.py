"""Seasons of prices, levels of staples, engagement numbers, mishaps; runs of several kinds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "price_seasons",
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("index_permille", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("group", "month", name=op.f("pk_price_seasons")),
    )
    op.create_table(
        "engagements",
        sa.Column("kitchen", sa.String(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["kitchen"], ["kitchens.code"], name=op.f("fk_engagements_kitchen_kitchens")),
        sa.ForeignKeyConstraint(
            ["supplier"], ["suppliers.code"], name=op.f("fk_engagements_supplier_suppliers")
        ),
        sa.PrimaryKeyConstraint("kitchen", "supplier", "year", name=op.f("pk_engagements")),
    )
    op.create_table(
        "staple_levels",
        sa.Column("kitchen", sa.String(), nullable=False),
        sa.Column("food", sa.String(), nullable=False),
        sa.Column("min_g", sa.Integer(), nullable=False),
        sa.Column("max_g", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.CheckConstraint("min_g <= max_g", name=op.f("ck_staple_levels_min_max")),
        sa.ForeignKeyConstraint(["food"], ["foods.code"], name=op.f("fk_staple_levels_food_foods")),
        sa.ForeignKeyConstraint(
            ["kitchen"], ["kitchens.code"], name=op.f("fk_staple_levels_kitchen_kitchens")
        ),
        sa.PrimaryKeyConstraint("kitchen", "food", name=op.f("pk_staple_levels")),
    )
    op.create_table(
        "mishaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kitchen", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("offer", sa.String(), nullable=True),
        sa.Column("packs", sa.Integer(), nullable=True),
        sa.Column("storage", sa.String(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('offre', 'livraison', 'froid')", name=op.f("ck_mishaps_kind")),
        sa.ForeignKeyConstraint(["kitchen"], ["kitchens.code"], name=op.f("fk_mishaps_kitchen_kitchens")),
        sa.ForeignKeyConstraint(["offer"], ["offers.code"], name=op.f("fk_mishaps_offer_offers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mishaps")),
    )
    with op.batch_alter_table("mishaps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mishaps_kitchen"), ["kitchen"], unique=False)

    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="proposition"))
        batch_op.add_column(sa.Column("request", sa.Text(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("findings", sa.Text(), nullable=False, server_default="{}"))
        batch_op.create_check_constraint(
            batch_op.f("ck_runs_kind"), "kind IN ('proposition', 'reparation', 'frontiere', 'comparaison')"
        )


def downgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_runs_kind"), type_="check")
        batch_op.drop_column("findings")
        batch_op.drop_column("request")
        batch_op.drop_column("kind")

    with op.batch_alter_table("mishaps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mishaps_kitchen"))

    op.drop_table("mishaps")
    op.drop_table("staple_levels")
    op.drop_table("engagements")
    op.drop_table("price_seasons")
