"""A country that asks its pharmacies for reports, for the tests of this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.parameters import Parameter
from registry.parameters.service import NewValue, set_value
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes
from registry.reporting.domain.parameters import PHARMACIES
from registry.reporting.queries.reports import Owed, owed_by, sheet_of
from registry.reporting.service import state_report
from registry.reporting.service.stating import owed_report
from tests.conftest import BISHKEK
from tests.world import CLOCK, move

YEAR = date(2024, 1, 1)
STOCK = "O-1,2024-01-01,opening_stock,E-PH1,,MOR10,A0,1000,,,,,"


def on(year: int, month: int, day: int) -> FixedClock:
    """Return a clock that stands at nine in the morning of a day."""
    return FixedClock(datetime(year, month, day, 9, 0, tzinfo=BISHKEK), BISHKEK)


def set_to(session: Session, parameter: Parameter, value: str, since: date = YEAR) -> None:
    """Set a parameter from a day on."""
    with unit_of_work(session):
        set_value(session, SYSTEM, CLOCK, NewValue(parameter, value, since, "No. 1"))


def pharmacies_report(session: Session, every: str = "month", since: date = YEAR) -> None:
    """Ask pharmacies for reports from a day on."""
    set_to(session, PHARMACIES, every, since)


def site(session: Session, code: str = "E-PH1") -> SiteFact:
    """Return a site."""
    return sites_by_codes(session, [code])[code]


def dispense(session: Session, reference: str, day: str, units: int = 10) -> None:
    """Let the pharmacy hand something out."""
    row = f"{reference},{day},dispense,E-PH1,,MOR10,A0,{units},,,,R-1,"
    assert move(session, row).written, reference


def owed(session: Session, clock: FixedClock, code: str = "E-PH1") -> list[Owed]:
    """Return what a site owes."""
    return owed_by(session, clock.today(), [site(session, code)])


def states(session: Session, clock: FixedClock, code: str = "E-PH1") -> dict[str, str]:
    """Return where the reports of a site stand, by period."""
    return {one.duty.span.code: one.state.value for one in owed(session, clock, code)}


def state(session: Session, clock: FixedClock, period: str, *, nil: bool = False, seen: str | None = None) -> None:
    """Let the pharmacy report."""
    with unit_of_work(session):
        pharmacy = site(session)
        if seen is None:
            seen = shown(session, clock, period)
        state_report(session, SYSTEM, clock, pharmacy, period, nil=nil, seen=seen)


def shown(session: Session, clock: FixedClock, period: str) -> str:
    """Return the digest of the sheet a page would show."""
    return sheet_of(session, owed_report(session, clock, site(session), period).duty, clock.today()).digest
