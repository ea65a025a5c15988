"""The journal of the ledger: entries as recorded, newest first, and one entry with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, TextualSelect, bindparam, text
from sqlalchemy.orm import Session

from registry.db import Moment, as_day, inline_rows

RECENT_DAYS = 31
_COLUMNS = (
    "m.id, m.reference, m.occurred_on, m.kind, m.site_id, m.counterparty_id, b.product_id, b.revision_id, b.label,"
    " b.expires_on, m.units, m.site_delta, m.counter_delta, m.effect, m.permit_id, m.country, m.document,"
    " m.prescription, m.note, o.reference AS reverses, r.reference AS reversed_by,"
    " p.recorded_at, p.recorded_by, p.source"
)
_JOINS = (
    " JOIN batch b ON b.id = m.batch_id JOIN posting p ON p.id = m.posting_id"
    " LEFT JOIN movement o ON o.id = m.reverses_id LEFT JOIN movement r ON r.reverses_id = m.id"
)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One entry of the ledger as people read it; quantities in units of account.

    `site_delta` and `counter_delta` say how the shelves of the two sites changed; `reverses`
    and `reversed_by` are references.
    """

    id: int
    reference: str
    occurred_on: date
    kind: str
    site_id: int
    counterparty_id: int | None
    product_id: int
    revision_id: int
    label: str
    expires_on: date | None
    units: int
    site_delta: int
    counter_delta: int
    effect: str
    permit_id: int | None
    country: str | None
    document: str | None
    prescription: str | None
    note: str | None
    reverses: str | None
    reversed_by: str | None
    recorded_at: datetime
    recorded_by: str
    source: str

    def touches(self, site_ids: frozenset[int]) -> bool:
        """Say whether the entry is of one of these sites or changed a shelf of one."""
        return self.site_id in site_ids or (self.counter_delta != 0 and self.counterparty_id in site_ids)


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """What to list. `site_ids` None: every site; `below`: (day, id), the key of the last entry shown before."""

    site_ids: Sequence[int] | None = None
    product_id: int | None = None
    kind: str | None = None
    first: date | None = None
    last: date | None = None
    below: tuple[date, int] | None = None


def journal(session: Session, asked: JournalFilter, limit: int) -> list[JournalEntry]:
    """Return entries, the youngest first: those of the sites and those that changed their shelves. One statement."""
    conditions, parameters = _conditions(asked)
    parameters["limit"] = limit
    order = " ORDER BY m.occurred_on DESC, m.id DESC LIMIT :limit"
    where = f" WHERE {' AND '.join(conditions)}"
    if asked.site_ids is None:
        query = f"SELECT {_COLUMNS} FROM movement m{_JOINS}{where}{order}"
    else:
        sites, more = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in asked.site_ids])
        parameters |= more
        # Each side by its own index; an entry between two of the sites is listed once.
        own = f"SELECT m.id FROM {sites} JOIN movement m ON m.site_id = wanted.id JOIN batch b ON b.id = m.batch_id{where}{order}"
        other = (
            f"SELECT m.id FROM {sites} JOIN movement m ON m.counterparty_id = wanted.id AND m.counter_delta <> 0"
            f" JOIN batch b ON b.id = m.batch_id{where}{order}"
        )
        query = (
            f"SELECT {_COLUMNS} FROM (SELECT id FROM ({own}) AS own UNION SELECT id FROM ({other}) AS other) AS both_sides"
            f" JOIN movement m ON m.id = both_sides.id{_JOINS}{order}"
        )
    return [_entry(row) for row in session.execute(_typed(query), parameters)]


