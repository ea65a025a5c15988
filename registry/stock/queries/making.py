"""What was used up to make something else, and what was made under the same document at the same site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from registry.db import Moment, inline_rows
from registry.stock.domain.kinds import MANUFACTURE
from registry.stock.domain.national import read_effect
from registry.stock.queries.entries import DOCUMENT, REVERSED

Job = tuple[int, str]
"""Site and number of the document that a use and a manufacture share."""


@dataclass(frozen=True, slots=True)
class UseTotal:
    """What was used of one product revision for one column under one document. `units`: in units of account."""

    revision_id: int
    column: str
    site_id: int
    document: str
    units: int


def uses_by_document(
    session: Session, columns: Collection[str], first: date, last: date, *, known_before: datetime | None = None
) -> list[UseTotal]:
    """Return what the entries of the days given add to `columns`, by site and document; one statement.

    Document is empty where an entry names none. With `known_before` only what was recorded before that moment counts.
    """
    grouped = _by_document(session, columns, first, last, known_before)
    return [UseTotal(revision, column, site, document, units) for (revision, column, site, document), units in grouped]


def made_by_document(
    session: Session, first: date, last: date, *, known_before: datetime | None = None
) -> dict[Job, frozenset[int]]:
    """Return the product revisions manufactured under each document of a site in the days given; one statement.

    What was reversed as a whole was not made.
    """
    found: dict[Job, set[int]] = defaultdict(set)
    for (revision, _, site, document), units in _by_document(
        session, [str(MANUFACTURE.column)], first, last, known_before
    ):
        if document and units > 0:
            found[site, document].add(revision)
    return {job: frozenset(revisions) for job, revisions in found.items()}


def _by_document(
    session: Session, columns: Collection[str], first: date, last: date, known_before: datetime | None
) -> list[tuple[tuple[int, str, int, str], int]]:
    source, parameters = inline_rows(session, "asked", {"name": "text"}, [(f"%{column}%",) for column in columns])
    parameters |= {"first": first.isoformat(), "last": last.isoformat()}
    known = ""
    if known_before is not None:
        known = " JOIN posting p ON p.id = m.posting_id AND p.recorded_at < :known"
        parameters["known"] = known_before
    statement = text(
        f"SELECT b.revision_id, m.effect, m.site_id, COALESCE({DOCUMENT}, ''), SUM(m.units) FROM movement m"
        f" JOIN batch b ON b.id = m.batch_id{known} {REVERSED}"
        f" WHERE m.occurred_on BETWEEN :first AND :last AND EXISTS (SELECT 1 FROM {source} WHERE m.effect LIKE asked.name)"
        " GROUP BY 1, 2, 3, 4"
    )
    if known_before is not None:
        statement = statement.bindparams(bindparam("known", type_=Moment))
    totals: dict[tuple[int, str, int, str], int] = defaultdict(int)
    for revision, effect, site, document, units in session.execute(statement, parameters):
        for column, sign in read_effect(effect):
            if column in columns:
                totals[revision, column, site, document] += sign * int(units)
    return sorted(item for item in totals.items() if item[1])
