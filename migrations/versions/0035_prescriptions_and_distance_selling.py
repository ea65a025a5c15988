"""What one prescription may be for, what became of returns from patients, and sites that sell at a distance."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"
TABLES = ("prescription_limit", "returned_destruction")
NUMBERED = sa.text("prescription IS NOT NULL AND prescription <> 'daily-sheet'")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column(
        "site_revision", sa.Column("distance_selling", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ix_movement_prescription",
        "movement",
        ["site_id", "prescription"],
        sqlite_where=NUMBERED,
        postgresql_where=NUMBERED,
    )
    op.create_table(
        "prescription_limit",
        sa.Column("id", number, nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.CheckConstraint("most > 0", name=op.f("ck_prescription_limit_most_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescription_limit")),
        sa.UniqueConstraint(
            "subject",
            "subject_id",
            "effective_on",
            name=op.f("uq_prescription_limit_subject_subject_id_effective_on"),
        ),
    )
    op.create_table(
        "returned_destruction",
        sa.Column("movement_id", number, nullable=False),
        sa.Column("destroyed_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movement.id"], name=op.f("fk_returned_destruction_movement_id_movement")
        ),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_returned_destruction")),
    )
    for table in TABLES:
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
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_movement_prescription", table_name="movement")
    op.drop_column("site_revision", "distance_selling")
