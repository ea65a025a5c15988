"""Writing a posting: batches, movements (COPY on PostgreSQL), national totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from registry.db import inline_rows
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.period import month_of
from registry.stock.domain.lines import Line
from registry.stock.domain.national import TRADE_COLUMNS, read_effect
from registry.stock.models import Posting
from registry.stock.queries.recorded import BatchFact, batches
from registry.substances.domain.facts import RevisionFact

COLUMNS = (
    "reference", "occurred_on", "kind", "site_id", "batch_id", "units", "site_delta", "counterparty_id",
    "counter_delta", "effect", "permit_id", "reverses_id", "country", "document", "prescription", "note", "posting_id",
)  # fmt: skip
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def ensure_batches(
    session: Session, new: Iterable[tuple[int, str, int, date | None]]
) -> dict[tuple[int, str], BatchFact]:
    """Record batches seen for the first time: (product id, label, revision id, expires on); return them; two statements."""
    rows = sorted(new, key=lambda row: row[:2])
    if not rows:
        return {}
    columns = {"product_id": "int", "label": "text", "revision_id": "int", "expires_on": "day"}
    source, parameters = inline_rows(session, "fresh", columns, rows)
    session.execute(
        text(
            "INSERT INTO batch (product_id, label, revision_id, expires_on)"
            f" SELECT product_id, label, revision_id, expires_on FROM {source} WHERE true ORDER BY 1, 2 ON CONFLICT DO NOTHING"
        ),
        parameters,
    )
    return batches(session, [(row[0], row[1]) for row in rows])


def write_posting(session: Session, actor: Actor, clock: Clock, source: str, digest: str, count: int) -> int:
    """Write the head of a posting and return its id."""
    posting = insert(Posting).values(
        recorded_at=clock.now(), recorded_by=actor.username, source=source[:200], digest=digest, movements=count
    )
    return int(session.execute(posting.returning(Posting.id)).scalar_one())


def write_movements(
    session: Session,
    lines: list[Line],
    batch_ids: dict[tuple[int, str], int],
    reverses: dict[str, int],
    posting_id: int,
) -> None:
    """Append the lines to the ledger: COPY on PostgreSQL, one executemany elsewhere."""
    connection = session.connection()
    names = ", ".join(COLUMNS)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(COLUMNS))
        rows = _rows(lines, batch_ids, reverses, posting_id)
        driver.executemany(f"INSERT INTO movement ({names}) VALUES ({marks})", rows)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY movement ({names}) FROM STDIN") as copy:
        copy.write("".join([_copy_line(line, batch_ids, reverses, posting_id) for line in lines]))


def _rows(
    lines: list[Line], batch_ids: dict[tuple[int, str], int], reverses: dict[str, int], posting_id: int
) -> Iterator[tuple[object, ...]]:
    days = {day: day.isoformat() for day in {line.occurred_on for line in lines}}
    return (
        (
            line.reference, days[line.occurred_on], line.kind, line.site_id, batch_ids[line.product_id, line.label],
            line.units, line.site_delta, line.counter_id, line.counter_delta, line.effect, line.permit_id,
            reverses.get(line.reference), line.country, line.document, line.prescription, line.note, posting_id,
        )
        for line in lines
    )  # fmt: skip


def _copy_line(line: Line, batch_ids: dict[tuple[int, str], int], reverses: dict[str, int], posting_id: int) -> str:
    """Spell one line in the text format of COPY; only what people wrote can need an escape."""
    return (
        f"{_text(line.reference)}\t{line.occurred_on}\t{line.kind}\t{line.site_id}\t"
        f"{batch_ids[line.product_id, line.label]}\t{line.units}\t{line.site_delta}\t{_number(line.counter_id)}\t"
        f"{line.counter_delta}\t{line.effect}\t{_number(line.permit_id)}\t{_number(reverses.get(line.reference))}\t"
        f"{_text(line.country)}\t{_text(line.document)}\t{_text(line.prescription)}\t{_text(line.note)}\t{posting_id}\n"
    )


def _text(value: str | None) -> str:
    if value is None:
        return _NULL
    return value if value.isalnum() else value.translate(_ESCAPES)


def _number(value: int | None) -> str:
    return _NULL if value is None else str(value)


def add_to_totals(session: Session, lines: list[Line], revision_of: Mapping[tuple[int, str], RevisionFact]) -> None:
    """Add the lines' effects to the national totals in one sorted upsert."""
    grouped: dict[tuple[int, int, str, str], int] = defaultdict(int)
    ids = {key: revision.id for key, revision in revision_of.items()}
    months = {day: month_of(day) for day in {line.occurred_on for line in lines}}
    for line in lines:
        if line.effect:
            key = (months[line.occurred_on], ids[line.product_id, line.label], line.effect, line.country or "")
            grouped[key] += line.units
    totals: dict[tuple[int, int, str, str], int] = defaultdict(int)
    for (month, revision_id, effect, partner), units in grouped.items():
        for column, sign in read_effect(effect):
            totals[month, revision_id, column, partner if column in TRADE_COLUMNS else ""] += sign * units
    rows = [(*key, units) for key, units in sorted(totals.items()) if units]
    if not rows:
        return
    columns = {"month": "int", "revision_id": "int", "column_name": "text", "partner": "text", "units": "int"}
    source, parameters = inline_rows(session, "more", columns, rows)
    session.execute(
        text(
            "INSERT INTO national_total (month, revision_id, column_name, partner, units)"
            f" SELECT month, revision_id, column_name, partner, units FROM {source} WHERE true ORDER BY 1, 2, 3, 4"
            " ON CONFLICT (month, revision_id, column_name, partner)"
            " DO UPDATE SET units = national_total.units + excluded.units"
        ),
        parameters,
    )
