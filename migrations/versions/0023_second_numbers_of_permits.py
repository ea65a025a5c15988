"""The number a permit bears in the EAEU, beside its own."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("permit", sa.Column("eaeu_number", sa.String(16), nullable=True))
    op.create_index(op.f("ix_permit_eaeu_number"), "permit", ["eaeu_number"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_permit_eaeu_number"), "permit")
    op.drop_column("permit", "eaeu_number")
