"""What customs wrote off from permits; entries are never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("customs_write_off", "customs_write_off_line")
REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "customs_write_off",
        sa.Column("id", number, nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("permit_id", number, nullable=False),
        sa.Column("passed_on", sa.Date(), nullable=False),
        sa.Column("declaration", sa.String(64), nullable=False),
        sa.Column("packing", sa.String(300), nullable=True),
        sa.Column("reverses_id", number, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["permit_id"], ["permit.id"], name=op.f("fk_customs_write_off_permit_id_permit")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["customs_write_off.id"], name=op.f("fk_customs_write_off_reverses_id_customs_write_off")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customs_write_off")),
        sa.UniqueConstraint("message_id", name=op.f("uq_customs_write_off_message_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_customs_write_off_reverses_id")),
    )
    op.create_index(op.f("ix_customs_write_off_permit_id"), "customs_write_off", ["permit_id"])
    op.create_table(
        "customs_write_off_line",
        sa.Column("write_off_id", number, nullable=False),
        sa.Column("line_id", number, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["write_off_id"],
            ["customs_write_off.id"],
            name=op.f("fk_customs_write_off_line_write_off_id_customs_write_off"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["permit_line.id"], name=op.f("fk_customs_write_off_line_line_id_permit_line")
        ),
        sa.PrimaryKeyConstraint("write_off_id", "line_id", name=op.f("pk_customs_write_off_line")),
    )
    op.create_index(op.f("ix_customs_write_off_line_line_id"), "customs_write_off_line", ["line_id"])
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
