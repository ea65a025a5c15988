"""Originals of foreign permits drawn at random, and what was seen: entries are never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

REFUSAL = "entries of this table are never changed: a correction is a new entry"
TABLES = ("original_draw", "original_drawn", "original_result")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "original_draw",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("share", sa.String(20), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_original_draw")),
    )
    op.create_table(
        "original_drawn",
        sa.Column("id", number, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("permit_id", number, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month"], ["original_draw.month"], name=op.f("fk_original_drawn_month_original_draw")
        ),
        sa.ForeignKeyConstraint(["permit_id"], ["permit.id"], name=op.f("fk_original_drawn_permit_id_permit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original_drawn")),
        sa.UniqueConstraint("permit_id", name=op.f("uq_original_drawn_permit_id")),
    )
    op.create_index(op.f("ix_original_drawn_month"), "original_drawn", ["month"])
    op.create_table(
        "original_result",
        sa.Column("id", number, nullable=False),
        sa.Column("drawn_id", number, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["drawn_id"], ["original_drawn.id"], name=op.f("fk_original_result_drawn_id_original_drawn")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original_result")),
    )
    op.create_index(op.f("ix_original_result_drawn_id"), "original_result", ["drawn_id"])
    for table in TABLES:
        _append_only(table)


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER append_only_{table}_{deed.lower()} BEFORE {deed} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
