"""Entries of sites within days, for whoever states that they are complete; each function takes one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows


@dataclass(frozen=True, slots=True)
class Mark:
    """Days of a site, and the number of the last entry that was known of it."""

    site_id: int
    first_on: date
    until_on: date
    last_entry: int


def entries_between(session: Session, site_id: int, first: date, last: date) -> tuple[int, int]:
    """Return how many entries changed the shelves of a site on these days, and the highest number of any of them; 0 for none.

    Whoever has locked the site may hold the number against later entries: it then only grows.
    """
    row = session.execute(
        text(
            "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM (SELECT id FROM movement WHERE site_id = :site"
            " AND occurred_on BETWEEN :first AND :last UNION ALL SELECT id FROM movement WHERE counterparty_id = :site"
            " AND counter_delta <> 0 AND site_id <> :site AND occurred_on BETWEEN :first AND :last) AS legs"
        ),
        {"site": site_id, "first": first.isoformat(), "last": last.isoformat()},
    ).one()
    return int(row[0]), int(row[1])


def later_entries(session: Session, marks: Sequence[Mark]) -> list[int]:
    """Return for each mark how many entries of its days were recorded after it."""
    rows = [(n, one.site_id, one.first_on, one.until_on, one.last_entry) for n, one in enumerate(marks)]
    columns = {"place": "int", "site": "int", "first_on": "day", "until_on": "day", "mark": "int"}
    source, parameters = inline_rows(session, "wanted", columns, rows)
    leg = (
        f"SELECT wanted.place AS place FROM {source} JOIN movement m ON %s AND m.occurred_on >= wanted.first_on"
        " AND m.occurred_on <= wanted.until_on AND m.id > wanted.mark"
    )
    own = leg % "m.site_id = wanted.site"
    other = leg % "m.counterparty_id = wanted.site AND m.counter_delta <> 0 AND m.site_id <> wanted.site"
    found = dict.fromkeys(range(len(marks)), 0)
    if marks:
        query = f"SELECT place, COUNT(*) FROM ({own} UNION ALL {other}) AS legs GROUP BY place"
        found |= {int(row[0]): int(row[1]) for row in session.execute(text(query), parameters)}
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Since:
    """Days of the whole country, and the number of the last entry that was known of them."""

    first_on: date
    until_on: date
    last_entry: int


def last_entry(session: Session) -> int:
    """Return the number of the youngest entry, 0 where there is none."""
    return int(session.execute(text("SELECT COALESCE(MAX(id), 0) FROM movement")).scalar_one())


def counted_after(session: Session, marks: Sequence[Since]) -> list[int]:
    """Return for each mark how many entries of its days were recorded after it; none is asked for where there is no mark."""
    found = dict.fromkeys(range(len(marks)), 0)
    rows = [(n, one.first_on, one.until_on, one.last_entry) for n, one in enumerate(marks)]
    columns = {"place": "int", "first_on": "day", "until_on": "day", "mark": "int"}
    source, parameters = inline_rows(session, "wanted", columns, rows)
    query = (
        f"SELECT wanted.place, COUNT(*) FROM {source} JOIN movement m ON m.id > wanted.mark"
        " AND m.occurred_on >= wanted.first_on AND m.occurred_on <= wanted.until_on GROUP BY wanted.place"
    )
    if marks:
        found |= {int(row[0]): int(row[1]) for row in session.execute(text(query), parameters)}
    return list(found.values())


def entries_after(session: Session, since: Since, limit: int) -> list[tuple[str, date, str]]:
    """Return the entries of these days that were recorded after the mark: reference, day, kind; the first recorded first."""
    rows = session.execute(
        text(
            "SELECT reference, occurred_on, kind FROM movement WHERE id > :mark AND occurred_on >= :first"
            " AND occurred_on <= :until ORDER BY id LIMIT :most"
        ),
        {
            "mark": since.last_entry,
            "first": since.first_on.isoformat(),
            "until": since.until_on.isoformat(),
            "most": limit,
        },
    )
    return [(str(row[0]), as_day(row[1]), str(row[2])) for row in rows]
