"""What receivers say of what was sent to them; entries are never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


APPEND_ONLY = ("receipt", "receipt_difference", "receipt_settlement")
REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "receipt_start",
        sa.Column("movement_id", number, nullable=False),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_receipt_start")),
    )
    # Nobody was asked to confirm what was recorded before there was anything to confirm it with.
    op.execute("INSERT INTO receipt_start (movement_id) SELECT COALESCE(MAX(id), 0) FROM movement")
    op.create_table(
        "receipt",
        sa.Column("movement_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("as_sent", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["movement_id"], ["movement.id"], name=op.f("fk_receipt_movement_id_movement")),
        sa.PrimaryKeyConstraint("movement_id", "number", name=op.f("pk_receipt")),
    )
    different = sa.text("NOT as_sent")
    op.create_index(
        "ix_receipt_different", "receipt", ["movement_id"], sqlite_where=different, postgresql_where=different
    )
    op.create_table(
        "receipt_difference",
        sa.Column("movement_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(64), nullable=True),
        sa.CheckConstraint("units > 0", name=op.f("ck_receipt_difference_units_positive")),
        sa.ForeignKeyConstraint(
            ["movement_id", "number"],
            ["receipt.movement_id", "receipt.number"],
            name=op.f("fk_receipt_difference_movement_id_number_receipt"),
        ),
        sa.PrimaryKeyConstraint("movement_id", "number", "reason", name=op.f("pk_receipt_difference")),
    )
    op.create_table(
        "receipt_settlement",
        sa.Column("movement_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("entry_id", number, nullable=True),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.Column("document", sa.String(64), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.CheckConstraint("(entry_id IS NULL) <> (ruling IS NULL)", name=op.f("ck_receipt_settlement_one_end")),
        sa.ForeignKeyConstraint(
            ["movement_id", "number", "reason"],
            ["receipt_difference.movement_id", "receipt_difference.number", "receipt_difference.reason"],
            name=op.f("fk_receipt_settlement_movement_id_number_reason_receipt_difference"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["movement.id"], name=op.f("fk_receipt_settlement_entry_id_movement")),
        sa.PrimaryKeyConstraint("movement_id", "number", "reason", name=op.f("pk_receipt_settlement")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_receipt_settlement_entry_id")),
    )
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            for deed in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER append_only_{table}_{deed.lower()} BEFORE {deed} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    for table in ("receipt_settlement", "receipt_difference", "receipt", "receipt_start"):
        op.drop_table(table)
