"""Flags are assigned, return and have a history; sweeps are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("flag_event", "flag_sweep")
REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    op.add_column("flag", sa.Column("assignee", sa.String(80), nullable=True))
    op.add_column("flag", sa.Column("stands", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index("ix_flag_assignee", "flag", ["assignee"])
    op.create_index("ix_flag_state_rule_opened_at", "flag", ["state", "rule", "opened_at"])
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "flag_event",
        sa.Column("id", identity, nullable=False),
        sa.Column("flag_id", identity, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("observed", sa.String(80), nullable=True),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="fk_flag_event_flag_id_flag"),
        sa.PrimaryKeyConstraint("id", name="pk_flag_event"),
    )
    op.create_index("ix_flag_event_flag_id", "flag_event", ["flag_id"])
    op.create_table(
        "flag_sweep",
        sa.Column("id", identity, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flag_sweep"),
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
    op.drop_table("flag_sweep")
    op.drop_index("ix_flag_event_flag_id", "flag_event")
    op.drop_table("flag_event")
    op.drop_index("ix_flag_state_rule_opened_at", "flag")
    op.drop_index("ix_flag_assignee", "flag")
    op.drop_column("flag", "stands")
    op.drop_column("flag", "assignee")
