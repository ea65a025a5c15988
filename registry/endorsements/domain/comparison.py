"""One line of a permit seen by everybody: what was permitted, what customs let through, the ledger, the endorsement. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor

from registry.endorsements.domain import rules
from registry.endorsements.domain.facts import (
    REASONS,
    Direction,
    EndorsementFact,
    direction_of,
    endorsed_units,
    expected_units,
    standing,
)
from registry.kernel.mass import stated
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.permits.domain.after import WriteOff, standing_entries, written_off
from registry.permits.domain.facts import LineFact, PermitFact
from registry.permits.domain.parameters import ARRIVAL_TOLERANCE
from registry.substances.domain.facts import RevisionFact


@dataclass(frozen=True, slots=True)
class AfterIssue:
    """A permit with all that is recorded of it since."""

    permit: PermitFact
    write_offs: Sequence[WriteOff] = ()
    endorsements: Sequence[EndorsementFact] = ()

    @property
    def first_passed_on(self) -> date | None:
        """Return the day customs let goods through first, what was taken back not counted; None: never."""
        return min((entry.passed_on for entry in standing_entries(self.write_offs)), default=None)

    @property
    def moved_on(self) -> date | None:
        """Return the first day in the ledger, None: nothing moved."""
        return self.permit.arrived_on


@dataclass(frozen=True, slots=True)
class Compared:
    """The four figures of a line, in units of account; None: nobody has said anything about the permit yet."""

    line: LineFact
    customs: int | None
    ledger: int | None
    endorsed: int | None

    @property
    def difference(self) -> int | None:
        """Return how far customs, ledger and endorsement are apart; None while fewer than two have spoken."""
        known = [units for units in (self.customs, self.ledger, self.endorsed) if units is not None]
        return max(known) - min(known) if len(known) > 1 else None


def compared(found: AfterIssue) -> list[Compared]:
    """Return the lines of a permit with what each source says of them."""
    passed, certified = written_off(found.write_offs), endorsed_units(standing(found.endorsements))
    return [
        Compared(
            line,
            passed.get(line.id, 0) if found.first_passed_on is not None else None,
            line.arrived_units if found.moved_on is not None else None,
            certified.get(line.id, 0) if found.endorsements else None,
        )
        for line in found.permit.lines.values()
    ]


def differences(
    found: AfterIssue, revisions: Mapping[int, RevisionFact], parameters: Parameters, *, settled: bool
) -> Iterator[Finding]:
    """Yield what customs, ledger and endorsements tell differently about a permit, by line.

    `settled`: the days in which customs and the holder may record what they saw are over.
    """
    several = found.permit.several
    ours = direction_of(found.permit) is Direction.SENT
    tolerance = parameters.percent(ARRIVAL_TOLERANCE)
    for one in compared(found):
        tell = _Teller(found.permit, revisions[one.line.revision_id], parameters)
        most = floor(one.line.units * (1 + tolerance))
        if one.endorsed is not None and one.endorsed > most:
            said = N_("%(product)s: endorsed are %(stated)s, permitted %(most)s")
            yield tell.finding(rules.WITHIN_PERMIT, said, one.endorsed, most)
        if one.customs is not None and one.ledger is not None and one.customs != one.ledger and settled:
            said = N_("%(product)s: the ledger holds %(stated)s, customs let %(most)s pass")
            yield tell.finding(rules.CUSTOMS_AND_LEDGER, said, one.ledger, one.customs)
        # On a permit for several consignments the newest one may have come after the last endorsement.
        if one.endorsed is not None and one.ledger is not None and not several and one.endorsed != one.ledger:
            rule = rules.OURS_AND_LEDGER if ours else rules.THEIRS_AND_LEDGER
            said = N_("%(product)s: endorsed are %(stated)s, the ledger holds %(most)s")
            yield tell.finding(rule, said, one.endorsed, one.ledger)
        yield from _lost(found, one.line, tell)


def _lost(found: AfterIssue, line: LineFact, tell: _Teller) -> Iterator[Finding]:
    """Yield the loss that standing endorsements state of a line."""
    lost = [
        part
        for each in standing(found.endorsements)
        for part in each.lines.values()
        if part.line_id == line.id and part.reason is not None and REASONS[part.reason].lost
    ]
    if not lost:
        return
    expected = expected_units(found.permit, line)
    received = sum(part.units for part in lost)
    said = N_("%(product)s: %(stated)s were received, %(most)s expected: %(why)s")
    why = Message(REASONS[lost[0].reason or ""].name)
    yield tell.finding(rules.LOST_IN_TRANSIT, said, received, received if expected is None else expected, why=why)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Words a finding about one line of a permit."""

    permit: PermitFact
    revision: RevisionFact
    parameters: Parameters

    def finding(self, rule: Rule, msgid: str, observed: int, limit: int, **said: object) -> Finding:
        """Return a finding; quantities in the unit of the product."""
        unit = self.revision.unit
        figures = {"stated": stated(observed, unit), "most": stated(limit, unit)}
        return Finding(
            rule,
            Message(msgid, {"product": self.revision.code, **figures, **said}),
            self.parameters.reported(rule),
            observed=figures["stated"],
            limit=figures["most"],
            unit=unit,
            subject=f"permit {self.permit.number}, product {self.revision.code}",
            organisation_id=self.permit.organisation_id,
        )
