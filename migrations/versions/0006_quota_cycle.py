"""The quota cycle: versions and history of lines, worked-out needs, late changes of the carry-over, the person of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("quota_line_event", "carry_over_change", "need_calculation", "need_choice")
REFUSAL = "entries of this table are never changed: a correction is a new entry"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.add_column("account", sa.Column("person", sa.String(40), nullable=True))
    op.add_column("quota_line", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "quota_line_event",
        sa.Column("id", number, nullable=False),
        sa.Column("line_id", number, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("done_by", sa.String(80), nullable=False),
        sa.Column("done_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quota_line_event"),
        sa.ForeignKeyConstraint(["line_id"], ["quota_line.id"], name="fk_quota_line_event_line_id_quota_line"),
        sa.UniqueConstraint("line_id", "version", name="uq_quota_line_event_line_id_version"),
    )
    op.create_table(
        "carry_over_change",
        sa.Column("id", number, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("substance_id", number, nullable=False),
        sa.Column("excess_before", sa.Text(), nullable=False),
        sa.Column("excess_after", sa.Text(), nullable=False),
        sa.Column("stock_before", sa.Text(), nullable=False),
        sa.Column("stock_after", sa.Text(), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_carry_over_change"),
        sa.ForeignKeyConstraint(["substance_id"], ["substance.id"], name="fk_carry_over_change_substance_id_substance"),
    )
    op.create_index("ix_carry_over_change_substance_id_year", "carry_over_change", ["substance_id", "year"])
    op.create_table(
        "need_calculation",
        sa.Column("id", number, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("substance_id", number, nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("result_ng", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_need_calculation"),
        sa.ForeignKeyConstraint(["substance_id"], ["substance.id"], name="fk_need_calculation_substance_id_substance"),
    )
    op.create_index("ix_need_calculation_substance_id_year", "need_calculation", ["substance_id", "year"])
    op.create_table(
        "need_choice",
        sa.Column("id", number, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("substance_id", number, nullable=False),
        sa.Column("calculation_id", number, nullable=True),
        sa.Column("quantity_ng", sa.BigInteger(), nullable=False),
        sa.Column("used_before_ng", sa.BigInteger(), nullable=True),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("line_ids", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_need_choice"),
        sa.ForeignKeyConstraint(["substance_id"], ["substance.id"], name="fk_need_choice_substance_id_substance"),
        sa.ForeignKeyConstraint(
            ["calculation_id"], ["need_calculation.id"], name="fk_need_choice_calculation_id_need_calculation"
        ),
    )
    op.create_index("ix_need_choice_substance_id_year", "need_choice", ["substance_id", "year"])
    _tell_what_was_done()
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


def _tell_what_was_done() -> None:
    """Write the history of lines that stand already, from what their rows say."""
    # The steps are told from what the rows say: proposed and approved by one at one moment came from a file.
    op.execute(
        "INSERT INTO quota_line_event (line_id, version, step, note, detail, done_by, done_at)"
        " SELECT id, 1, CASE WHEN approved_by = proposed_by AND approved_at = recorded_at AND state = 'approved'"
        " THEN 'record' ELSE 'propose' END, note, '{}', proposed_by, recorded_at FROM quota_line ORDER BY id"
    )
    op.execute(
        "INSERT INTO quota_line_event (line_id, version, step, note, detail, done_by, done_at)"
        " SELECT l.id, 2, CASE l.state WHEN 'approved' THEN 'approve' ELSE 'withdraw' END, NULL, '{}',"
        " l.approved_by, l.approved_at FROM quota_line l JOIN quota_line_event e ON e.line_id = l.id"
        " WHERE e.step = 'propose' AND l.approved_by IS NOT NULL ORDER BY l.id"
    )
    op.execute(
        "UPDATE quota_line SET version = 2 WHERE id IN (SELECT line_id FROM quota_line_event WHERE version = 2)"
    )


def downgrade() -> None:
    for table in ("need_choice", "need_calculation", "carry_over_change", "quota_line_event"):
        op.drop_table(table)
    op.execute("UPDATE quota_line SET state = 'approved' WHERE state = 'published'")
    op.execute("UPDATE quota_line SET state = 'withdrawn' WHERE state = 'rejected'")
    op.execute("UPDATE quota_line SET state = 'proposed' WHERE state = 'draft'")
    op.drop_column("quota_line", "version")
    op.drop_column("account", "person")
