"""Notices of losses and thefts; nothing of them is ever changed."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"
APPEND_ONLY = ("loss_notice", "loss_amount", "loss_notice_entry", "loss_step")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "loss_notice_start",
        sa.Column("movement_id", number, nullable=False),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_loss_notice_start")),
    )
    # Nobody was asked to tell of what was recorded before there was anything to tell it with.
    op.execute("INSERT INTO loss_notice_start (movement_id) SELECT COALESCE(MAX(id), 0) FROM movement")
    op.create_table(
        "loss_notice",
        sa.Column("id", number, nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("site_id", number, nullable=False),
        sa.Column("sort", sa.String(20), nullable=False),
        sa.Column("discovered_at", moment, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_loss_notice_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss_notice")),
        sa.UniqueConstraint("reference", name=op.f("uq_loss_notice_reference")),
    )
    op.create_index("ix_loss_notice_site_id", "loss_notice", ["site_id"])
    op.create_table(
        "loss_amount",
        sa.Column("notice_id", number, nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_loss_amount_units_positive")),
        sa.ForeignKeyConstraint(["notice_id"], ["loss_notice.id"], name=op.f("fk_loss_amount_notice_id_loss_notice")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_loss_amount_product_id_product")),
        sa.PrimaryKeyConstraint("notice_id", "product_id", "label", name=op.f("pk_loss_amount")),
    )
    op.create_table(
        "loss_notice_entry",
        sa.Column("movement_id", number, nullable=False),
        sa.Column("notice_id", number, nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movement.id"], name=op.f("fk_loss_notice_entry_movement_id_movement")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["loss_notice.id"], name=op.f("fk_loss_notice_entry_notice_id_loss_notice")
        ),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_loss_notice_entry")),
    )
    op.create_index("ix_loss_notice_entry_notice_id", "loss_notice_entry", ["notice_id"])
    op.create_table(
        "loss_step",
        sa.Column("notice_id", number, nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["loss_notice.id"], name=op.f("fk_loss_step_notice_id_loss_notice")),
        sa.PrimaryKeyConstraint("notice_id", "step", name=op.f("pk_loss_step")),
    )
    for table in APPEND_ONLY:
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
    for table in ("loss_step", "loss_notice_entry", "loss_amount", "loss_notice", "loss_notice_start"):
        op.drop_table(table)
