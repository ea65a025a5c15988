"""Decisions keep what was known; estimates of other countries keep where they were read."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    op.add_column("foreign_estimate", sa.Column("source", sa.String(300), nullable=True))
    op.create_table(
        "case_decision",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_case_decision_application_id_application")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_case_decision")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER append_only_case_decision_{deed.lower()} BEFORE {deed} ON case_decision"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_decision"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("case_decision")
    op.drop_column("foreign_estimate", "source")
