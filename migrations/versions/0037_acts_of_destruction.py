"""Acts of destruction, signed by three; nothing of them is ever changed."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"
APPEND_ONLY = (
    "destruction_act",
    "destruction_line",
    "destruction_signature",
    "destruction_done",
    "destruction_withdrawal",
)


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)

    def of_act(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(
            ["act_id"], ["destruction_act.id"], name=op.f(f"fk_{table}_act_id_destruction_act")
        )

    op.create_table(
        "destruction_act",
        sa.Column("id", number, nullable=False),
        sa.Column("site_id", number, nullable=False),
        sa.Column("destroyed_on", sa.Date(), nullable=False),
        sa.Column("venue", sa.String(300), nullable=False),
        sa.Column("ground", sa.String(20), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("drafted_at", moment, nullable=False),
        sa.Column("drafted_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_destruction_act_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_act")),
    )
    op.create_index("ix_destruction_act_site_id", "destruction_act", ["site_id"])
    op.create_table(
        "destruction_line",
        sa.Column("act_id", number, nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_destruction_line_units_positive")),
        of_act("destruction_line"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_destruction_line_product_id_product")),
        sa.PrimaryKeyConstraint("act_id", "product_id", "label", name=op.f("pk_destruction_line")),
    )
    op.create_table(
        "destruction_signature",
        sa.Column("act_id", number, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("position", sa.String(300), nullable=False),
        sa.Column("institution", sa.String(20), nullable=False),
        sa.Column("signed_at", moment, nullable=False),
        sa.Column("signed_by", sa.String(80), nullable=False),
        of_act("destruction_signature"),
        sa.PrimaryKeyConstraint("act_id", "role", name=op.f("pk_destruction_signature")),
    )
    op.create_table(
        "destruction_done",
        sa.Column("act_id", number, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("done_at", moment, nullable=False),
        of_act("destruction_done"),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_destruction_done")),
        sa.UniqueConstraint("number", name=op.f("uq_destruction_done_number")),
    )
    op.create_table(
        "destruction_withdrawal",
        sa.Column("act_id", number, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", moment, nullable=False),
        sa.Column("withdrawn_by", sa.String(80), nullable=False),
        of_act("destruction_withdrawal"),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_destruction_withdrawal")),
    )
    op.create_table(
        "destruction_number",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_destruction_number")),
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
    op.drop_table("destruction_number")
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
