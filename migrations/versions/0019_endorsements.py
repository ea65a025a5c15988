"""Endorsements with their lines, and reminders: entries are never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"
TABLES = ("endorsement", "endorsement_line", "permit_reminder")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "endorsement",
        sa.Column("id", number, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("direction", sa.String(10), nullable=False),
        sa.Column("issuer", sa.String(2), nullable=False),
        sa.Column("permit_id", number, nullable=False),
        sa.Column("organisation_id", number, nullable=False),
        sa.Column("foreign_number", sa.String(64), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("endorsed_on", sa.Date(), nullable=False),
        sa.Column("customs_office", sa.String(300), nullable=True),
        sa.Column("replaces_id", number, nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["permit_id"], ["permit.id"], name=op.f("fk_endorsement_permit_id_permit")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_endorsement_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["endorsement.id"], name=op.f("fk_endorsement_replaces_id_endorsement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
        sa.UniqueConstraint("issuer", "number", name=op.f("uq_endorsement_issuer_number")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_endorsement_replaces_id")),
    )
    op.create_index(op.f("ix_endorsement_permit_id"), "endorsement", ["permit_id"])
    op.create_index(op.f("ix_endorsement_organisation_id"), "endorsement", ["organisation_id"])
    op.create_table(
        "endorsement_line",
        sa.Column("endorsement_id", number, nullable=False),
        sa.Column("line_id", number, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(30), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.CheckConstraint("units >= 0", name=op.f("ck_endorsement_line_units_not_negative")),
        sa.ForeignKeyConstraint(
            ["endorsement_id"], ["endorsement.id"], name=op.f("fk_endorsement_line_endorsement_id_endorsement")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["permit_line.id"], name=op.f("fk_endorsement_line_line_id_permit_line")
        ),
        sa.PrimaryKeyConstraint("endorsement_id", "line_id", name=op.f("pk_endorsement_line")),
    )
    op.create_index(op.f("ix_endorsement_line_line_id"), "endorsement_line", ["line_id"])
    op.create_table(
        "permit_reminder",
        sa.Column("permit_id", number, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["permit_id"], ["permit.id"], name=op.f("fk_permit_reminder_permit_id_permit")),
        sa.PrimaryKeyConstraint("permit_id", "kind", "step", name=op.f("pk_permit_reminder")),
    )
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
