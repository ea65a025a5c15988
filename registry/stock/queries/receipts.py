"""What was sent between sites and what the receivers said of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.orm import Session

from registry.db import Moment, as_day, inline_rows
from registry.stock.domain.receipts import Difference, SentLine, Settlement, unconfirmed_on_hand
from registry.stock.models import Receipt, ReceiptDifference

ASKED = "m.id > COALESCE((SELECT MAX(movement_id) FROM receipt_start), 0)"
LAST = (
    "LEFT JOIN receipt a ON a.movement_id = m.id AND NOT EXISTS"
    " (SELECT 1 FROM receipt later WHERE later.movement_id = m.id AND later.number > a.number)"
)
"""The receiver's last answer to the entry `m`."""
UNANSWERED = f"{ASKED} AND a.number IS NULL AND r.id IS NULL"
DISPUTED = (
    "a.as_sent IS FALSE AND r.id IS NULL AND EXISTS (SELECT 1 FROM receipt_difference d"
    " LEFT JOIN receipt_settlement e ON e.movement_id = d.movement_id AND e.number = d.number AND e.reason = d.reason"
    " WHERE d.movement_id = a.movement_id AND d.number = a.number AND e.movement_id IS NULL)"
)
_COLUMNS = (
    "m.id, m.reference, m.occurred_on, m.kind, m.site_id, m.counterparty_id, b.product_id, b.revision_id, b.id, b.label,"
    f" b.expires_on, m.units, m.document, {ASKED}, r.reference, COALESCE(a.number, 0), a.received_on, a.as_sent, a.note"
)
_SENT = "m.counter_delta > 0 AND m.reverses_id IS NULL"
_JOINS = f" JOIN batch b ON b.id = m.batch_id {LAST} LEFT JOIN movement r ON r.reverses_id = m.id"


@dataclass(frozen=True, slots=True)
class SentFilter:
    """Which lines to list: of these receivers, of these senders (None: of any).

    `unanswered`, `disputed`: only those. `beyond`: (day, id), the key of the last line shown before.
    """

    receivers: Sequence[int] | None = None
    senders: Sequence[int] | None = None
    unanswered: bool = False
    disputed: bool = False
    beyond: tuple[date, int] | None = None
    youngest_first: bool = False


def sent_lines(session: Session, asked: SentFilter, limit: int) -> list[SentLine]:
    """Return what was sent, by its day, the oldest first unless asked otherwise; three statements."""
    conditions, parameters = [_SENT], dict[str, Any](limit=limit)
    source = "movement m"
    for name, column, sites in (
        ("receivers", "counterparty_id", asked.receivers),
        ("senders", "site_id", asked.senders),
    ):
        if sites is not None:
            table, more = inline_rows(session, name, {"id": "int"}, [(number,) for number in sites])
            source += f" JOIN {table} ON {name}.id = m.{column}"
            parameters |= more
    if asked.unanswered:
        conditions.append(UNANSWERED)
    if asked.disputed:
        conditions += [DISPUTED, "m.id IN (SELECT movement_id FROM receipt WHERE NOT as_sent)"]
    way, beyond = ("DESC", "<") if asked.youngest_first else ("ASC", ">")
    if asked.beyond is not None:
        conditions.append(f"(m.occurred_on, m.id) {beyond} (:beyond_day, :beyond_id)")
        parameters |= {"beyond_day": asked.beyond[0].isoformat(), "beyond_id": asked.beyond[1]}
    query = (
        f"SELECT {_COLUMNS} FROM {source}{_JOINS} WHERE {' AND '.join(conditions)}"
        f" ORDER BY m.occurred_on {way}, m.id {way} LIMIT :limit"
    )
    return _lines(session, session.execute(text(query), parameters).all())


def lines_named(session: Session, references: Iterable[str]) -> dict[str, SentLine]:
    """Return the lines under these references, as far as they sent something; three statements."""
    table, parameters = inline_rows(session, "wanted", {"reference": "text"}, [(each,) for each in references])
    query = f"SELECT {_COLUMNS} FROM {table} JOIN movement m ON m.reference = wanted.reference{_JOINS} WHERE {_SENT}"
    return {line.reference: line for line in _lines(session, session.execute(text(query), parameters).all())}


