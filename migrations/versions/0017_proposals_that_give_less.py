"""Proposals that give less than was asked for, and the conditions of permits."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for table in ("permit", "application"):
        op.add_column(table, sa.Column("conditions", sa.Text(), server_default="{}", nullable=False))
    op.add_column("application", sa.Column("cut_version", sa.Integer(), nullable=True))
    op.create_table(
        "case_cut",
        sa.Column("id", number, nullable=False),
        sa.Column("application_id", number, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_case_cut_units_not_negative")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_case_cut_application_id_application")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_case_cut_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_cut")),
        sa.UniqueConstraint(
            "application_id", "version", "product_id", name=op.f("uq_case_cut_application_id_version_product_id")
        ),
    )
    op.create_index(op.f("ix_case_cut_application_id"), "case_cut", ["application_id"])
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER append_only_case_cut_{deed.lower()} BEFORE {deed} ON case_cut"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_cut"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("case_cut")
    op.drop_column("application", "cut_version")
    for table in ("application", "permit"):
        op.drop_column(table, "conditions")
