"""Rows of permits -> facts, set-based."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.kernel.stops import Stop
from registry.permits.domain.facts import LineFact, PermitFact, reserved_by_substance, still_reserved
from registry.permits.domain.kinds import RESERVING, SEVERAL
from registry.permits.domain.particulars import read_particulars
from registry.permits.domain.proposals import conditions_from
from registry.permits.models import (
    CustomsWriteOff,
    CustomsWriteOffLine,
    Permit,
    PermitArrival,
    PermitLine,
    PermitStop,
)
from registry.quotas.domain.position import Position
from registry.quotas.queries import positions as quota_positions
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries.base import wanted_codes, wanted_ids
from registry.substances.queries.products import holding, revisions_by_ids

_PERMIT: tuple[InstrumentedAttribute[Any], ...] = (
    Permit.id,
    Permit.number,
    Permit.kind,
    Permit.organisation_id,
    Permit.partner_country,
    Permit.partner,
    Permit.issued_on,
    Permit.expires_on,
    Permit.quota_year,
    Permit.arrived_on,
    Permit.counterpart_number,
    Permit.purpose,
    Permit.customs_office,
    Permit.eaeu_number,
    Permit.replaces_id,
    Permit.token,
    Permit.particulars,
    Permit.conditions,
)


def permits_by_numbers(session: Session, numbers: Collection[str]) -> dict[str, PermitFact]:
    """Return permits with their lines by number; unknown numbers are missing. Five statements, none for no number."""
    if not numbers:
        return {}
    chosen = Permit.number.in_(select(wanted_codes(session, "wanted_number", numbers).c.code))
    return {permit.number: permit for permit in _permits(session, chosen)}


def permit_by_eaeu_number(session: Session, number: str) -> PermitFact | None:
    """Return the permit that bears this number in the EAEU, however it is spaced."""
    spelled = "".join(number.split()).upper()
    return next(iter(_permits(session, Permit.eaeu_number == spelled)), None)


def permits_by_ids(session: Session, ids: Collection[int]) -> dict[int, PermitFact]:
    """Return permits with their lines by id. Five statements."""
    return {permit.id: permit for permit in _permits(session, Permit.id.in_(_among(session, ids)))}


def permits_of(
    session: Session,
    organisation_id: int | None = None,
    kind: str | None = None,
    open_on: date | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[PermitFact]:
    """Return permits, the youngest first: of one organisation, of one kind, or valid and unused on a day."""
    chosen: list[ColumnElement[bool]] = []
    if organisation_id is not None:
        chosen.append(Permit.organisation_id == organisation_id)
    if kind is not None:
        chosen.append(Permit.kind == kind)
    if open_on is not None:
        chosen.append(is_open(open_on))
    ids = session.scalars(
        select(Permit.id).where(*chosen).order_by(Permit.issued_on.desc(), Permit.id.desc()).limit(limit).offset(offset)
    ).all()
    found = permits_by_ids(session, ids)
    return [found[number] for number in ids]


def stopped_permits(session: Session, cause: str, day: date, organisation_id: int | None = None) -> list[PermitFact]:
    """Return the permits, of one organisation where given, valid on `day` but for a stop of this cause; six statements."""
    held = PermitStop.until_on.is_(None) | (PermitStop.until_on > day)
    chosen = (
        select(Permit.id)
        .join(PermitStop, PermitStop.permit_id == Permit.id)
        .where(PermitStop.cause == cause, PermitStop.from_on <= day, held, Permit.expires_on >= day)
    )
    if organisation_id is not None:
        chosen = chosen.where(Permit.organisation_id == organisation_id)
    found = permits_by_ids(session, session.scalars(chosen.distinct()).all())
    stopped = ((permit, permit.stopped_on(day)) for permit in found.values())
    return [permit for permit, stop in stopped if stop is not None and stop.cause == cause]


@dataclass(frozen=True, slots=True)
class ReservingLine:
    """One line of a permit that takes from a quota. `moved`: what came in all; `reserved`: what it takes on the day."""

    permit_id: int
    organisation_id: int
    quota_year: int
    revision_id: int
    moved: int
    moved_by_day: int
    reserved: int

    @property
    def held(self) -> int:
        """Return what the organisation has of the quota by it: what came, and what is reserved."""
        return max(self.moved, self.moved_by_day + self.reserved)


def reserving_lines(session: Session, day: date, *chosen: ColumnElement[bool]) -> list[ReservingLine]:
    """Return the lines that take from quotas and what each takes on `day` (`still_reserved`); one statement.

    Left out are permits that neither stand nor let anything pass nor moved anything.
    """
    moved, passed = _moved_by(day), _passed_by(day)
    several, arrived = Permit.kind.in_(SEVERAL), Permit.arrived_on <= day
    stands = and_(Permit.expires_on >= day, ~is_stopped(day))
    in_all, by_day, through = (func.coalesce(c, 0) for c in (moved.c.units, moved.c.by_day, passed.c.units))
    rows = session.execute(
        select(
            Permit.id, Permit.organisation_id, Permit.quota_year, PermitLine.revision_id, PermitLine.units, in_all, by_day,
            through,
            *(case((said, 1), else_=0) for said in (stands, several, arrived)),
        )
        .join(Permit, Permit.id == PermitLine.permit_id)
        .outerjoin(moved, and_(moved.c.permit_id == PermitLine.permit_id, moved.c.product_id == PermitLine.product_id))
        .outerjoin(passed, passed.c.line_id == PermitLine.id)
        .where(Permit.kind.in_(RESERVING), Permit.issued_on <= day, *chosen)
        .where(or_(stands, passed.c.units > 0, moved.c.units > 0))
    )  # fmt: skip
    return [
        ReservingLine(
            permit,
            organisation,
            year,
            revision,
            int(came),
            int(came_by_day),
            still_reserved(
                (units, int(came_by_day), int(let_through)),
                stands=bool(is_standing),
                several=bool(is_several),
                arrived=bool(has_arrived),
            ),
        )
        for (
            permit, organisation, year, revision, units, came, came_by_day, let_through, is_standing, is_several,
            has_arrived,
        ) in rows
    ]  # fmt: skip


Line = tuple[int, int, int]
"""Organisation id, revision id, units."""


def open_lines(session: Session, year: int, as_of: date) -> list[Line]:
    """Return what counts as reserved for `year` on `as_of`; one statement."""
    return [_open(line) for line in _reserving(session, year, as_of)]


def reserving_permits(session: Session, year: int, day: date) -> list[PermitFact]:
    """Return the permits that reserve something in the position of `year` on `day`, the youngest first."""
    found = permits_by_ids(session, {line.permit_id for line in _reserving(session, year, day)})
    return sorted(found.values(), key=lambda permit: (permit.issued_on, permit.id), reverse=True)


def _reserving(session: Session, year: int, day: date) -> list[ReservingLine]:
    """Return the lines that reserve anything in the position of `year`.

    What is reserved for an earlier quota year counts in the year of the day as well: its goods will arrive then.
    """
    return [line for line in reserving_lines(session, day, _of_year(year, day), ~_is_done(day)) if line.reserved]


def _of_year(year: int, day: date) -> ColumnElement[bool]:
    return Permit.quota_year <= year if day.year == year else Permit.quota_year == year


def _is_done(day: date) -> ColumnElement[bool]:
    return func.coalesce(and_(Permit.kind.not_in(SEVERAL), Permit.arrived_on <= day), false())


def competing_lines(
    session: Session, year: int, day: date, organisation_ids: Collection[int], substance_ids: Collection[int]
) -> tuple[list[Line], list[Line]]:
    """Return what `open_lines` and `held_lines` tell, of products that hold any of the substances; one statement."""
    holders = Permit.organisation_id.in_(_among(session, organisation_ids))
    content = PermitLine.revision_id.in_(holding(session, substance_ids))
    found = reserving_lines(session, day, _of_year(year, day), or_(~_is_done(day), holders), content)
    wanted = set(organisation_ids)
    given = [line for line in found if line.quota_year == year and line.organisation_id in wanted]
    return [_open(line) for line in found if line.reserved], [_held(line) for line in given if line.held]


def _open(line: ReservingLine) -> Line:
    return line.organisation_id, line.revision_id, line.reserved


def _held(line: ReservingLine) -> Line:
    return line.organisation_id, line.revision_id, line.held


def reserved(session: Session, year: int, as_of: date) -> dict[int, Fraction]:
    """Return substance id -> nanograms of base reserved by open permits for `year` on `as_of`."""
    lines = open_lines(session, year, as_of)
    revisions = revisions_by_ids(session, {revision for _, revision, _ in lines}, as_of)
    return reserved_by_substance([(revision, units) for _, revision, units in lines], revisions)


def held_lines(session: Session, year: int, as_of: date, organisation_ids: Collection[int]) -> list[Line]:
    """Return what permits of the quota year gave: what arrived, and what is reserved on `as_of`; one statement."""
    holders = Permit.organisation_id.in_(_among(session, organisation_ids))
    return [_held(line) for line in reserving_lines(session, as_of, Permit.quota_year == year, holders) if line.held]


def _moved_by(day: date) -> Subquery:
    by_day = case((PermitArrival.moved_on <= day, PermitArrival.units), else_=0)
    return (
        select(
            PermitArrival.permit_id,
            PermitArrival.product_id,
            func.sum(PermitArrival.units).label("units"),
            func.sum(by_day).label("by_day"),
        )
        .group_by(PermitArrival.permit_id, PermitArrival.product_id)
        .subquery("moved")
    )


def _passed_by(day: date) -> Subquery:
    return (
        select(CustomsWriteOffLine.line_id, func.sum(CustomsWriteOffLine.units).label("units"))
        .join(CustomsWriteOff, CustomsWriteOff.id == CustomsWriteOffLine.write_off_id)
        .where(CustomsWriteOff.passed_on <= day)
        .group_by(CustomsWriteOffLine.line_id)
        .subquery("passed")
    )


def counterparts_of_permits(session: Session, numbers: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (country, foreign permit number, our number) of the permits that name any of `numbers`."""
    keys = wanted_codes(session, "wanted_counterpart", numbers)
    rows = session.execute(
        select(Permit.partner_country, Permit.counterpart_number, Permit.number).where(
            Permit.counterpart_number.in_(select(keys.c.code))
        )
    )
    return [(country, number or "", name) for country, number, name in rows]


