"""The book of the lines of a count, summed from the movements themselves as of its freeze line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.counts.domain.counts import Book, Key
from registry.counts.models import NaturalLossNorm
from registry.db import as_day, inline_rows
from registry.stock.domain.kinds import USES
from registry.substances.queries.base import wanted_ids

Wanted = tuple[int, int, str]
"""A line of a count: count id, product id, batch label."""
_COLUMNS = {"count_id": "int", "product_id": "int", "label": "text"}
_ASKED = (
    "SELECT c.id AS count_id, c.site_id, c.frozen_on, c.opened_at, w.product_id, w.label, b.id AS batch_id FROM {source}"
    " JOIN stock_count c ON c.id = w.count_id JOIN batch b ON b.product_id = w.product_id AND b.label = w.label"
)


def shelves_on(session: Session, site_id: int, day: date, product_ids: Sequence[int] | None) -> list[Key]:
    """Return what lay at a site at the close of a day by the book, of all products where None: product and batch. One statement."""
    chosen, parameters = "", dict[str, object]()
    if product_ids is not None:
        source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in product_ids])
        chosen = f" JOIN {source} ON wanted.id = b.product_id"
    rows = session.execute(
        text(
            "SELECT b.product_id, b.label FROM (SELECT batch_id, site_delta AS change FROM movement"
            " WHERE site_id = :site AND occurred_on <= :day UNION ALL SELECT batch_id, counter_delta FROM movement"
            " WHERE counterparty_id = :site AND counter_delta <> 0 AND occurred_on <= :day) AS legs"
            f" JOIN batch b ON b.id = legs.batch_id{chosen}"
            " GROUP BY b.product_id, b.label HAVING SUM(change) > 0 ORDER BY 1, 2"
        ),
        parameters | {"site": site_id, "day": day.isoformat()},
    )
    return [(row[0], row[1]) for row in rows]


def books(session: Session, wanted: Iterable[Wanted]) -> dict[Wanted, Book]:
    """Return the book of each line, in units of account; what the ledger never knew is missing. One statement."""
    source, parameters = inline_rows(session, "w", _COLUMNS, sorted(set(wanted)))
    rows = session.execute(
        text(
            f"WITH asked AS ({_ASKED.format(source=source)}), legs AS ("
            "SELECT a.*, m.occurred_on, m.site_delta AS change, m.posting_id FROM asked a"
            " JOIN movement m ON m.site_id = a.site_id AND m.batch_id = a.batch_id AND m.site_delta <> 0 UNION ALL"
            " SELECT a.*, m.occurred_on, m.counter_delta, m.posting_id FROM asked a"
            " JOIN movement m ON m.counterparty_id = a.site_id AND m.batch_id = a.batch_id AND m.counter_delta <> 0)"
            " SELECT legs.count_id, legs.product_id, legs.label,"
            " CASE WHEN legs.occurred_on > legs.frozen_on THEN legs.occurred_on END AS later_on,"
            " CASE WHEN p.recorded_at > legs.opened_at THEN 1 ELSE 0 END AS learned, SUM(legs.change)"
            " FROM legs JOIN posting p ON p.id = legs.posting_id GROUP BY 1, 2, 3, 4, 5"
        ),
        parameters,
    )
    units: dict[Wanted, int] = defaultdict(int)
    learned: dict[Wanted, int] = defaultdict(int)
    later: dict[Wanted, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for count_id, product, label, day, is_learned, change in rows:
        key = (count_id, product, label)
        if day is not None:
            later[key][as_day(day)] += int(change)
            continue
        units[key] += int(change)
        learned[key] += int(change) * is_learned
    return {
        key: Book(units[key], learned[key], tuple(sorted(later[key].items()))) for key in units.keys() | later.keys()
    }


def issued(session: Session, wanted: Iterable[Wanted]) -> dict[Wanted, int]:
    """Return what went out for use since the batch was last counted at the site, until the freeze line; one statement."""
    source, parameters = inline_rows(session, "w", _COLUMNS, sorted(set(wanted)))
    kinds, more = inline_rows(session, "k", {"code": "text"}, [(code,) for code in USES])
    rows = session.execute(
        text(
            f"WITH asked AS ({_ASKED.format(source=source)}), since AS (SELECT a.*, (SELECT MAX(c.frozen_on)"
            " FROM stock_count c JOIN count_result r ON r.count_id = c.id WHERE c.site_id = a.site_id"
            " AND r.product_id = a.product_id AND r.label = a.label AND c.frozen_on < a.frozen_on) AS last_on FROM asked a)"
            " SELECT s.count_id, s.product_id, s.label, SUM(m.units) FROM since s"
            " JOIN movement m ON m.site_id = s.site_id AND m.batch_id = s.batch_id AND m.occurred_on <= s.frozen_on"
            f" AND (s.last_on IS NULL OR m.occurred_on > s.last_on) JOIN {kinds} ON k.code = m.kind"
            " LEFT JOIN movement r ON r.reverses_id = m.id WHERE r.id IS NULL AND m.site_delta < 0 GROUP BY 1, 2, 3"
        ),
        parameters | more,
    )
    return {(row[0], row[1], row[2]): int(row[3]) for row in rows}


def norms(session: Session, product_ids: Iterable[int]) -> dict[int, list[tuple[date, int]]]:
    """Return product id -> (from which day, share in millionths) of its norms of natural loss, the oldest first. One statement."""
    table = NaturalLossNorm.__table__
    keys = wanted_ids(session, "wanted_product", product_ids)
    rows = session.execute(
        table.select().join(keys, keys.c.id == table.c.product_id).order_by(table.c.product_id, table.c.effective_on)
    )
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for row in rows:
        found[row.product_id].append((row.effective_on, int(row.share_ppm)))
    return found


def uncounted(session: Session, count_ids: Iterable[int]) -> dict[int, int]:
    """Return count id -> batches of the products it asks for that lay there by the book and are not asked for. One statement."""
    source, parameters = inline_rows(session, "w", {"id": "int"}, [(number,) for number in count_ids])
    rows = session.execute(
        text(
            "WITH asked AS (SELECT DISTINCT l.count_id, l.product_id, c.site_id, c.frozen_on"
            f" FROM {source} JOIN count_line l ON l.count_id = w.id AND l.number = 1"
            " JOIN stock_count c ON c.id = l.count_id), legs AS (SELECT a.count_id, m.batch_id, m.site_delta AS change"
            " FROM asked a JOIN batch b ON b.product_id = a.product_id JOIN movement m ON m.site_id = a.site_id"
            " AND m.batch_id = b.id AND m.occurred_on <= a.frozen_on UNION ALL SELECT a.count_id, m.batch_id,"
            " m.counter_delta FROM asked a JOIN batch b ON b.product_id = a.product_id"
            " JOIN movement m ON m.counterparty_id = a.site_id AND m.batch_id = b.id AND m.counter_delta <> 0"
            " AND m.occurred_on <= a.frozen_on), held AS (SELECT count_id, batch_id FROM legs GROUP BY 1, 2"
            " HAVING SUM(change) > 0) SELECT h.count_id, COUNT(*) FROM held h JOIN batch b ON b.id = h.batch_id"
            " LEFT JOIN count_line l ON l.count_id = h.count_id AND l.number = 1 AND l.product_id = b.product_id"
            " AND l.label = b.label WHERE l.count_id IS NULL GROUP BY 1"
        ),
        parameters,
    )
    return {number: int(missing) for number, missing in rows}
