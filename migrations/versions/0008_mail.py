"""Letters that go out by mail, and the addresses they go to."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "letter",
        sa.Column("id", number, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("message_id", sa.String(80), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(500), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint("key", name="uq_letter_key"),
    )
    op.create_index("ix_letter_state_next_try_at", "letter", ["state", "next_try_at"])
    op.create_table(
        "letter_attachment",
        sa.Column("letter_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", "number", name="pk_letter_attachment"),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_letter_attachment_letter_id_letter"),
    )
    op.add_column("account", sa.Column("email", sa.String(254), nullable=True))
    op.add_column("organisation", sa.Column("email", sa.String(254), nullable=True))
    op.add_column("organisation", sa.Column("email_language", sa.String(2), nullable=True))


def downgrade() -> None:
    op.drop_column("organisation", "email_language")
    op.drop_column("organisation", "email")
    op.drop_column("account", "email")
    op.drop_table("letter_attachment")
    op.drop_index("ix_letter_state_next_try_at", "letter")
    op.drop_table("letter")
