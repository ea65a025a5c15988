"""Counts of what lies at a site, and norms of natural loss; nothing of them is ever changed."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


REFUSAL = "entries of this table are never changed: a correction is a new entry"
TABLES = (
    "stock_count",
    "count_withdrawal",
    "count_round",
    "count_line",
    "count_sheet",
    "count_figure",
    "count_result",
    "count_closing",
    "natural_loss_norm",
)


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)

    def product(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f(f"fk_{table}_product_id_product"))

    def of_round(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(
            ["count_id", "number"],
            ["count_round.count_id", "count_round.number"],
            name=op.f(f"fk_{table}_count_id_number_count_round"),
        )

    def of_count(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f(f"fk_{table}_count_id_stock_count"))

    op.create_table(
        "stock_count",
        sa.Column("id", number, nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("site_id", number, nullable=False),
        sa.Column("frozen_on", sa.Date(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_count_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint("reference", name=op.f("uq_stock_count_reference")),
    )
    op.create_index("ix_stock_count_site", "stock_count", ["site_id", "frozen_on"])
    op.create_table(
        "count_withdrawal",
        sa.Column("count_id", number, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", moment, nullable=False),
        sa.Column("withdrawn_by", sa.String(80), nullable=False),
        of_count("count_withdrawal"),
        sa.PrimaryKeyConstraint("count_id", name=op.f("pk_count_withdrawal")),
    )
    op.create_table(
        "count_round",
        sa.Column("count_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        of_count("count_round"),
        sa.PrimaryKeyConstraint("count_id", "number", name=op.f("pk_count_round")),
    )
    op.create_table(
        "count_line",
        sa.Column("count_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("row_reference", sa.String(64), nullable=True),
        of_round("count_line"),
        product("count_line"),
        sa.PrimaryKeyConstraint("count_id", "number", "product_id", "label", name=op.f("pk_count_line")),
        sa.UniqueConstraint("row_reference", name=op.f("uq_count_line_row_reference")),
    )
    op.create_table(
        "count_sheet",
        sa.Column("count_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("counter", sa.String(300), nullable=False),
        sa.Column("entered_at", moment, nullable=False),
        sa.Column("entered_by", sa.String(80), nullable=False),
        sa.CheckConstraint("place IN (1, 2)", name=op.f("ck_count_sheet_two_sheets")),
        of_round("count_sheet"),
        sa.PrimaryKeyConstraint("count_id", "number", "place", name=op.f("pk_count_sheet")),
    )
    op.create_table(
        "count_figure",
        sa.Column("count_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_count_figure_never_negative")),
        sa.ForeignKeyConstraint(
            ["count_id", "number", "place"],
            ["count_sheet.count_id", "count_sheet.number", "count_sheet.place"],
            name=op.f("fk_count_figure_count_id_number_place_count_sheet"),
        ),
        product("count_figure"),
        sa.PrimaryKeyConstraint("count_id", "number", "place", "product_id", "label", name=op.f("pk_count_figure")),
    )
    op.create_table(
        "count_result",
        sa.Column("count_id", number, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        of_count("count_result"),
        product("count_result"),
        sa.PrimaryKeyConstraint("count_id", "place", name=op.f("pk_count_result")),
        sa.UniqueConstraint("count_id", "product_id", "label", name=op.f("uq_count_result_count_id_product_id_label")),
    )
    op.create_index("ix_count_result_outcome", "count_result", ["outcome", "due_on"])
    op.create_table(
        "count_closing",
        sa.Column("count_id", number, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("entry", sa.String(64), nullable=True),
        sa.Column("closed_at", moment, nullable=False),
        sa.Column("closed_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["count_id", "place"],
            ["count_result.count_id", "count_result.place"],
            name=op.f("fk_count_closing_count_id_place_count_result"),
        ),
        sa.PrimaryKeyConstraint("count_id", "place", name=op.f("pk_count_closing")),
    )
    op.create_table(
        "natural_loss_norm",
        sa.Column("id", number, nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("share_ppm", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("act", sa.String(300), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        product("natural_loss_norm"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_natural_loss_norm")),
        sa.UniqueConstraint("product_id", "effective_on", name=op.f("uq_natural_loss_norm_product_id_effective_on")),
    )
    for table in TABLES:
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
    for table in reversed(TABLES):
        op.drop_table(table)
