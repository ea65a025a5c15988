"""Cases worked on."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("application", sa.Column("officer", sa.String(80), nullable=True))
    op.add_column("application", sa.Column("reply_by", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("application", "reply_by")
    op.drop_column("application", "officer")