def _conditions(asked: JournalFilter) -> tuple[list[str], dict[str, object]]:
    conditions, parameters = ["1 = 1"], dict[str, object]()
    if asked.product_id is not None:
        conditions.append("b.product_id = :product")
        parameters["product"] = asked.product_id
    if asked.kind is not None:
        conditions.append("m.kind = :kind")
        parameters["kind"] = asked.kind
    if asked.first is not None:
        conditions.append("m.occurred_on >= :first")
        parameters["first"] = asked.first.isoformat()
    if asked.last is not None:
        conditions.append("m.occurred_on <= :last")
        parameters["last"] = asked.last.isoformat()
    if asked.below is not None:
        conditions.append("(m.occurred_on < :below_day OR (m.occurred_on = :below_day AND m.id < :below_id))")
        parameters |= {"below_day": asked.below[0].isoformat(), "below_id": asked.below[1]}
    return conditions, parameters


def entry_of(session: Session, reference: str) -> JournalEntry | None:
    """Return the entry under `reference`, None when there is none. One statement."""
    row = session.execute(
        _typed(f"SELECT {_COLUMNS} FROM movement m{_JOINS} WHERE m.reference = :reference"), {"reference": reference}
    ).first()
    return _entry(row) if row is not None else None


def arrivals(session: Session, site_ids: Sequence[int], recorded_since: datetime, limit: int) -> list[JournalEntry]:
    """Return what others brought to the shelves of these sites, recorded since a moment: the latest recorded first.

    Transfers between these sites, reversals and what was reversed are left out. One statement.
    """
    sites, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
    query = _typed(
        f"WITH own AS (SELECT wanted.id FROM {sites}) SELECT {_COLUMNS} FROM own"
        f" JOIN movement m ON m.counterparty_id = own.id AND m.counter_delta > 0{_JOINS}"
        " WHERE p.recorded_at >= :since AND m.reverses_id IS NULL AND r.id IS NULL"
        " AND m.site_id NOT IN (SELECT id FROM own) ORDER BY m.id DESC LIMIT :limit"
    ).bindparams(bindparam("since", type_=Moment))
    return [_entry(row) for row in session.execute(query, parameters | {"since": recorded_since, "limit": limit})]


def _typed(query: str) -> TextualSelect:
    return text(query).columns(recorded_at=Moment)


def _entry(row: Row[Any]) -> JournalEntry:
    values = dict(row._mapping)
    values["occurred_on"] = as_day(values["occurred_on"])
    values["expires_on"] = as_day(values["expires_on"]) if values["expires_on"] is not None else None
    return JournalEntry(**values)


def references_since(session: Session, site_id: int, prefix: str, today: date) -> list[str]:
    """Return the references of a site's entries of the last month that begin with `prefix`. One statement."""
    escaped = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = session.execute(
        text(
            "SELECT reference FROM movement WHERE site_id = :site AND occurred_on >= :since"
            " AND reference LIKE :prefix ESCAPE '\\'"
        ),
        {"site": site_id, "since": (today - timedelta(days=RECENT_DAYS)).isoformat(), "prefix": f"{escaped}%"},
    )
    return [row[0] for row in rows]


def counterparties_of(session: Session, site_id: int, kind: str, limit: int = 50) -> list[int]:
    """Return the sites on the other side of a site's entries of `kind`, the latest first. One statement."""
    rows = session.execute(
        text(
            "SELECT counterparty_id, MAX(occurred_on) AS latest FROM movement"
            " WHERE site_id = :site AND kind = :kind AND counter_delta <> 0 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit"
        ),
        {"site": site_id, "kind": kind, "limit": limit},
    )
    return [int(row[0]) for row in rows]


def partners_of(session: Session, site_id: int, limit: int) -> list[int]:
    """Return the sites a site sent to or received from, the latest dealt with first. One statement."""
    rows = session.execute(
        text(
            "SELECT partner, MAX(latest) AS last FROM"
            " (SELECT counterparty_id AS partner, MAX(occurred_on) AS latest FROM movement"
            " WHERE site_id = :site AND counter_delta <> 0 GROUP BY 1"
            " UNION ALL SELECT site_id AS partner, MAX(occurred_on) AS latest FROM movement"
            " WHERE counterparty_id = :site AND counter_delta <> 0 GROUP BY 1) AS dealt"
            " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit"
        ),
        {"site": site_id, "limit": limit},
    )
    return [int(row[0]) for row in rows]
