"""A year of the ledger, row by row, for whoever computes it anew with tools of their own; each function takes one statement.

Rows come as the database hands them out: nothing is held in memory but what it sends at a time.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Result, TextClause, text
from sqlalchemy.orm import Session

from registry.stock.queries.totals import MONTHS
from registry.stock.queries.verify import LEGS

AT_A_TIME = 5_000
_NAMED = (
    " JOIN batch b ON b.id = {of}.batch_id JOIN product p ON p.id = b.product_id JOIN site s ON s.id = {of}.site_id"
)


def entries_of(session: Session, year: int) -> Result[tuple[object, ...]]:
    """Return every entry of a year as it happened, with the codes and numbers people know; quantities in units of account."""
    query = text(
        "SELECT m.reference, m.occurred_on, n.recorded_at, n.recorded_by, m.kind, s.code AS site, c.code AS counterparty,"
        " p.code AS product, b.label AS batch, r.number AS revision, p.unit, m.units, m.site_delta, m.counter_delta,"
        " m.effect, t.number AS permit, m.country, m.document, m.prescription, m.note, o.reference AS reverses"
        f" FROM movement m JOIN posting n ON n.id = m.posting_id{_NAMED.format(of='m')}"
        " JOIN product_revision r ON r.id = b.revision_id LEFT JOIN site c ON c.id = m.counterparty_id"
        " LEFT JOIN permit t ON t.id = m.permit_id LEFT JOIN movement o ON o.id = m.reverses_id"
        " WHERE m.occurred_on BETWEEN :first AND :last ORDER BY m.occurred_on, m.id"
    )
    return _streamed(session, query, _days(year))


def shelves_of(session: Session, year: int) -> Result[tuple[object, ...]]:
    """Return what every shelf held before the first and after the last day of a year, by site, product and batch."""
    query = text(
        "SELECT s.code AS site, p.code AS product, b.label AS batch, p.unit, held.opening_units, held.closing_units FROM ("
        " SELECT site_id, batch_id, SUM(CASE WHEN occurred_on < :first THEN delta ELSE 0 END) AS opening_units,"
        f" SUM(delta) AS closing_units FROM ({LEGS}) AS legs WHERE occurred_on <= :last GROUP BY site_id, batch_id) AS held"
        f"{_NAMED.format(of='held')} ORDER BY s.code, p.code, b.label"
    )
    return _streamed(session, query, _days(year))


def totals_of(session: Session, year: int) -> Result[tuple[object, ...]]:
    """Return the national totals of a year as the registry keeps them: by month, product, revision, column and partner."""
    query = text(
        "SELECT t.month, p.code AS product, r.number AS revision, t.column_name, t.partner, p.unit, t.units"
        " FROM national_total t JOIN product_revision r ON r.id = t.revision_id JOIN product p ON p.id = r.product_id"
        " WHERE t.month BETWEEN :first_month AND :last_month AND t.units <> 0 ORDER BY 1, 2, 3, 4, 5"
    )
    return _streamed(session, query, {"first_month": year * MONTHS + 1, "last_month": year * MONTHS + 12})


def _days(year: int) -> dict[str, object]:
    return {"first": date(year, 1, 1).isoformat(), "last": date(year, 12, 31).isoformat()}


def _streamed(session: Session, query: TextClause, parameters: dict[str, object]) -> Result[tuple[object, ...]]:
    options = {"stream_results": True, "yield_per": AT_A_TIME}
    return session.execute(query, parameters, execution_options=options)