def _lines(session: Session, rows: Sequence[Row[Any]]) -> list[SentLine]:
    lines = [_line(row) for row in rows]
    wanted = [(line.id, line.answered) for line in lines if line.as_sent is False]
    if not wanted:
        return lines
    differences, settled = _differences(session, wanted)
    return [
        replace(line, differences=tuple(differences.get(line.id, ())), settled=frozenset(settled.get(line.id, ())))
        for line in lines
    ]


def _line(row: Row[Any]) -> SentLine:
    values = list(row)
    for place in (2, 10, 16):
        values[place] = as_day(values[place]) if values[place] is not None else None
    values[13] = bool(values[13])
    values[17] = None if values[17] is None else bool(values[17])
    return SentLine(*values)


def _differences(
    session: Session, answers: Iterable[tuple[int, int]]
) -> tuple[Mapping[int, list[Difference]], Mapping[int, list[str]]]:
    """Return what differs by entry, and the reasons that are settled; one statement."""
    table, parameters = inline_rows(session, "wanted", {"id": "int", "number": "int"}, list(answers))
    rows = session.execute(
        text(
            "SELECT d.movement_id, d.reason, d.units, d.label, e.movement_id IS NOT NULL"
            f" FROM {table} JOIN receipt_difference d ON d.movement_id = wanted.id AND d.number = wanted.number"
            " LEFT JOIN receipt_settlement e ON e.movement_id = d.movement_id AND e.number = d.number AND e.reason = d.reason"
            " ORDER BY d.movement_id, d.reason"
        ),
        parameters,
    )
    found: dict[int, list[Difference]] = defaultdict(list)
    settled: dict[int, list[str]] = defaultdict(list)
    for movement, reason, units, label, ended in rows:
        found[movement].append(Difference(reason, int(units), label))
        if ended:
            settled[movement].append(reason)
    return found, settled


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a receiver, as recorded."""

    number: int
    received_on: date
    as_sent: bool
    note: str | None
    recorded_at: datetime
    recorded_by: str
    differences: tuple[Difference, ...]


def answers_to(session: Session, movement_id: int) -> list[Answer]:
    """Return everything the receiver said of one entry, the last answer first; two statements."""
    rows = session.execute(select(*Receipt.__table__.c).where(Receipt.movement_id == movement_id)).all()
    differences: dict[int, list[Difference]] = defaultdict(list)
    told = select(*ReceiptDifference.__table__.c).where(ReceiptDifference.movement_id == movement_id)
    for row in session.execute(told.order_by(ReceiptDifference.reason)):
        differences[row.number].append(Difference(row.reason, row.units, row.label))
    return [
        Answer(
            row.number,
            row.received_on,
            row.as_sent,
            row.note,
            row.recorded_at,
            row.recorded_by,
            tuple(differences[row.number]),
        )
        for row in sorted(rows, key=lambda row: -row.number)
    ]


def settlements_of(session: Session, line: SentLine) -> dict[str, Settlement]:
    """Return how the differences of a line came to their end, by reason; one statement."""
    rows = session.execute(
        text(
            "SELECT e.reason, m.reference, e.ruling, e.document, e.recorded_by FROM receipt_settlement e"
            " LEFT JOIN movement m ON m.id = e.entry_id WHERE e.movement_id = :id AND e.number = :number"
        ),
        {"id": line.id, "number": line.answered},
    )
    return {row[0]: Settlement(*row[1:]) for row in rows}


def unconfirmed_units(
    session: Session, shelves: Iterable[tuple[int, int]], taken_back: Iterable[int] = ()
) -> dict[tuple[int, int], int]:
    """Return how much of what lies on each shelf (site, batch) nobody there has confirmed; one statement.

    Entries that were reversed, and `taken_back`, those that are being reversed just now, are left out
    with their reversals. The days before the oldest line that waits count as one with its day.
    """
    table, parameters = inline_rows(session, "wanted", {"site_id": "int", "batch_id": "int"}, sorted(set(shelves)))
    gone, more = inline_rows(session, "gone", {"id": "int"}, [(number,) for number in taken_back])
    standing = f"m.id NOT IN (SELECT gone.id FROM {gone})"
    answered = f"{LAST} LEFT JOIN movement r ON r.reverses_id = m.id"
    rows = session.execute(
        text(
            "WITH oldest AS (SELECT m.counterparty_id AS site_id, m.batch_id AS batch_id, MIN(m.occurred_on) AS day"
            f" FROM {table} JOIN movement m ON m.counterparty_id = wanted.site_id AND m.batch_id = wanted.batch_id"
            f" {answered} WHERE {_SENT} AND {UNANSWERED} AND {standing} GROUP BY 1, 2)"
            " SELECT o.site_id, o.batch_id, CASE WHEN m.occurred_on < o.day THEN o.day ELSE m.occurred_on END,"
            " SUM(CASE WHEN m.site_id = o.site_id THEN m.site_delta ELSE 0 END"
            " + CASE WHEN m.counterparty_id = o.site_id THEN m.counter_delta ELSE 0 END),"
            f" SUM(CASE WHEN m.counterparty_id = o.site_id AND {_SENT} AND {UNANSWERED} THEN m.units ELSE 0 END)"
            " FROM oldest o JOIN movement m ON m.batch_id = o.batch_id"
            f" AND (m.site_id = o.site_id OR (m.counterparty_id = o.site_id AND m.counter_delta <> 0)) {answered}"
            f" WHERE m.reverses_id IS NULL AND r.id IS NULL AND {standing} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        ),
        parameters | more,
    )
    days: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for site, batch, _, change, sent in rows:
        days[site, batch].append((int(change), int(sent)))
    return {shelf: unconfirmed_on_hand(each) for shelf, each in days.items()}


def count_unconfirmed(session: Session, organisation_id: int) -> int:
    """Return how many lines wait for the confirmation of an organisation; one statement."""
    return _count(
        session,
        f"JOIN site s ON s.id = m.counterparty_id AND s.organisation_id = :organisation {LAST}",
        UNANSWERED,
        {"organisation": organisation_id},
    )


def count_disputed(session: Session) -> int:
    """Return how many lines were received otherwise than entered, and nothing has ended it; one statement."""
    return _count(session, LAST, f"m.id IN (SELECT movement_id FROM receipt WHERE NOT as_sent) AND {DISPUTED}", {})


def _count(session: Session, joins: str, condition: str, parameters: dict[str, object]) -> int:
    query = (
        f"SELECT COUNT(*) FROM movement m {joins} LEFT JOIN movement r ON r.reverses_id = m.id"
        f" WHERE {_SENT} AND {condition}"
    )
    return int(session.execute(text(query), parameters).scalar_one())


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """What a site has not confirmed: lines sent before a day, and the oldest day."""

    site_id: int
    lines: int
    oldest: date


def unconfirmed_before(session: Session, day: date, receivers: Iterable[int] | None = None) -> list[Unconfirmed]:
    """Return the sites, of these if named, that have not confirmed what was sent before `day`; one statement."""
    source, parameters = "movement m", dict[str, Any]()
    if receivers is not None:
        table, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in receivers])
        source = f"{table} JOIN movement m ON m.counterparty_id = wanted.id"
    rows = session.execute(
        text(
            f"SELECT m.counterparty_id, COUNT(*), MIN(m.occurred_on) FROM {source} {LAST}"
            " LEFT JOIN movement r ON r.reverses_id = m.id"
            f" WHERE {_SENT} AND m.occurred_on < :day AND {UNANSWERED} GROUP BY 1 ORDER BY 1"
        ),
        parameters | {"day": day.isoformat()},
    )
    return [Unconfirmed(site, int(lines), as_day(oldest)) for site, lines, oldest in rows]


def disputed_at(session: Session, site_ids: Iterable[int]) -> tuple[Counter[int], Counter[int]]:
    """Return by site how many lines it received otherwise than sent, and how many it sent so, that nothing has ended; one statement."""
    table, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
    rows = session.execute(
        text(
            f"SELECT wanted.id, wanted.id = m.counterparty_id, COUNT(*) FROM receipt a JOIN movement m ON m.id = a.movement_id"
            f" JOIN {table} ON wanted.id = m.counterparty_id OR wanted.id = m.site_id"
            " LEFT JOIN movement r ON r.reverses_id = m.id"
            " WHERE NOT a.as_sent AND NOT EXISTS"
            " (SELECT 1 FROM receipt later WHERE later.movement_id = m.id AND later.number > a.number)"
            f" AND {_SENT} AND {DISPUTED} GROUP BY 1, 2"
        ),
        parameters,
    )
    received, sent = Counter[int](), Counter[int]()
    for site, is_receiver, lines in rows:
        (received if is_receiver else sent)[site] += int(lines)
    return received, sent


@dataclass(frozen=True, slots=True)
class Sent:
    """What one site sent another in one posting, recorded at a moment: lines that wait, and the day of the oldest."""

    sender_id: int
    receiver_id: int
    recorded_at: datetime
    lines: int
    oldest: date


def sent_lately(session: Session, first: datetime, before: datetime, since: date) -> list[Sent]:
    """Return what was recorded from `first` on and before a moment, happened `since` a day and waits; one statement."""
    query = (
        f"SELECT m.site_id, m.counterparty_id, p.recorded_at, COUNT(*), MIN(m.occurred_on) FROM movement m"
        f" JOIN posting p ON p.id = m.posting_id {LAST} LEFT JOIN movement r ON r.reverses_id = m.id"
        f" WHERE {_SENT} AND m.occurred_on >= :since AND p.recorded_at >= :first AND p.recorded_at < :before"
        f" AND {UNANSWERED} GROUP BY p.id, 1, 2, 3 ORDER BY p.id, 1, 2"
    )
    moments = (bindparam("first", type_=Moment), bindparam("before", type_=Moment))
    rows = session.execute(
        text(query).bindparams(*moments).columns(recorded_at=Moment),
        {"since": since.isoformat(), "first": first, "before": before},
    )
    return [Sent(row[0], row[1], row[2], int(row[3]), as_day(row[4])) for row in rows]


@dataclass(frozen=True, slots=True)
class Correction:
    """An entry that may have corrected a difference: what it did to the receiver's shelf."""

    id: int
    reference: str
    occurred_on: date
    kind: str
    change: int


