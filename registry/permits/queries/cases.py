"""Applications and the steps of their cases."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.permits.domain.changes import Change
from registry.permits.domain.checks import ApplicationFact
from registry.permits.domain.kinds import RESERVING
from registry.permits.domain.particulars import read_particulars
from registry.permits.domain.proposals import CutFact, conditions_from
from registry.permits.domain.transitions import PENDING
from registry.permits.models import (
    Application,
    ApplicationLine,
    CaseChange,
    CaseCut,
    CaseDecision,
    CaseEvent,
    Permit,
)
from registry.substances.queries.base import wanted_codes
from registry.substances.queries.products import holding

_ASKED: tuple[InstrumentedAttribute[Any], ...] = (
    Application.reference,
    Application.kind,
    Application.organisation_id,
    Application.partner_country,
    Application.partner,
    Application.planned_on,
    Application.counterpart_number,
    Application.purpose,
    Application.justification,
    Application.particulars,
)
_CASE: tuple[InstrumentedAttribute[Any], ...] = (
    Application.id,
    Application.state,
    Application.version,
    Application.submitted_by,
    Application.submitted_at,
    Application.proposed_by,
    Application.decided_by,
    Application.permit_id,
    Application.refusal_ground,
    Application.refusal_text,
    Application.officer,
    Application.reply_by,
    Application.conditions,
)
_LINE = (
    ApplicationLine.product_id,
    ApplicationLine.revision_id,
    ApplicationLine.units,
    CaseCut.units.label("cut_units"),
    CaseCut.reason,
    CaseCut.text,
)
_STANDING_CUT = and_(
    CaseCut.application_id == ApplicationLine.application_id,
    CaseCut.version == Application.cut_version,
    CaseCut.product_id == ApplicationLine.product_id,
)
_PENDING = tuple(state.value for state in PENDING)


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application and where its case stands; `asked` is what was submitted, with what the applicant corrected since.

    `revision_ids`: product id -> revision in force when it was submitted. `cuts`: product id -> what the
    proposal that stands gives of it, less than was asked for. `conditions`: of the permit, by language.
    """

    id: int
    state: str
    version: int
    submitted_by: str
    submitted_at: datetime
    proposed_by: str | None
    decided_by: str | None
    permit_id: int | None
    refusal_ground: str | None
    refusal_text: str | None
    officer: str | None
    reply_by: date | None
    asked: ApplicationFact
    revision_ids: Mapping[int, int]
    cuts: Mapping[int, CutFact] = field(default_factory=lambda: MappingProxyType({}))
    conditions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    permit_number: str | None = None

    @property
    def granted(self) -> ApplicationFact:
        """Return what would be permitted: what was asked for, the cuts taken off; a line cut to nothing is left out."""
        lines = ((product, self.cuts[product].units if product in self.cuts else n) for product, n in self.asked.lines)
        return replace(self.asked, lines=tuple((product, units) for product, units in lines if units))


@dataclass(frozen=True, slots=True)
class CaseEventFact:
    """One step of a case, with what the checks said then (plain data, see `domain.checks.frozen`)."""

    at: datetime
    actor: str
    transition: str
    note: str | None
    checks: tuple[Mapping[str, Any], ...]


def application_by_id(session: Session, application_id: int) -> ApplicationRow | None:
    """Return one application."""
    return next(iter(read_applications(session, Application.id == application_id)), None)


def application_by_reference(session: Session, reference: str) -> ApplicationRow | None:
    """Return one application by the reference its sender gave it."""
    return next(iter(read_applications(session, Application.reference == reference)), None)


def applications_by_references(session: Session, references: Iterable[str]) -> dict[str, ApplicationRow]:
    """Return applications by reference; unknown ones are missing. One statement."""
    keys = wanted_codes(session, "wanted_reference", references)
    found = read_applications(session, Application.reference.in_(select(keys.c.code)))
    return {row.asked.reference: row for row in found}


def work_queue(session: Session, state: str | None = None, limit: int = 100, offset: int = 0) -> list[ApplicationRow]:
    """Return the cases in `state` (None: all nobody has decided), the oldest first."""
    chosen = Application.state.in_(_PENDING) if state is None else Application.state == state
    return read_applications(session, chosen, limit=limit, offset=offset)


def pending_counts(session: Session, organisation_id: int | None = None) -> dict[str, int]:
    """Return the number of cases by state, of one organisation where given."""
    query = select(Application.state, func.count()).group_by(Application.state)
    if organisation_id is not None:
        query = query.where(Application.organisation_id == organisation_id)
    return dict(session.execute(query).all())


def applications_of(session: Session, organisation_id: int, limit: int = 100, offset: int = 0) -> list[ApplicationRow]:
    """Return the applications of one organisation, the youngest first."""
    chosen = Application.organisation_id == organisation_id
    return read_applications(session, chosen, limit=limit, offset=offset, youngest_first=True)


