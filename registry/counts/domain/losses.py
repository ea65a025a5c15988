"""A notice of a loss or theft, and the clocks that run from its discovery. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry.counts.domain.parameters import NOTICE_HOURS, POLICE_DAYS, REPORT_DAYS
from registry.kernel.parameters import Parameters
from registry.kernel.text import N_
from registry.kernel.workdays import WorkingDays
from registry.stock.domain.kinds import LOSE, STEAL

LOSS, THEFT = LOSE.code, STEAL.code
SORTS: Mapping[str, str] = {LOSS: LOSE.name, THEFT: STEAL.name}
"""What a notice is about, by the kind of entry it goes with."""
REPORT, POLICE = "report", "police"
STEPS: Mapping[str, str] = {
    REPORT: N_("Full report"),
    POLICE: N_("Number of the police"),
}
"""What follows a notice."""


@dataclass(frozen=True, slots=True)
class Step:
    """What followed a notice: the number of the document, and words where there are some."""

    number: str
    text: str | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Amount:
    """What is missing of one batch, in units of account."""

    product_id: int
    label: str
    units: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A loss or theft as its site told it. `entries`: the references of the movements it goes with; `steps` by their code."""

    id: int
    reference: str
    site_id: int
    sort: str
    discovered_at: datetime
    happened_on: date | None
    what: str
    recorded_at: datetime
    recorded_by: str
    amounts: tuple[Amount, ...] = ()
    entries: tuple[str, ...] = ()
    steps: Mapping[str, Step] | None = None

    def step(self, code: str) -> Step | None:
        """Return what followed, None while it is waited for."""
        return (self.steps or {}).get(code)


def told_in_time(notice: Notice, parameters: Parameters) -> bool:
    """Say whether a notice came within the hours allowed; the last moment of the last hour is in time."""
    hours = parameters.number(NOTICE_HOURS)
    return hours == 0 or notice.recorded_at <= notice.discovered_at + timedelta(hours=hours)


def due_on(notice: Notice, code: str, discovered_on: date, parameters: Parameters, days: WorkingDays) -> date | None:
    """Return the last day for what follows a notice; None where no term is set or nothing is waited for."""
    term = parameters.number(REPORT_DAYS if code == REPORT else POLICE_DAYS)
    if term == 0 or notice.step(code) is not None or (code == POLICE and notice.sort != THEFT):
        return None
    return days.last_of(discovered_on, term)
