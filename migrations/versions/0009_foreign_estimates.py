"""Foreign estimates."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foreign_estimate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("substance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity_ng", sa.BigInteger(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["substance_id"], ["substance.id"], name=op.f("fk_foreign_estimate_substance_id_substance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_estimate")),
        sa.UniqueConstraint(
            "country", "year", "substance_id", "published_on",
            name=op.f("uq_foreign_estimate_country_year_substance_id_published_on"),
        ),
    )


def downgrade() -> None:
    op.drop_table("foreign_estimate")