def pending_lines(session: Session, year: int, substance_ids: Collection[int]) -> list[tuple[int, int, int]]:
    """Return (application id, revision id, units) of what waits and would reserve in `year`, cuts taken off; one statement.

    Only of products that hold any of the substances.
    """
    rows = session.execute(
        select(Application.id, ApplicationLine.revision_id, func.coalesce(CaseCut.units, ApplicationLine.units))
        .join(ApplicationLine, ApplicationLine.application_id == Application.id)
        .outerjoin(CaseCut, _STANDING_CUT)
        .where(
            Application.state.in_(_PENDING),
            Application.kind.in_(RESERVING),
            Application.planned_on.between(date(year, 1, 1), date(year, 12, 31)),
            ApplicationLine.revision_id.in_(holding(session, substance_ids)),
        )
    )
    return [(number, revision, units) for number, revision, units in rows]


def counterparts_named(session: Session, numbers: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (country, foreign permit number, reference) of the applications that name any of `numbers`."""
    keys = wanted_codes(session, "wanted_counterpart", numbers)
    rows = session.execute(
        select(Application.partner_country, Application.counterpart_number, Application.reference).where(
            Application.counterpart_number.in_(select(keys.c.code))
        )
    )
    return [(country, number or "", reference) for country, number, reference in rows]


def case_events(session: Session, application_id: int) -> list[CaseEventFact]:
    """Return the steps of a case in their order."""
    rows = session.execute(
        select(CaseEvent.at, CaseEvent.actor, CaseEvent.transition, CaseEvent.note, CaseEvent.checks)
        .where(CaseEvent.application_id == application_id)
        .order_by(CaseEvent.id)
    )
    return [
        CaseEventFact(at, actor, transition, note, tuple(json.loads(checks)) if checks else ())
        for at, actor, transition, note, checks in rows
    ]


def read_applications(
    session: Session,
    *chosen: ColumnElement[bool],
    limit: int | None = None,
    offset: int = 0,
    youngest_first: bool = False,
) -> list[ApplicationRow]:
    """Return the applications that meet every condition, the oldest first unless asked otherwise. One statement."""

    def ordered(number: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
        return number.desc() if youngest_first else number.asc()

    page = select(Application.id).where(*chosen)
    if limit is not None or offset:
        page = page.order_by(ordered(Application.id)).offset(offset).limit(limit)
    wanted = page.subquery("wanted_application")
    rows = session.execute(
        select(*_CASE, *_ASKED, Permit.number.label("permit_number"), *_LINE)
        .join(wanted, wanted.c.id == Application.id)
        .outerjoin(Permit, Permit.id == Application.permit_id)
        .outerjoin(ApplicationLine, ApplicationLine.application_id == Application.id)
        .outerjoin(CaseCut, _STANDING_CUT)
        .order_by(ordered(Application.id), ApplicationLine.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.id].append(row)
    return [_application(of_one) for of_one in found.values()]


def _application(rows: Sequence[Any]) -> ApplicationRow:
    """Return an application from its rows, one for each line."""
    first, split = rows[0], len(_CASE)
    lines = [row for row in rows if row.product_id is not None]
    asked = dict(zip((column.key for column in _ASKED), first[split:], strict=False))
    asked["particulars"] = read_particulars(asked["particulars"])
    fact = ApplicationFact(**asked, lines=tuple((line.product_id, line.units) for line in lines))
    revisions = {line.product_id: line.revision_id for line in lines}
    cuts = {
        line.product_id: CutFact(line.cut_units, line.reason, line.text) for line in lines if line.cut_units is not None
    }
    *own, conditions = first[:split]
    return ApplicationRow(*(*own, fact, revisions, cuts, conditions_from(conditions), first.permit_number))


def cuts_of(session: Session, application_id: int) -> dict[int, dict[int, CutFact]]:
    """Return version of the case -> product id -> cut, for every proposal there was; one statement."""
    found: dict[int, dict[int, CutFact]] = defaultdict(dict)
    for cut in session.execute(
        select(CaseCut.version, CaseCut.product_id, CaseCut.units, CaseCut.reason, CaseCut.text)
        .where(CaseCut.application_id == application_id)
        .order_by(CaseCut.id)
    ):
        found[cut.version][cut.product_id] = CutFact(cut.units, cut.reason, cut.text)
    return found


def changes_of(session: Session, application_id: int) -> dict[int, list[Change]]:
    """Return version of the case -> what the applicant corrected with the answer that made it; one statement."""
    found: dict[int, list[Change]] = defaultdict(list)
    for one in session.execute(
        select(CaseChange.version, CaseChange.field, CaseChange.before, CaseChange.after)
        .where(CaseChange.application_id == application_id)
        .order_by(CaseChange.id)
    ):
        found[one.version].append(Change(one.field, one.before, one.after))
    return found


def known_at_decision(session: Session, application_id: int) -> Mapping[str, Any] | None:
    """Return what was known when a case was decided (`domain.known`), None while nobody has."""
    kept = session.scalar(select(CaseDecision.known).where(CaseDecision.application_id == application_id))
    return json.loads(kept) if kept else None
