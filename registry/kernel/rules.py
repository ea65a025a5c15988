"""Rules and findings: a rule is declared once, a finding is one rule that one fact broke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from registry.kernel.text import Message


class Severity(StrEnum):
    """How much a finding weighs."""

    REFUSE = "refuse"
    FLAG = "flag"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the country, named by a code of our own.

    `text` is what the officer reads (an English msgid). `legal_ground` cites act or
    convention. `sources` names where the rule stands in the project's papers (``NC-P6``
    for the national context, ``PC-P6`` for permits and checks, ``IF-11`` for the INCB
    forms). `severity` acts on pages and in applications; `reported` acts where a file
    reports what has already happened. Both may be set anew by a dated parameter
    (`kernel.parameters`) unless the rule is `fixed`: what a convention or the law prescribes,
    what keeps the books whole, and the second person.
    """

    code: str
    text: str
    legal_ground: str
    severity: Severity
    sources: tuple[str, ...]
    reported: Severity = Severity.FLAG
    since: date = date(1900, 1, 1)
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one fact broke.

    `observed` and `limit` are exact decimal strings in `unit`. `largest_g` is the most
    that would fit in nanograms of anhydrous base, `largest_quantity` the same in the unit
    of the product, rounded down; both only where a smaller quantity would be accepted.
    `subject` names what the finding is about (a permit, a site), for the worklist;
    `organisation_id` whose matter it is, where it is one organisation's.
    """

    rule: Rule
    message: Message
    severity: Severity
    row: int | None = None
    observed: str | None = None
    limit: str | None = None
    unit: str | None = None
    largest_g: str | None = None
    largest_quantity: str | None = None
    subject: str = ""
    organisation_id: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


def refuses(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Say whether any of `findings` stops the act."""
    return any(finding.severity is Severity.REFUSE for finding in findings)
