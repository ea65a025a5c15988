"""Requisitions of wards and the answers to them."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"
TABLES = ("requisition", "requisition_answer")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "requisition",
        sa.Column("id", number, nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("ward_id", number, nullable=False),
        sa.Column("pharmacy_id", number, nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_requisition_units_positive")),
        sa.ForeignKeyConstraint(["ward_id"], ["site.id"], name=op.f("fk_requisition_ward_id_site")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["site.id"], name=op.f("fk_requisition_pharmacy_id_site")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_requisition_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requisition")),
        sa.UniqueConstraint("reference", name=op.f("uq_requisition_reference")),
    )
    for column in ("ward_id", "pharmacy_id"):
        op.create_index(op.f(f"ix_requisition_{column}"), "requisition", [column])
    op.create_table(
        "requisition_answer",
        sa.Column("requisition_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "(entry IS NULL) <> (reason IS NULL)", name=op.f("ck_requisition_answer_one_answer")
        ),
        sa.ForeignKeyConstraint(
            ["requisition_id"], ["requisition.id"], name=op.f("fk_requisition_answer_requisition_id_requisition")
        ),
        sa.PrimaryKeyConstraint("requisition_id", "number", name=op.f("pk_requisition_answer")),
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
