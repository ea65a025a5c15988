"""What organisations held at the close of a day, summed from the movements themselves."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.permits.queries.questions import Asked


def stock_on_day(session: Session, asked: Asked) -> dict[tuple[int, int, date], int]:
    """Return units of account by (organisation id, product id, day); what was never held is missing. One statement."""
    rows = sorted(asked)
    columns = {"organisation": "int", "product": "int", "counted_on": "day"}
    table, params = inline_rows(session, "asked", columns, rows)
    found = session.execute(
        text(
            "SELECT asked.organisation, asked.product, asked.counted_on,"
            " SUM(CASE WHEN s.id = m.site_id THEN m.site_delta ELSE 0 END"
            " + CASE WHEN s.id = m.counterparty_id THEN m.counter_delta ELSE 0 END)"
            f" FROM {table} JOIN site s ON s.organisation_id = asked.organisation"
            " JOIN movement m ON (m.site_id = s.id OR (m.counterparty_id = s.id AND m.counter_delta <> 0))"
            " AND m.occurred_on <= asked.counted_on"
            " JOIN batch b ON b.id = m.batch_id AND b.product_id = asked.product GROUP BY 1, 2, 3"
        ),
        params,
    )
    return {(organisation, product, as_day(day)): int(units) for organisation, product, day, units in found}
