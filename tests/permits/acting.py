"""People and days for the tests of permits: the example year, acted in its own June."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock, FixedClock
from registry.parties.queries import organisations_by_codes
from registry.permits.queries import ApplicationRow, application_by_reference
from registry.permits.service import issue, propose, take_up
from tests.world import BISHKEK, table_of, take_in

JUNE = FixedClock(datetime(2024, 6, 15, 9, 0, tzinfo=BISHKEK), BISHKEK)
OFFICER = Actor(1, "officer", frozenset({"officer"}))
APPROVER = Actor(2, "approver", frozenset({"approver"}))
BOTH = Actor(3, "both", frozenset({"officer", "approver"}))
COLUMNS = "reference,kind,organisation,partner_country,partner,product,quantity,planned_on,counterpart_number,purpose"


def importer(session: Session, code: str = "E-IMP") -> Actor:
    return Actor(4, "importer", frozenset({"importer"}), organisations_by_codes(session, [code])[code])


def row(
    reference: str,
    quantity: object,
    product: str = "MOR10",
    planned_on: str = "2024-07-01",
    organisation: str = "E-IMP",
    counterpart: str = "",
    kind: str = "import",
) -> str:
    return f"{reference},{kind},{organisation},IN,Supplier,{product},{quantity},{planned_on},{counterpart},medical"


def apply(session: Session, *rows: str, actor: Actor | None = None, clock: Clock = JUNE) -> Report:
    return take_in(session, "applications", table_of(COLUMNS, *rows), actor or importer(session), clock)


def case(session: Session, reference: str) -> ApplicationRow:
    found = application_by_reference(session, reference)
    assert found is not None
    return found


def proposed(
    session: Session, reference: str, quantity: object, clock: Clock = JUNE, officer: Actor = OFFICER, **more: str
) -> ApplicationRow:
    """Submit, take up and propose one application."""
    report = apply(session, row(reference, quantity, **more), clock=clock)
    assert report.written, report.as_json()
    take_up(session, officer, clock, case(session, reference).id, 1)
    propose(session, officer, clock, case(session, reference).id, 2)
    session.commit()
    return case(session, reference)


def issued(session: Session, row_: ApplicationRow, clock: Clock = JUNE) -> str:
    """Issue a proposed case for good; return the number."""
    number = issue(session, APPROVER, clock, row_.id, row_.version)
    session.commit()
    return number
