"""Lists loaded once per test, and short ways to state products."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.substances.service import RecordOutcome, load_reference, record_components, record_products

Record = Callable[..., RecordOutcome]


@pytest.fixture
def lists(session: Session, clock: FixedClock) -> Session:
    """A session with every list edition loaded."""
    load_reference(session, clock)
    return session


@pytest.fixture
def add_products(lists: Session, clock: FixedClock) -> Record:
    def add(*rows: dict[str, object], at: FixedClock = clock) -> RecordOutcome:
        return record_products(lists, SYSTEM, at, [{"row": n, **row} for n, row in enumerate(rows, start=2)])

    return add


@pytest.fixture
def add_components(lists: Session, clock: FixedClock) -> Record:
    def add(*rows: tuple[str, str, str, int], at: FixedClock = clock) -> RecordOutcome:
        named = [
            {"row": n, "product": product, "substance": substance, "salt": salt, "amount_ng": amount}
            for n, (product, substance, salt, amount) in enumerate(rows, start=2)
        ]
        return record_components(lists, SYSTEM, at, named)

    return add


def product(code: str, **changes: object) -> dict[str, object]:
    return {"code": code, "name": code.lower(), "form": "tablet", "unit": "piece"} | changes
