"""Permits that had a life after their issue: imports and exports of the example year, and what was certified of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.endorsements.domain.facts import EndorsementFact
from registry.endorsements.queries.after import watched
from registry.endorsements.service import EndorsementAsked, StatedLine, endorse
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Invalid
from registry.kernel.rules import Finding
from registry.permits.service.customs import WriteOffAsked, write_off
from tests.permits.acting import JUNE, OFFICER
from tests.world import BISHKEK, move, table_of, take_in

CUSTOMS = Actor(5, "guard", frozenset({"customs"}))
PERMITS = "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity,counterpart_number"
EXPORT = "X-1,export,E-IMP,KZ,Buyer,2024-06-01,2024-08-30,MOR10,2000,KZ-77"


def on(*day: int, hour: int = 9) -> FixedClock:
    """Return the clock of a day."""
    return FixedClock(datetime(*day, hour, tzinfo=BISHKEK), BISHKEK)


def arrive(session: Session, units: int, day: str = "2024-06-12", permit: str = "P-6", country: str = "IN") -> None:
    """Let goods of an import permit come onto the shelf."""
    report = move(session, f"I-{permit}-{day},{day},import,E-IMP,,MOR10,B1,{units},{permit},{country},,,", clock=JUNE)
    assert report.written, report.as_json()


def leave(session: Session, units: int, day: str = "2024-06-12") -> None:
    """Issue an export permit on paper and let goods leave on it."""
    assert take_in(session, "permits", table_of(PERMITS, EXPORT), clock=JUNE).written
    stock = f"O-1,2024-01-01,opening_stock,E-IMP,,MOR10,B9,{units},,,,,"
    report = move(session, stock, f"E-1,{day},export,E-IMP,,MOR10,B9,{units},X-1,KZ,,,", clock=JUNE)
    assert report.written, report.as_json()


def passed(session: Session, units: int, day: date = date(2024, 6, 11), permit: str = "P-6") -> None:
    """Let customs write goods off."""
    asked = WriteOffAsked(f"m-{permit}-{day}", permit, day, f"D-{permit}", (("MOR10", str(units)),))
    with unit_of_work(session):
        [told] = write_off(session, CUSTOMS, JUNE, [asked])
    assert not told.problems, told.problems


def stated(quantity: object = "120000", reason: str = "", text: str = "", product: str = "MOR10") -> StatedLine:
    """Return what is stated of one product."""
    return StatedLine(product, str(quantity), reason, text)


def asked(number: str = "E-1", *lines: StatedLine, **other: Any) -> EndorsementAsked:
    """Return an endorsement of permit P-6, all of which came, unless told otherwise."""
    said: dict[str, Any] = {
        "permit": "P-6",
        "number": number,
        "foreign_number": "IN-P-6",
        "arrived_on": date(2024, 6, 12),
        "endorsed_on": date(2024, 6, 14),
        "lines": lines or (stated(),),
    }
    return EndorsementAsked(**said | other)


def certify(
    session: Session, one: EndorsementAsked, clock: FixedClock = JUNE, actor: Actor = OFFICER
) -> EndorsementFact:
    """Record an endorsement for good."""
    with unit_of_work(session):
        return endorse(session, actor, clock, one)


def problems(session: Session, one: EndorsementAsked, clock: FixedClock = JUNE) -> list[tuple[str, str]]:
    """Return place and code of what is wrong with an endorsement; it must be refused."""
    try:
        certify(session, one, clock)
    except Invalid as refusal:
        return [(problem.column, problem.code) for problem in refusal.problems]
    raise AssertionError("it was recorded")


def found(session: Session, clock: FixedClock, *codes: str) -> list[Finding]:
    """Return what the watch finds on a day, of these rules."""
    return [one for one in watched(session, clock).findings() if one.rule.code in codes]


def subjects(session: Session, clock: FixedClock, code: str) -> list[str]:
    """Return what the watch finds under one rule."""
    return [one.subject for one in found(session, clock, code)]
