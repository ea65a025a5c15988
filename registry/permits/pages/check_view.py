"""Checks of a case as people see them: those of now, and those kept with a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from registry.kernel.mass import Unit
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_, Message, revived_params
from registry.permits.domain.checks import Case, CheckLine
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.rules import ABROAD_KNOWN, ABROAD_WITHIN
from registry.permits.pages.shared import UNIT_WORDS
from registry.permits.queries.cases import CaseEventFact
from registry.web.locale import format_fact, format_quantity, say, translate

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


@dataclass(frozen=True, slots=True)
class Check:
    """One check as the table shows it."""

    code: str
    word: str
    tone: str
    text: str
    ground: str
    about: str
    message: str
    observed: str
    limit: str
    largest: str
    href: str | None


def shown_check(case: Case, units: Mapping[str, str], line: CheckLine) -> Check:
    """Return one check as the table shows it, with the way to the figure it looked at; `units`: product -> unit."""
    found = line.finding
    word, tone = (WORDS[found.severity], TONES[found.severity]) if found else PASSED
    return Check(
        code=line.rule.code,
        word=word,
        tone=tone,
        text=say(line.rule.text),
        ground=say(line.rule.legal_ground),
        about=say(PERMIT_KINDS[line.about].name) if line.about in PERMIT_KINDS else line.about,
        message=say(found.message) if found else "",
        observed=format_fact(line.observed, line.unit),
        limit=format_fact(line.limit, line.unit),
        largest=_largest(found, units),
        href=_href(case, line),
    )


def _largest(found: Finding | None, units: Mapping[str, str]) -> str:
    if found is None or found.largest_quantity is None:
        return ""
    unit = units[str(found.extra["product"])]
    base = f" ({format_quantity(found.largest_g, UNIT_WORDS[Unit.GRAM])})" if found.largest_g is not None else ""
    return format_quantity(found.largest_quantity, UNIT_WORDS[Unit(unit)]) + base


def _href(case: Case, line: CheckLine) -> str | None:
    """Return where the estimate of the other country stands that a check was made by."""
    if line.rule not in (ABROAD_KNOWN, ABROAD_WITHIN):
        return None
    asked = case.application
    return url_for("abroad.estimates", country=asked.partner_country, substance=line.about, year=asked.planned_on.year)


def kept_checks(events: Sequence[CaseEventFact]) -> tuple[Sequence[Mapping[str, str]], list[list[object]]] | None:
    """Return the checks kept with the last step that made any: what was known when the case was decided."""
    kept = next((event.checks for event in reversed(events) if event.checks), ())
    rows: list[list[object]] = [
        [
            one["rule"],
            say(PASSED[0] if one["passed"] else WORDS[Severity(one["severity"])]),
            translate(Message(one["msgid"], revived_params(one["params"])))
            if one["msgid"]
            else say(PERMIT_KINDS[one["about"]].name if one["about"] in PERMIT_KINDS else one["about"]) or None,
            format_fact(one["observed"], one["unit"]) or None,
            format_fact(one["limit"], one["unit"]) or None,
        ]
        for one in kept
    ]
    return (KEPT_COLUMNS, rows) if rows else None
