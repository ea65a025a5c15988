"""Permits with everything recorded since their issue, and what is still waited for; a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.endorsements.domain import parameters as days
from registry.endorsements.domain.comparison import AfterIssue, Compared, compared, differences
from registry.endorsements.domain.waiting import WATCHED, Waiting, waits_of
from registry.endorsements.models import PermitReminder
from registry.endorsements.queries.endorsements import endorsed_permits, endorsements_of
from registry.kernel.clock import Clock
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding
from registry.parameters.queries import parameters_on
from registry.parties.domain import EVERY_SUBJECT, SUBJECTS
from registry.permits.domain.facts import PermitFact
from registry.permits.queries.after import customs_since, permits_after_issue
from registry.permits.queries.customs import write_offs_of
from registry.substances.domain.facts import CLASS_OF_TREATY, RevisionFact, Treaty
from registry.substances.queries.base import wanted_ids
from registry.substances.queries.products import revisions_by_ids


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder that was written."""

    permit_id: int
    kind: str
    step: int
    sent_on: date
    letters: int


@dataclass(frozen=True, slots=True)
class Watched:
    """Every permit that is looked after, with the parameters of the day."""

    found: Sequence[AfterIssue]
    revisions: Mapping[int, RevisionFact]
    parameters: Parameters
    customs_since: date | None
    today: date

    def waiting(self) -> list[Waiting]:
        """Return all that is waited for, the longest first."""
        oldest = self.today - timedelta(self.parameters.number(days.LOOK_BACK_DAYS))
        waits = (
            one
            for each in self.found
            if each.permit.kind in WATCHED
            for one in waits_of(
                each, self.today, self.parameters, self.customs_since, treaty_goods=self._treaty_goods(each.permit)
            )
            if one.since >= oldest
        )
        return sorted(waits, key=lambda one: (one.since, one.permit.number))

    def findings(self) -> list[Finding]:
        """Return what is late and what the sources tell differently."""
        late = [one.finding(self.today, self.parameters) for one in self.waiting() if one.is_late(self.today)]
        apart = (
            finding
            for each in self.found
            for finding in differences(each, self.revisions, self.parameters, settled=self._is_settled(each))
        )
        return [*late, *apart]

    def _treaty_goods(self, permit: PermitFact) -> bool:
        """Say whether anything but precursors is on the permit: no convention asks to endorse those."""
        parts = (part for line in permit.lines.values() for part in self.revisions[line.revision_id].components)
        return any(part.treaty != Treaty.PRECURSOR for part in parts)

    def subject_of(self, permit: PermitFact) -> str:
        """Return the class of substances an authority must answer for: of several the one the conventions guard most."""
        parts = (part for line in permit.lines.values() for part in self.revisions[line.revision_id].components)
        classes = {CLASS_OF_TREATY.get(Treaty(part.treaty)) for part in parts}
        return next((code for code in SUBJECTS if code in classes), EVERY_SUBJECT)

    def _is_settled(self, each: AfterIssue) -> bool:
        known = [day for day in (each.first_passed_on, each.moved_on) if day is not None]
        wait = max(self.parameters.number(one) for one in (days.DECLARATION_DAYS, days.WRITE_OFF_DAYS))
        return bool(known) and self.today > max(known) + timedelta(wait)


def watched(session: Session, clock: Clock) -> Watched:
    """Return the permits whose end is not too long ago, with everything recorded since their issue."""
    today = clock.today()
    parameters = parameters_on(session, today)
    ended_since = today - timedelta(parameters.number(days.LOOK_BACK_DAYS))
    endorsed = endorsed_permits(session)
    found = after_issue(session, permits_after_issue(session, WATCHED, ended_since, today, endorsed))
    return Watched(found, _revisions(session, found, today), parameters, customs_since(session), today)


def watched_permit(session: Session, clock: Clock, permit: PermitFact) -> Watched:
    """Return one permit of any kind with everything recorded since its issue."""
    today = clock.today()
    found = after_issue(session, [permit])
    return Watched(
        found, _revisions(session, found, today), parameters_on(session, today), customs_since(session), today
    )


def waiting(session: Session, clock: Clock) -> list[Waiting]:
    """Return all that is waited for today, the longest first."""
    return watched(session, clock).waiting()


def after_issue(session: Session, permits: Collection[PermitFact]) -> list[AfterIssue]:
    """Return permits with their write-offs and endorsements. Four statements."""
    ids = [permit.id for permit in permits]
    passed, endorsed = write_offs_of(session, ids), endorsements_of(session, ids)
    return [AfterIssue(permit, passed.get(permit.id, ()), endorsed.get(permit.id, ())) for permit in permits]


def comparison_of(session: Session, permit: PermitFact) -> list[Compared]:
    """Return the lines of a permit as it, customs, ledger and endorsements see them."""
    return compared(after_issue(session, [permit])[0])


def reminders_of(session: Session, permit_ids: Collection[int]) -> dict[tuple[int, str], list[Reminder]]:
    """Return (permit id, kind) -> the reminders written, the oldest first. One statement."""
    keys = wanted_ids(session, "wanted_permit", permit_ids)
    columns = (getattr(PermitReminder, name) for name in Reminder.__dataclass_fields__)
    chosen = select(*columns).where(PermitReminder.permit_id.in_(select(keys.c.id))).order_by(PermitReminder.step)
    found: dict[tuple[int, str], list[Reminder]] = {}
    for row in session.execute(chosen):
        one = Reminder(*row)
        found.setdefault((one.permit_id, one.kind), []).append(one)
    return found


def _revisions(session: Session, found: Collection[AfterIssue], day: date) -> Mapping[int, RevisionFact]:
    return revisions_by_ids(session, {line.revision_id for each in found for line in each.permit.lines.values()}, day)
