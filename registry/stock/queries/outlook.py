"""What is due, waits, lies, runs out and expires at sites: for the start page of a firm."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.parameters.queries import course
from registry.stock.domain.kinds import USES
from registry.stock.domain.parameters import CONFIRMED_BEFORE_USE, EXPIRING_DAYS, USE_DAYS
from registry.stock.domain.supply import Lying, Tally
from registry.stock.queries.held import SHELF_COLUMNS, ShelfFact, shelf_fact
from registry.stock.queries.quarantine import closed_lots
from registry.stock.queries.receipts import Unconfirmed, disputed_at, unconfirmed_before, unconfirmed_units


@dataclass(frozen=True, slots=True)
class Outlook:
    """One site today. `received`, `sent`: lines received otherwise than sent that nothing has ended, on either side.

    `lots`: imported lots lying there that wait for their release. `expiring`: the shelves that have expired or do so
    soon, the first to expire first.
    """

    due: Unconfirmed | None
    received: int
    sent: int
    lots: int
    products: tuple[Lying, ...]
    expiring: tuple[ShelfFact, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """What went into use of one composition of a product at a site, and the day of the first entry of it there."""

    site_id: int
    product_id: int
    revision_id: int
    units: int
    first_on: date


def outlook(session: Session, site_ids: Sequence[int], day: date) -> dict[int, Outlook]:
    """Return how each of these sites stands on `day`; seven statements at most, however many sites and shelves."""
    settings = course(session)
    today = settings.on(day)
    shelves = shelves_lying(session, site_ids)
    keys = {(one.site_id, one.batch_id) for one in shelves}
    lots = closed_lots(session, settings, keys)
    undecided = Counter(lot.site_id for lot in lots if lot.released is None)
    closed = {lot.shelf for lot in lots}
    waiting = unconfirmed_units(session, keys)
    due = {one.site_id: one for one in unconfirmed_before(session, day + timedelta(days=1), site_ids)}
    received, sent = disputed_at(session, site_ids)
    window, soon = today.number(USE_DAYS), day + timedelta(days=today.number(EXPIRING_DAYS))

    tallies: dict[tuple[int, int], Tally] = defaultdict(Tally)
    for used in used_since(session, site_ids, day - timedelta(days=window)):
        tallies[used.site_id, used.product_id].add_use(used.revision_id, used.units, used.first_on)
    expiring: dict[int, list[ShelfFact]] = defaultdict(list)
    for one in shelves:
        tallies[one.site_id, one.product_id].add_shelf(
            one.revision_id,
            one.units,
            waiting.get((one.site_id, one.batch_id), 0),
            quarantined=(one.site_id, one.batch_id) in closed,
            expired=one.has_expired(day),
            confirmed_first=today.switch(CONFIRMED_BEFORE_USE),
        )
        if one.has_expired(soon + timedelta(days=1)):
            expiring[one.site_id].append(one)
    products: dict[int, list[Lying]] = defaultdict(list)
    for (site, product), tally in tallies.items():
        if tally.units or tally.used:
            products[site].append(tally.on(product, day, window))
    return {
        site: Outlook(
            due.get(site), received[site], sent[site], undecided[site], tuple(products[site]), tuple(expiring[site])
        )
        for site in site_ids
    }


def shelves_lying(session: Session, site_ids: Iterable[int]) -> list[ShelfFact]:
    """Return every shelf of these sites that holds something, the first to expire first; one statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
    rows = session.execute(
        text(
            f"SELECT {SHELF_COLUMNS} FROM {source} JOIN balance s ON s.site_id = wanted.id"
            " JOIN batch b ON b.id = s.batch_id WHERE s.units > 0"
            " ORDER BY CASE WHEN b.expires_on IS NULL THEN 1 ELSE 0 END, b.expires_on, b.product_id, b.label"
        ),
        parameters,
    )
    return [shelf_fact(row) for row in rows]


def used_since(session: Session, site_ids: Iterable[int], day: date) -> list[Used]:
    """Return what went into use at these sites after `day` of all they ever held; reversed entries count nowhere. One statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
    first = "SELECT MIN(m.occurred_on) FROM movement m WHERE m.{side} = s.site_id AND m.batch_id = s.batch_id"
    query = (
        "SELECT k.site_id, b.product_id, b.revision_id, SUM(k.used), MIN(k.entered), MIN(k.sent) FROM (SELECT s.site_id,"
        " s.batch_id, (SELECT COALESCE(SUM(m.units), 0) FROM movement m LEFT JOIN movement r ON r.reverses_id = m.id"
        " WHERE m.site_id = s.site_id AND m.batch_id = s.batch_id AND m.occurred_on > :day AND m.kind IN :kinds"
        f" AND r.id IS NULL) AS used, ({first.format(side='site_id')}) AS entered,"
        f" ({first.format(side='counterparty_id')} AND m.counter_delta <> 0) AS sent"
        f" FROM {source} JOIN balance s ON s.site_id = wanted.id) AS k"
        " JOIN batch b ON b.id = k.batch_id GROUP BY 1, 2, 3"
    )
    rows = session.execute(
        text(query).bindparams(bindparam("kinds", expanding=True)),
        parameters | {"day": day.isoformat(), "kinds": USES},
    )
    return [
        Used(row[0], row[1], row[2], int(row[3]), min(as_day(each) for each in (row[4], row[5]) if each is not None))
        for row in rows
        if row[4] is not None or row[5] is not None
    ]
