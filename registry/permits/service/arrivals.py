"""What has moved on permits, as the ledger tells it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from registry.db import inline_rows, lock_suffix
from registry.kernel.clock import Clock
from registry.permits.domain.facts import Arrived
from registry.permits.models import PermitArrival


def settle_arrivals(session: Session, clock: Clock, facts: Mapping[int, Arrived]) -> None:  # noqa: ARG001
    """Write what has moved on each permit in all; goods that arrive end it and free the rest.

    Absolute values: a reversal tells None and zero, and the permit is open again. The
    positions are not touched here: every grant counts the open permits anew under their lock,
    and positions are always locked before permits, never after.
    """
    if not facts:
        return
    rows = sorted((number, arrived.first_day) for number, arrived in facts.items())
    table, params = inline_rows(session, "told", {"id": "int", "arrived_on": "day"}, rows)
    suffix = lock_suffix(session)
    session.execute(
        text(
            f"SELECT permit.id FROM permit JOIN {table} ON permit.id = told.id ORDER BY permit.id"  # noqa: S608
            + (f"{suffix} OF permit" if suffix else "")
        ),
        params,
    )
    session.execute(
        text(f"UPDATE permit SET arrived_on = told.arrived_on FROM {table} WHERE permit.id = told.id"),  # noqa: S608
        params,
    )
    session.execute(
        text(f"DELETE FROM permit_arrival WHERE permit_id IN (SELECT told.id FROM {table})"),  # noqa: S608
        params,
    )
    moved = [
        {"permit_id": number, "product_id": product, "moved_on": day, "units": units}
        for number, each in sorted(facts.items())
        for (day, product), units in each.units.items()
        if units
    ]
    if moved:
        session.connection().execute(insert(PermitArrival), moved)
