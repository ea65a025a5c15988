"""Permits of other authorities as they came in files, and letters to them; entries are never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "counterpart_file",
        sa.Column("id", number, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("our_number", sa.String(64), nullable=True),
        sa.Column("filed_under", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("format", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counterpart_file")),
        sa.UniqueConstraint("sha256", "filed_under", name=op.f("uq_counterpart_file_sha256_filed_under")),
    )
    op.create_index("ix_counterpart_file_country_number", "counterpart_file", ["country", "number"])
    op.create_index("ix_counterpart_file_our_number", "counterpart_file", ["our_number"])
    op.create_index("ix_counterpart_file_filed_under", "counterpart_file", ["filed_under"])
    op.create_table(
        "permit_letter",
        sa.Column("id", number, nullable=False),
        sa.Column("permit_id", number, nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("authority", sa.String(300), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("letter_key", sa.String(200), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.Column("xml_sha256", sa.String(64), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["permit_id"], ["permit.id"], name=op.f("fk_permit_letter_permit_id_permit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit_letter")),
        sa.UniqueConstraint(
            "permit_id", "purpose", "attempt", name=op.f("uq_permit_letter_permit_id_purpose_attempt")
        ),
    )
    op.create_index(op.f("ix_permit_letter_permit_id"), "permit_letter", ["permit_id"])
    for table in ("counterpart_file", "permit_letter"):
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
    op.drop_table("permit_letter")
    op.drop_table("counterpart_file")
