"""Which record stands for which: records that were made twice."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "merger",
        sa.Column("id", number, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("duplicate", sa.String(64), nullable=False),
        sa.Column("survivor", sa.String(64), nullable=False),
        sa.Column("merged_on", sa.Date(), nullable=False),
        sa.Column("deed_id", number, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", number, nullable=True),
        sa.ForeignKeyConstraint(["deed_id"], ["deed.id"], name=op.f("fk_merger_deed_id_deed")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["deed.id"], name=op.f("fk_merger_ended_by_id_deed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merger")),
    )
    in_force = sa.text("ended_by_id IS NULL")
    op.create_index(
        "uq_merger_in_force",
        "merger",
        ["kind", "duplicate"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_index("ix_merger_survivor", "merger", ["survivor"])
    op.create_index(op.f("ix_merger_deed_id"), "merger", ["deed_id"])
    op.create_index(op.f("ix_merger_ended_by_id"), "merger", ["ended_by_id"])


def downgrade() -> None:
    op.drop_table("merger")
