"""Daily sheets of substitution therapy."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "therapy_sheet",
        sa.Column("id", number, nullable=False),
        sa.Column("site_id", number, nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("sheet_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("observed_doses", sa.Integer(), nullable=False),
        sa.Column("observed_units", sa.BigInteger(), nullable=False),
        sa.Column("home_handouts", sa.Integer(), nullable=False),
        sa.Column("home_doses", sa.Integer(), nullable=False),
        sa.Column("home_units", sa.BigInteger(), nullable=False),
        sa.Column("home_longest", sa.Integer(), nullable=False),
        sa.Column("largest_units", sa.BigInteger(), nullable=True),
        sa.Column("spill_units", sa.BigInteger(), nullable=False),
        sa.Column("residue_units", sa.BigInteger(), nullable=True),
        sa.Column("closing_units", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(64), nullable=True),
        sa.Column("concentrate_id", number, nullable=True),
        sa.Column("concentrate_label", sa.String(64), nullable=True),
        sa.Column("concentrate_units", sa.BigInteger(), nullable=False),
        sa.Column("obtained_units", sa.BigInteger(), nullable=False),
        sa.Column("prepared_label", sa.String(64), nullable=True),
        sa.Column("prepared_expires_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "observed_doses >= 0 AND home_doses >= 0 AND spill_units >= 0",
            name=op.f("ck_therapy_sheet_nothing_negative"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_therapy_sheet_site_id_site")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_therapy_sheet_product_id_product")),
        sa.ForeignKeyConstraint(
            ["concentrate_id"], ["product.id"], name=op.f("fk_therapy_sheet_concentrate_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy_sheet")),
        sa.UniqueConstraint(
            "site_id",
            "product_id",
            "sheet_on",
            "version",
            name=op.f("uq_therapy_sheet_site_id_product_id_sheet_on_version"),
        ),
    )
    op.create_index(op.f("ix_therapy_sheet_sheet_on"), "therapy_sheet", ["sheet_on"])
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER append_only_therapy_sheet_{deed.lower()} BEFORE {deed} ON therapy_sheet"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON therapy_sheet"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("therapy_sheet")
