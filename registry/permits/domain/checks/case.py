"""An application with all its facts, and how one check of it is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.parameters import DEFAULTS, Parameters
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import Message, plain_params
from registry.licences.domain import LicenceFact, Period
from registry.permits.domain.facts import bound_base_ng, reserved_ng
from registry.permits.domain.kinds import PERMIT_KINDS, PermitKind
from registry.quotas.domain.position import Position
from registry.substances.domain.facts import RevisionFact, SubstanceFact


@dataclass(frozen=True, slots=True)
class ApplicationFact:
    """What is asked for. `lines`: (product id, whole units of account); `particulars`: see `domain.particulars`."""

    reference: str
    kind: str
    organisation_id: int
    partner_country: str
    partner: str
    planned_on: date
    lines: tuple[tuple[int, int], ...]
    counterpart_number: str | None = None
    purpose: str | None = None
    justification: str | None = None
    particulars: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ForeignEstimate:
    """What another country may import of a substance in a year, in nanograms of base, as published on a day.

    `taken`: what our permits of that year have sent there or still may. `source`: where it was read, as recorded.
    """

    quantity: Fraction
    published_on: date
    taken: Fraction
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """The import permit that goods to be re-exported came on: product id -> units that came and went again.

    `found`: it is a permit of this organisation.
    """

    found: bool
    came: Mapping[int, int] = field(default_factory=dict)
    gone: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """An application with everything the checks look at.

    `positions`: of the year of `planned_on`, by substance id, open permits taken off.
    `pending`: what other undecided applications of that year ask for; `held`: what permits
    of that year have given the organisation, both in nanograms by substance id.
    `revisions`: product id -> revision in force today, for every line.
    `licensed`: the days licences of the organisation cover the act and every product.
    `abroad`: what the importing country may take, by substance id. `prohibited`: (country,
    substance id) with a prohibition under article 13. `original`: of a re-export. `on_hand`:
    product id -> units of the ledger at the close of the day the stock was stated for.
    `reply_by`: the day an open request for information is to be answered by.
    `counterpart_used`: another case or permit names the same foreign permit. `issuers`: names of the authorities
    that answer in the partner country, as recorded for the day its permit was issued; none: not recorded.
    `licences`: those of the organisation that name the act, as they stand today.
    `parameters`: what the country has set for today, `since`: code -> the day a set one counts from.
    `row`: of the file, None for a page.
    """

    application: ApplicationFact
    organisation: str
    revisions: Mapping[int, RevisionFact]
    licensed: tuple[Period, ...]
    positions: Mapping[int, tuple[SubstanceFact, Position]]
    today: date
    pending: Mapping[int, Fraction] = field(default_factory=dict)
    held: Mapping[int, Fraction] = field(default_factory=dict)
    counterpart_used: bool = False
    issuers: tuple[str, ...] = ()
    abroad: Mapping[int, ForeignEstimate] = field(default_factory=dict)
    prohibited: Collection[tuple[str, int]] = ()
    original: Original | None = None
    on_hand: Mapping[int, int] | None = None
    reply_by: date | None = None
    licences: tuple[LicenceFact, ...] = ()
    parameters: Parameters = DEFAULTS
    since: Mapping[str, date] = field(default_factory=dict)
    row: int | None = None

    @property
    def kind(self) -> PermitKind:
        """Return the kind of permit asked for."""
        return PERMIT_KINDS[self.application.kind]

    @property
    def needs(self) -> dict[int, int]:
        """Return what the permit would reserve, in whole nanograms by substance id."""
        if not self.kind.reserves:
            return {}
        needs: dict[int, int] = {}
        for product, units in self.application.lines:
            for substance, need in reserved_ng(self.revisions[product], units).items():
                needs[substance] = needs.get(substance, 0) + need
        return needs

    @property
    def base(self) -> dict[int, Fraction]:
        """Return what the goods hold that binds, in exact nanograms of base by substance id, whatever the kind."""
        held: dict[int, Fraction] = {}
        for revision, units in self.lines:
            for substance, base in bound_base_ng(revision).items():
                held[substance] = held.get(substance, Fraction(0)) + units * base
        return held

    @property
    def exception(self) -> str:
        """Return the reason for which a quantity may go beyond an estimate, empty without one."""
        return self.kind.beyond_estimates or self.application.particulars.get("exception", "")

    def particular(self, code: str) -> str | None:
        """Return one particular as written, None where it was not given."""
        return self.application.particulars.get(code)

    def names(self) -> dict[int, str]:
        """Return substance id -> name of everything in the goods."""
        return {part.substance_id: part.substance_name for revision, _ in self.lines for part in revision.components}

    @property
    def lines(self) -> tuple[tuple[RevisionFact, int], ...]:
        """Return every line with the revision of its product."""
        return tuple((self.revisions[product], units) for product, units in self.application.lines)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as the officer sees it: a passed check is shown as passed too."""

    rule: Rule
    passed: bool
    finding: Finding | None = None
    observed: str | None = None
    limit: str | None = None
    unit: str | None = None
    about: str = ""


Check = Callable[[Case], Iterable[CheckLine]]


def judged_line(
    case: Case,
    rule: Rule,
    broken: Message | None,
    *,
    about: str = "",
    observed: str | None = None,
    limit: str | None = None,
    unit: str | None = None,
) -> CheckLine:
    """Tell one check: passed when `broken` is None, else a finding of the weight the country has set."""
    found = None
    if broken is not None:
        found = Finding(rule, broken, case.parameters.severity(rule), observed=observed, limit=limit, unit=unit)
    return judged(case, rule, found, about, observed, limit, unit)


def judged(
    case: Case,
    rule: Rule,
    found: Finding | None,
    about: str = "",
    observed: str | None = None,
    limit: str | None = None,
    unit: str | None = None,
) -> CheckLine:
    """Tie a finding to its case: what is flagged names the application."""
    if found is not None:
        subject = f"application {case.application.reference}"
        own = f"{subject}, {found.subject}" if found.subject else subject
        found = replace(found, row=case.row, subject=own)
        observed, limit, unit = found.observed, found.limit, found.unit
    return CheckLine(rule, found is None, found, observed, limit, unit, about)


def findings_of(lines: Iterable[CheckLine]) -> list[Finding]:
    """Return what did not pass."""
    return [line.finding for line in lines if line.finding is not None]


def frozen(lines: Iterable[CheckLine]) -> list[dict[str, object]]:
    """Return checks as plain data, to be kept with the step they were made for."""
    return [
        {
            "rule": line.rule.code,
            "passed": line.passed,
            "about": line.about,
            "severity": line.finding.severity.value if line.finding else None,
            "msgid": line.finding.message.msgid if line.finding else None,
            "params": plain_params(line.finding.message.params) if line.finding else {},
            "observed": line.observed,
            "limit": line.limit,
            "unit": line.unit,
            "largest_g": line.finding.largest_g if line.finding else None,
            "largest_quantity": line.finding.largest_quantity if line.finding else None,
        }
        for line in lines
    ]
