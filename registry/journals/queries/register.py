"""The register of a year as the ledger tells it: what it begins with, then its operations one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from registry.db import Moment, as_day
from registry.journals.domain.register import Heading, Operation

AT_A_TIME = 1_000
_LEG = (
    "SELECT m.id, m.posting_id, m.occurred_on, m.{delta} AS delta, m.{other} AS other_id FROM batch b"
    " JOIN movement m ON m.batch_id = b.id AND m.{side} = :site AND m.{delta} <> 0 AND m.occurred_on < :after"
    " WHERE b.product_id = :product"
)
_LEGS = (
    "WITH sides AS ("
    + _LEG.format(side="site_id", delta="site_delta", other="counterparty_id")
    + " UNION ALL "
    + _LEG.format(side="counterparty_id", delta="counter_delta", other="site_id")
    + "), legs AS (SELECT s.*, p.recorded_at FROM sides s JOIN posting p ON p.id = s.posting_id AND p.recorded_at <= :moment),"
    " opened AS (SELECT MIN(posting_id) AS id FROM legs WHERE occurred_on >= :first),"
    " placed AS (SELECT legs.*, CASE WHEN occurred_on >= :first OR posting_id > opened.id THEN 1 ELSE 0 END AS inside"
    " FROM legs CROSS JOIN opened)"
)


@dataclass(frozen=True, slots=True)
class RegisterAsked:
    """Whose register of which year, as it was known at a moment."""

    site_id: int
    site: str
    product_id: int
    product: str
    year: int
    moment: datetime

    @property
    def first(self) -> date:
        """Return the first day of the year."""
        return date(self.year, 1, 1)


def _parameters(asked: RegisterAsked) -> dict[str, object]:
    return {
        "site": asked.site_id,
        "product": asked.product_id,
        "first": asked.first.isoformat(),
        "after": date(asked.year + 1, 1, 1).isoformat(),
        "moment": asked.moment,
    }


def heading(session: Session, asked: RegisterAsked) -> Heading:
    """Return what the register begins with, in units of account. One statement.

    It opens with the posting that brought the first entry of the year: what is learned of earlier years after it
    is a line, so that the balance at the top of the first page stays.
    """
    query = text(
        f"{_LEGS} SELECT COALESCE(SUM(CASE WHEN inside = 0 THEN delta ELSE 0 END), 0), COALESCE(SUM(inside), 0) FROM placed"
    ).bindparams(bindparam("moment", type_=Moment))
    opening, operations = session.execute(query, _parameters(asked)).one()
    return Heading(asked.site, asked.product, asked.year, int(opening), int(operations))


def operations(session: Session, asked: RegisterAsked) -> Iterator[Operation]:
    """Yield the operations in the order they were learned, within one posting by day; streamed, one statement."""
    query = (
        text(
            f"{_LEGS} SELECT m.reference, x.occurred_on, x.recorded_at, m.kind, o.reference, m.document, m.prescription,"
            " site.code, m.country, x.other_id, b.label, x.delta FROM placed x JOIN movement m ON m.id = x.id"
            " JOIN batch b ON b.id = m.batch_id LEFT JOIN movement o ON o.id = m.reverses_id"
            " LEFT JOIN site ON site.id = x.other_id WHERE x.inside = 1"
            " ORDER BY x.posting_id, x.occurred_on, CASE WHEN x.delta > 0 THEN 0 ELSE 1 END, x.id"
        )
        .bindparams(bindparam("moment", type_=Moment))
        .columns(recorded_at=Moment)
        .execution_options(stream_results=True, yield_per=AT_A_TIME)
    )
    for row in session.execute(query, _parameters(asked)):
        day = as_day(row[1])
        yield Operation(
            reference=row[0],
            occurred_on=day,
            recorded_at=row[2],
            kind=row[3],
            reverses=row[4] or "",
            document=row[5] or row[6] or "",
            other=row[7] or row[8] or "",
            other_id=row[9],
            label=row[10],
            delta=int(row[11]),
            earlier=day < asked.first,
        )


def products_moved(session: Session, site_id: int, year: int) -> list[int]:
    """Return the products that lay at a site in a year or moved there, by their ids. One statement."""
    rows = session.execute(
        text(
            "SELECT DISTINCT b.product_id FROM movement m JOIN batch b ON b.id = m.batch_id"
            " WHERE m.site_id = :site AND m.site_delta <> 0 AND m.occurred_on < :after UNION SELECT DISTINCT b.product_id"
            " FROM movement m JOIN batch b ON b.id = m.batch_id"
            " WHERE m.counterparty_id = :site AND m.counter_delta <> 0 AND m.occurred_on < :after ORDER BY 1"
        ),
        {"site": site_id, "after": date(year + 1, 1, 1).isoformat()},
    )
    return [row[0] for row in rows]


def others_of(session: Session, asked: RegisterAsked) -> list[int]:
    """Return the sites on the other side of the operations of a register. One statement."""
    query = text(f"{_LEGS} SELECT DISTINCT other_id FROM placed WHERE inside = 1 AND other_id IS NOT NULL ORDER BY 1")
    return [row[0] for row in session.execute(query.bindparams(bindparam("moment", type_=Moment)), _parameters(asked))]