def corrections_at(session: Session, line: SentLine, change: int, limit: int = 20) -> list[Correction]:
    """Return the standing entries since the line that changed the receiver's shelf of its batch by `change`, the latest first.

    Those between two sites are between these two. What has settled something already is left out. One statement.
    """
    rows = session.execute(
        text(
            "SELECT m.id, m.reference, m.occurred_on, m.kind, :change FROM movement m"
            " LEFT JOIN movement r ON r.reverses_id = m.id LEFT JOIN receipt_settlement e ON e.entry_id = m.id"
            " WHERE m.batch_id = :batch AND m.occurred_on >= :since AND m.id > :id AND r.id IS NULL AND e.entry_id IS NULL"
            " AND m.reverses_id IS NULL AND ((m.site_id = :site AND m.site_delta = :change"
            " AND (m.counter_delta = 0 OR m.counterparty_id = :sender))"
            " OR (m.site_id = :sender AND m.counterparty_id = :site AND m.counter_delta = :change))"
            " ORDER BY m.id DESC LIMIT :limit"
        ),
        {
            "batch": line.batch_id,
            "since": line.occurred_on.isoformat(),
            "id": line.id,
            "site": line.receiver_id,
            "sender": line.sender_id,
            "change": change,
            "limit": limit,
        },
    )
    return [Correction(row[0], row[1], as_day(row[2]), row[3], row[4]) for row in rows]