def positions(
    session: Session, year: int, as_of: date, substances: Iterable[SubstanceFact] | None = None
) -> list[tuple[SubstanceFact, Position]]:
    """Return the positions of `year` with what permits reserve on `as_of`, from what the ledger has told by now."""
    return quota_positions(session, year, as_of, reserved(session, year, as_of), substances)


def _among(session: Session, ids: Collection[int]) -> Select[tuple[int]]:
    return select(wanted_ids(session, "wanted_permit", ids).c.id)


def is_stopped(day: date, causes: Collection[str] | None = None) -> ColumnElement[bool]:
    """Say in SQL what `PermitFact.stopped_on` says: the permit does not stand on `day`, for one of `causes`."""
    among = PermitStop.cause.in_(tuple(causes)) if causes is not None else true()
    return exists().where(
        among,
        PermitStop.permit_id == Permit.id,
        PermitStop.from_on <= day,
        or_(PermitStop.until_on.is_(None), PermitStop.until_on > day),
    )


def is_open(day: date) -> ColumnElement[bool]:
    """Say in SQL that goods may still move on a permit on `day`: begun, not ended, not stopped, not used."""
    return and_(
        Permit.issued_on <= day,
        Permit.expires_on >= day,
        or_(Permit.arrived_on.is_(None), Permit.arrived_on > day, Permit.kind.in_(SEVERAL)),
        ~is_stopped(day),
    )


