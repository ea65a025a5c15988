"""Checks of a case as people see them: those of now, and those kept with a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import current_app, url_for

from registry.kernel.mass import Unit
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import N_, Message, revived_params
from registry.licences.domain import LICENCE_COVERS
from registry.permits.domain.checks import Case, CheckLine
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.rules import (
    ABROAD_KNOWN,
    ABROAD_WITHIN,
    BASE_KNOWN,
    GOODS_FIT,
    ISSUER_KNOWN,
    PENDING_FIT,
    PERMIT_WANTED,
    SCHEDULE_THREE_DECIDED,
)
from registry.permits.pages.shared import UNIT_WORDS
from registry.permits.queries.cases import CaseEventFact
from registry.quotas.domain.rules import (
    ASSESSMENT_FRESH,
    STATE_QUOTA_SET,
    WITHIN_ALLOCATION,
    WITHIN_QUOTA,
    WITHIN_REQUIREMENT,
)
from registry.web.locale import format_fact, format_quantity, say, translate
from registry.web.shell import href_if_there

TONES = {Severity.REFUSE: "red", Severity.FLAG: "orange", Severity.NOTE: "blue"}
WORDS = {
    Severity.REFUSE: N_("not allowed"),
    Severity.FLAG: N_("to be looked into"),
    Severity.NOTE: N_("for information"),
}
PASSED = (N_("passed"), "green")
KEPT_COLUMNS = (
    {"label": N_("Rule"), "kind": "code"},
    {"label": N_("Result")},
    {"label": N_("About")},
    {"label": N_("Observed"), "kind": "number"},
    {"label": N_("Limit"), "kind": "number"},
)


POSITION, LICENCE, GOODS, ABROAD, AUTHORITIES, CASES = (
    N_("the position"),
    N_("the licences of the organisation"),
    N_("the product"),
    N_("the estimates of the other country"),
    N_("the authorities of the other country"),
    N_("the other cases that wait"),
)
MENDED: Mapping[Rule, str] = MappingProxyType(
    {
        WITHIN_QUOTA: POSITION,
        STATE_QUOTA_SET: POSITION,
        ASSESSMENT_FRESH: POSITION,
        WITHIN_ALLOCATION: POSITION,
        WITHIN_REQUIREMENT: POSITION,
        PENDING_FIT: CASES,
        LICENCE_COVERS: LICENCE,
        SCHEDULE_THREE_DECIDED: GOODS,
        PERMIT_WANTED: GOODS,
        BASE_KNOWN: GOODS,
        GOODS_FIT: GOODS,
        ABROAD_KNOWN: ABROAD,
        ABROAD_WITHIN: ABROAD,
        ISSUER_KNOWN: AUTHORITIES,
    }
)
"""Where what a rule found is mended; everything else stands on the application: the applicant mends it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check as the page shows it. `mend` and `href`: where what it found is mended, both None for the application."""

    code: str
    weight: Severity | None
    word: str
    tone: str
    text: str
    ground: str
    about: str
    message: str
    observed: str
    limit: str
    largest: str
    mend: str | None
    href: str | None


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of a case as they are read: what is unusual, what is for information, what is passed."""

    unusual: tuple[Check, ...]
    remarks: tuple[Check, ...]
    passed: tuple[Check, ...]

    @property
    def refuses(self) -> bool:
        """Say whether a rule refuses the permit as it stands."""
        return any(one.weight is Severity.REFUSE for one in self.unusual)


def shown_checks(case: Case, units: Mapping[str, str], lines: Iterable[CheckLine]) -> Checks:
    """Return the checks of a case, the weightiest first; `units`: product -> unit."""
    shown = [_shown(case, units, line) for line in lines]
    of = {weight: tuple(one for one in shown if one.weight is weight) for weight in (*Severity, None)}
    return Checks(of[Severity.REFUSE] + of[Severity.FLAG], of[Severity.NOTE], of[None])


def _shown(case: Case, units: Mapping[str, str], line: CheckLine) -> Check:
    found = line.finding
    word, tone = (WORDS[found.severity], TONES[found.severity]) if found else PASSED
    return Check(
        code=line.rule.code,
        weight=found.severity if found else None,
        word=word,
        tone=tone,
        text=say(line.rule.text),
        ground=say(line.rule.legal_ground),
        about=about_text(line.about),
        message=say(found.message) if found else "",
        observed=format_fact(line.observed, line.unit),
        limit=format_fact(line.limit, line.unit),
        largest=_largest(found, units),
        mend=MENDED.get(line.rule),
        href=_href(case, line),
    )


def about_text(about: str) -> str:
    """Return what a check is about: a kind of permit by its name, anything else by its code."""
    return say(PERMIT_KINDS[about].name) if about in PERMIT_KINDS else about


def result_text(kept: Mapping[str, Any]) -> str:
    """Return how a check that was kept came out, with its figures."""
    word = say(PASSED[0] if kept["passed"] else WORDS[Severity(str(kept["severity"]))])
    figures = [format_fact(kept[part], kept["unit"]) for part in ("observed", "limit")]
    return f"{word} ({' / '.join(one or '–' for one in figures)})" if any(figures) else word


def _largest(found: Finding | None, units: Mapping[str, str]) -> str:
    if found is None or found.largest_quantity is None:
        return ""
    unit = units[str(found.extra["product"])]
    base = f" ({format_quantity(found.largest_g, UNIT_WORDS[Unit.GRAM])})" if found.largest_g is not None else ""
    return format_quantity(found.largest_quantity, UNIT_WORDS[Unit(unit)]) + base


def _href(case: Case, line: CheckLine) -> str | None:
    """Return the page on which what a check found is mended."""
    asked, place = case.application, MENDED.get(line.rule)
    if place is POSITION:
        return href_if_there(current_app, "positions.position", code=line.about, year=asked.planned_on.year)
    if place is GOODS:
        return href_if_there(current_app, "products.product", code=line.about)
    if place is ABROAD:
        country, year = asked.partner_country, asked.planned_on.year
        return url_for("abroad.estimates", country=country, substance=line.about, year=year)
    if place is AUTHORITIES:
        return url_for("parties.authority", country=asked.partner_country)
    if place is LICENCE:
        return url_for("parties.organisation", code=case.organisation)
    return url_for("cases.cases") if place is CASES else None


def kept_checks(events: Sequence[CaseEventFact]) -> tuple[Sequence[Mapping[str, str]], list[list[object]]] | None:
    """Return the checks kept with the last step that made any: what was known when the case was decided."""
    kept = next((event.checks for event in reversed(events) if event.checks), ())
    rows: list[list[object]] = [
        [
            one["rule"],
            say(PASSED[0] if one["passed"] else WORDS[Severity(one["severity"])]),
            translate(Message(one["msgid"], revived_params(one["params"])))
            if one["msgid"]
            else about_text(one["about"]) or None,
            format_fact(one["observed"], one["unit"]) or None,
            format_fact(one["limit"], one["unit"]) or None,
        ]
        for one in kept
    ]
    return (KEPT_COLUMNS, rows) if rows else None
