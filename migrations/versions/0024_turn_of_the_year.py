"""Years that were opened, with what they took over, and what was looked through at their turn."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = ("year_opening", "year_opening_line", "year_tick")
REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "year_opening",
        sa.Column("id", number, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_opening")),
        sa.UniqueConstraint("year", name=op.f("uq_year_opening_year")),
    )
    op.create_table(
        "year_opening_line",
        sa.Column("opening_id", number, nullable=False),
        sa.Column("substance_id", number, nullable=False),
        sa.Column("stock", sa.Text(), nullable=False),
        sa.Column("excess", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opening_id"], ["year_opening.id"], name=op.f("fk_year_opening_line_opening_id_year_opening")
        ),
        sa.ForeignKeyConstraint(
            ["substance_id"], ["substance.id"], name=op.f("fk_year_opening_line_substance_id_substance")
        ),
        sa.PrimaryKeyConstraint("opening_id", "substance_id", name=op.f("pk_year_opening_line")),
    )
    op.create_table(
        "year_tick",
        sa.Column("id", number, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(20), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ticked_by", sa.String(80), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_tick")),
    )
    op.create_index("ix_year_tick_year", "year_tick", ["year"])
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for deed in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER append_only_{table}_{deed.lower()} BEFORE {deed} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
        return
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