def _permits(session: Session, *chosen: ColumnElement[bool]) -> list[PermitFact]:
    rows = session.execute(select(*_PERMIT).where(*chosen).order_by(Permit.id)).all()
    keys = _among(session, [row.id for row in rows])
    arrived: dict[tuple[int, int], dict[date, int]] = defaultdict(dict)
    for permit_id, product_id, moved_on, units in session.execute(
        select(PermitArrival.permit_id, PermitArrival.product_id, PermitArrival.moved_on, PermitArrival.units).where(
            PermitArrival.permit_id.in_(keys)
        )
    ):
        arrived[permit_id, product_id][moved_on] = units
    passed: dict[int, dict[date, int]] = defaultdict(dict)
    for line_id, passed_on, units in session.execute(
        select(CustomsWriteOffLine.line_id, CustomsWriteOff.passed_on, func.sum(CustomsWriteOffLine.units))
        .join(CustomsWriteOff, CustomsWriteOff.id == CustomsWriteOffLine.write_off_id)
        .where(CustomsWriteOff.permit_id.in_(keys))
        .group_by(CustomsWriteOffLine.line_id, CustomsWriteOff.passed_on)
    ):
        passed[line_id][passed_on] = int(units)
    lines: dict[int, dict[int, LineFact]] = defaultdict(dict)
    for permit_id, number, product_id, revision_id, units in session.execute(
        select(PermitLine.permit_id, PermitLine.id, PermitLine.product_id, PermitLine.revision_id, PermitLine.units)
        .where(PermitLine.permit_id.in_(keys))
        .order_by(PermitLine.id)
    ):
        came = MappingProxyType(arrived.get((permit_id, product_id), {}))
        through = MappingProxyType(passed.get(number, {}))
        lines[permit_id][product_id] = LineFact(number, product_id, revision_id, units, came, through)
    stops: dict[int, list[Stop]] = defaultdict(list)
    for stop in session.execute(
        select(PermitStop).where(PermitStop.permit_id.in_(keys)).order_by(PermitStop.from_on, PermitStop.id)
    ).scalars():
        stops[stop.permit_id].append(
            Stop(stop.id, stop.cause, stop.from_on, stop.until_on, stop.note, stop.recorded_by, stop.recorded_at)
        )
    return [
        replace(
            PermitFact(*row),
            particulars=read_particulars(row.particulars),
            conditions=conditions_from(row.conditions),
            lines=MappingProxyType(lines[row.id]),
            stops=tuple(stops[row.id]),
        )
        for row in rows
    ]
