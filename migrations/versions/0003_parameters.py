"""Parameters: what a country sets, with the day it counts from, its act and the two persons behind it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("parameter_value", "parameter_decision")
REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "parameter_value",
        sa.Column("id", number, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("value", sa.String(60), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("act", sa.String(300), nullable=False),
        sa.Column("act_date", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.String(80), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parameter_value"),
    )
    op.create_index("ix_parameter_value_code", "parameter_value", ["code"])
    op.create_table(
        "parameter_decision",
        sa.Column("value_id", number, nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("value_id", name="pk_parameter_decision"),
        sa.ForeignKeyConstraint(
            ["value_id"], ["parameter_value.id"], name="fk_parameter_decision_value_id_parameter_value"
        ),
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
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
