"""What an applicant corrects of an application while the authority asks it something. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from registry.kernel.mass import stated
from registry.permits.domain.checks import ApplicationFact
from registry.substances.domain.facts import RevisionFact

CORRECTED = ("partner_country", "partner", "planned_on", "counterpart_number", "purpose", "justification")
"""What every kind lets the applicant correct, beside its particulars and lines; reference, kind and organisation stay."""
OF_LINE = "product:"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was corrected: `field` as `models.CaseChange` has it, its text before and after."""

    field: str
    before: str | None
    after: str | None


def changes_between(
    before: ApplicationFact, after: ApplicationFact, revisions: Mapping[int, RevisionFact]
) -> list[Change]:
    """Return what differs, in the order people read it. `revisions`: product id -> revision, for every line of both."""
    old, new = _texts(before, revisions), _texts(after, revisions)
    return [
        Change(field, old.get(field), new.get(field))
        for field in dict.fromkeys((*old, *new))
        if old.get(field) != new.get(field)
    ]


def _texts(asked: ApplicationFact, revisions: Mapping[int, RevisionFact]) -> dict[str, str]:
    lines = {
        OF_LINE + revisions[product].code: stated(units, revisions[product].unit) for product, units in asked.lines
    }
    head = {name: _text(getattr(asked, name)) for name in CORRECTED}
    return lines | {name: text for name, text in (head | dict(asked.particulars)).items() if text}


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
