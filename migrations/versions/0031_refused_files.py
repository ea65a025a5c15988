"""Files of movements that were refused stay with their firm until they are settled."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "refused_file",
        sa.Column("id", number, nullable=False),
        sa.Column("organisation_id", number, nullable=False),
        sa.Column("site_id", number, nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("unnamed", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(80), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_refused_file_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_refused_file_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_file")),
        sa.UniqueConstraint("organisation_id", "digest", name=op.f("uq_refused_file_organisation_id_digest")),
    )
    op.create_index(op.f("ix_refused_file_closed_at"), "refused_file", ["closed_at"])
    op.create_table(
        "refused_row",
        sa.Column("file_id", number, nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["refused_file.id"], name=op.f("fk_refused_row_file_id_refused_file")),
        sa.PrimaryKeyConstraint("file_id", "reference", name=op.f("pk_refused_row")),
    )


def downgrade() -> None:
    op.drop_table("refused_row")
    op.drop_table("refused_file")
