"""What sites owe and what became of it; the number of statements grows neither with sites nor with months."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.licences.queries import licences_of
from registry.parameters.queries import course
from registry.parties.domain import SiteFact
from registry.parties.queries import every_site
from registry.reporting.domain.calendar import Calendar, Duty, DutyState, Stated, state_of
from registry.reporting.domain.sheets import Line, digest_of
from registry.reporting.models import ReportReminder, SiteReport
from registry.stock.queries.month import MonthRow, month_sheet
from registry.stock.queries.periods import Mark, later_entries
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.base import wanted_ids
from registry.substances.queries.products import revisions_by_ids
from registry.workdays.queries import working_days

LOOKED_BACK_YEARS = 2
OPEN_STATES = frozenset({DutyState.DUE, DutyState.LATE, DutyState.CHANGED})


@dataclass(frozen=True, slots=True)
class Owed:
    """One report that a site owes: where it stands, what was stated of it, the last step of chasing written."""

    site: SiteFact
    duty: Duty
    state: DutyState
    stated: Stated | None
    step: int


def calendar_of(session: Session) -> Calendar:
    """Return what the country has set about reports; two statements."""
    return Calendar(course(session), working_days(session))


def looked_at(calendar: Calendar, today: date) -> tuple[date, date] | None:
    """Return the first and last day whose reports are looked at, None where the country asks for none."""
    starts = calendar.starts_on
    if starts is None or starts > today:
        return None
    return max(starts, date(today.year - LOOKED_BACK_YEARS, today.month, 1)), today


def owed_by(
    session: Session, today: date, sites: Sequence[SiteFact], days: tuple[date, date] | None = None
) -> list[Owed]:
    """Return the reports of these sites for spans that hold any of `days`, the oldest first; at most six statements.

    Without `days`: of the two years up to today.
    """
    calendar = calendar_of(session)
    between = days or looked_at(calendar, today)
    if between is None or not sites:
        return []
    licences = licences_of(session, {site.organisation_id for site in sites})
    duties = [
        (site, duty)
        for site in sites
        for duty in calendar.duties(site, licences.get(site.organisation_id, ()), *between)
    ]
    if not duties:
        return []
    ids = {site.id for site, _ in duties}
    stated = statements(session, ids, {duty.span.code for _, duty in duties})
    steps = _steps(session, ids)
    return sorted(
        (
            Owed(site, duty, state_of(duty, said, today), said, steps.get((site.id, duty.span.code), 0))
            for site, duty in duties
            for said in (stated.get((site.id, duty.span.code)),)
        ),
        key=lambda one: (one.duty.span, one.site.code),
    )


def owed_by_all(session: Session, today: date, days: tuple[date, date] | None = None) -> list[Owed]:
    """Return what `owed_by` does of every site of the country."""
    return owed_by(session, today, every_site(session), days) if looked_at(calendar_of(session), today) else []


def still_open(owed: Iterable[Owed]) -> list[Owed]:
    """Return what the sites have to see to now: due, late, or changed since it was reported."""
    return [one for one in owed if one.state in OPEN_STATES]


def statements(session: Session, site_ids: Collection[int], periods: Collection[str]) -> dict[tuple[int, str], Stated]:
    """Return the last statement of each site and span, with what was recorded since; two statements."""
    keys = wanted_ids(session, "wanted_site", site_ids)
    last = select(SiteReport.site_id, SiteReport.period, func.max(SiteReport.number).label("number"))
    last_of = last.group_by(SiteReport.site_id, SiteReport.period).subquery()
    query = (
        select(SiteReport)
        .join(keys, keys.c.id == SiteReport.site_id)
        .join(
            last_of,
            (last_of.c.site_id == SiteReport.site_id)
            & (last_of.c.period == SiteReport.period)
            & (last_of.c.number == SiteReport.number),
        )
        .where(SiteReport.period.in_(sorted(set(periods))))
    )
    rows = list(session.scalars(query))
    later = later_entries(session, [Mark(row.site_id, row.first_on, row.until_on, row.last_entry) for row in rows])
    return {
        (row.site_id, row.period): replace(_stated(row), changed=changed)
        for row, changed in zip(rows, later, strict=True)
    }


def history(session: Session, site_id: int, period: str) -> list[Stated]:
    """Return everything a site stated of a span, the youngest first; one statement."""
    rows = session.scalars(
        select(SiteReport)
        .where(SiteReport.site_id == site_id, SiteReport.period == period)
        .order_by(SiteReport.number.desc())
    )
    return [_stated(row) for row in rows]


def _stated(row: SiteReport) -> Stated:
    return Stated(
        row.site_id, row.period, row.number, row.first_on, row.until_on, row.nil, row.closing, row.entries,
        row.digest, row.recorded_at, row.recorded_by,
    )  # fmt: skip


def _steps(session: Session, site_ids: Collection[int]) -> dict[tuple[int, str], int]:
    keys = wanted_ids(session, "wanted_site", site_ids)
    query = (
        select(ReportReminder.site_id, ReportReminder.period, func.max(ReportReminder.step))
        .join(keys, keys.c.id == ReportReminder.site_id)
        .group_by(ReportReminder.site_id, ReportReminder.period)
    )
    return {(row[0], row[1]): int(row[2]) for row in session.execute(query)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a report affirms: the shelves of the site from the first to the last day, with the products and the digest."""

    rows: tuple[MonthRow, ...]
    revisions: dict[int, RevisionFact]
    digest: str


def sheet_of(session: Session, duty: Duty, today: date) -> Sheet:
    """Return the sheet of one report as the ledger stands now; two statements."""
    found = month_sheet(session, duty.site_id, duty.span.first, duty.until)
    revisions = revisions_by_ids(session, {one.revision_id for one in found}, today)
    lines: list[Line] = [
        (
            revisions[one.revision_id].code, one.label, one.opening, one.receipts, one.issues, one.corrections,
            one.closing,
        )
        for one in found
    ]  # fmt: skip
    ordered = sorted(found, key=lambda one: (revisions[one.revision_id].code, one.label))
    return Sheet(tuple(ordered), dict(revisions), digest_of(lines))
