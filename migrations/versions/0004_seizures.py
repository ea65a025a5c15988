"""Seizures, what became of them, and seizures entered by mistake: all only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("seizure", "seizure_disposal", "seizure_withdrawal")
REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    op.create_table(
        "seizure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("seized_on", sa.Date(), nullable=False),
        sa.Column("substance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity_ng", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(2)),
        sa.Column("place", sa.Text()),
        sa.Column("document", sa.String(64)),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.CheckConstraint("quantity_ng > 0", name=op.f("ck_seizure_quantity_positive")),
        sa.ForeignKeyConstraint(["substance_id"], ["substance.id"], name=op.f("fk_seizure_substance_id_substance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seizure")),
        sa.UniqueConstraint("reference", name=op.f("uq_seizure_reference")),
    )
    op.create_index(op.f("ix_seizure_seized_on"), "seizure", ["seized_on"])
    op.create_index(op.f("ix_seizure_substance_id"), "seizure", ["substance_id"])
    op.create_table(
        "seizure_disposal",
        sa.Column("seizure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("disposed_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(64)),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["seizure_id"], ["seizure.id"], name=op.f("fk_seizure_disposal_seizure_id_seizure")),
        sa.PrimaryKeyConstraint("seizure_id", name=op.f("pk_seizure_disposal")),
    )
    op.create_index(op.f("ix_seizure_disposal_disposed_on"), "seizure_disposal", ["disposed_on"])
    op.create_table(
        "seizure_withdrawal",
        sa.Column("seizure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["seizure_id"], ["seizure.id"], name=op.f("fk_seizure_withdrawal_seizure_id_seizure")),
        sa.PrimaryKeyConstraint("seizure_id", name=op.f("pk_seizure_withdrawal")),
    )
    for table in TABLES:
        _only_added_to(table)


def _only_added_to(table: str) -> None:
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
    # Triggers go with their tables.
    for table in reversed(TABLES):
        op.drop_table(table)
