"""How permits and applications are written for programs, and who reads what of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.api.endpoints import Call
from registry.kernel.mass import stated
from registry.kernel.text import Message, revived_params
from registry.parties.queries import organisation_codes
from registry.permits import queries, service
from registry.permits.domain.checks import frozen, run_checks
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.proposals import CutFact
from registry.permits.domain.transitions import (
    ANSWER,
    PENDING,
    SUBMIT,
    State,
    told_outside,
)
from registry.permits.queries.cases import ApplicationRow, CaseEventFact, changes_of
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import translate

READ = "permits.read"


def _names(
    session: Session, call: Call, holders: Iterable[int], revisions: Iterable[int]
) -> tuple[Mapping[int, str], Mapping[int, RevisionFact]]:
    return organisation_codes(session, holders), revisions_by_ids(session, revisions, call.today)


def permit_bodies(call: Call, found: Sequence[PermitFact]) -> list[Mapping[str, object]]:
    """Return permits as their bodies are written; a constant number of statements."""
    used = {line.revision_id for one in found for line in one.lines.values()}
    codes, revisions = _names(call.session, call, (one.organisation_id for one in found), used)
    return [
        {
            "number": one.number,
            "eaeu_number": one.eaeu_number,
            "kind": one.kind,
            "state": one.state_on(call.today).value,
            "organisation": codes[one.organisation_id],
            "partner_country": one.partner_country,
            "partner": one.partner,
            "issued_on": one.issued_on,
            "expires_on": one.expires_on,
            "quota_year": one.quota_year,
            "arrived_on": one.arrived_on,
            "counterpart_number": one.counterpart_number,
            "purpose": one.purpose,
            "customs_office": one.customs_office,
            "particulars": _particulars(one.particulars),
            "conditions": _conditions(one.conditions),
            "lines": [
                _line(revisions[line.revision_id], line.units)
                | {"arrived": stated(line.arrived_units, revisions[line.revision_id].unit)}
                for line in one.lines.values()
            ],
        }
        for one in found
    ]


def application_bodies(call: Call, rows: Sequence[ApplicationRow]) -> list[Mapping[str, object]]:
    """Return applications as their bodies are written; a constant number of statements."""
    used = {revision for row in rows for revision in row.revision_ids.values()}
    codes, revisions = _names(call.session, call, (row.asked.organisation_id for row in rows), used)
    return [
        {
            "reference": row.asked.reference,
            "kind": row.asked.kind,
            "state": row.state if reads_proposals(call) else told_outside(row.state).value,
            "version": row.version,
            "organisation": codes[row.asked.organisation_id],
            "partner_country": row.asked.partner_country,
            "partner": row.asked.partner,
            "planned_on": row.asked.planned_on,
            "counterpart_number": row.asked.counterpart_number,
            "purpose": row.asked.purpose,
            "justification": row.asked.justification,
            "particulars": _particulars(row.asked.particulars),
            "lines": [
                _line(revisions[row.revision_ids[product]], units)
                | _cut(revisions[row.revision_ids[product]], row.cuts.get(product) if _told(call, row) else None)
                for product, units in row.asked.lines
            ],
            "conditions": _conditions(row.conditions if _told(call, row) else {}),
            "submitted_at": row.submitted_at,
            "permit": row.permit_number,
            "refusal_ground": row.refusal_ground if _reads_refusal(call, row) else None,
            "refusal_text": row.refusal_text if _reads_refusal(call, row) else None,
        }
        for row in rows
    ]


def _reads_refusal(call: Call, row: ApplicationRow) -> bool:
    """Say whether a refusal is told: once it is decided, and to the authority while it is proposed."""
    inside = call.actor.organisation_id is None
    return row.state == State.REFUSED or (inside and row.state == State.REFUSAL_PROPOSED)


def _line(revision: RevisionFact, units: int) -> dict[str, object]:
    quantity = stated(units, revision.unit)
    return {"product": revision.code, "name": revision.name, "quantity": quantity, "unit": revision.unit}


def _told(call: Call, row: ApplicationRow) -> bool:
    """Say whether the caller reads what is proposed: the authority at once, a firm when it is decided."""
    return reads_proposals(call) or row.permit_id is not None


def reads_proposals(call: Call) -> bool:
    """Say whether the caller reads what is proposed before it is decided."""
    return policy.allows(call.actor, READ)


def _cut(revision: RevisionFact, cut: CutFact | None) -> dict[str, object]:
    if cut is None:
        return {"given": None, "cut_reason": None, "cut_text": None}
    return {"given": stated(cut.units, revision.unit), "cut_reason": cut.reason, "cut_text": cut.text}


def _conditions(texts: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{"language": language, "text": text} for language, text in sorted(texts.items())]


def _particulars(values: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{"code": code, "value": value} for code, value in sorted(values.items())]


def judged_body(call: Call, row: ApplicationRow) -> Mapping[str, object]:
    """Return what one application has beside those of a list: its checks, and what the applicant corrected."""
    events = queries.case_events(call.session, row.id)
    made = changes_of(call.session, row.id) if any(event.transition == ANSWER.step for event in events) else {}
    changes = [
        {"version": version, "field": one.field, "before": one.before, "after": one.after}
        for version, corrected in sorted(made.items())
        for one in corrected
    ]
    return {"checks": _checks(call, row, events), "changes": changes}


def _checks(call: Call, row: ApplicationRow, events: Sequence[CaseEventFact]) -> list[Mapping[str, object]]:
    """Return the checks the caller may see.

    The authority sees those of today while nobody has decided, else those of the last step. A
    firm sees those of its submission, and figures only where a check is broken: how full the
    country's quota is, is not its business. What it corrected is judged anew.
    """
    inside = policy.allows(call.actor, READ)
    if inside and row.state in PENDING:
        kept: Sequence[Mapping[str, Any]] = frozen(run_checks(service.case_of(call.session, call.clock, row)))
    else:
        seen = [event for event in events if inside or event.transition in (SUBMIT.step, ANSWER.step)]
        kept = next((event.checks for event in reversed(seen) if event.checks), ())
    return [_check(one, told=inside or not one["passed"]) for one in kept]


def _check(one: Mapping[str, Any], *, told: bool) -> Mapping[str, object]:
    message = Message(one["msgid"], revived_params(one["params"])) if one["msgid"] else None
    return {
        "rule": one["rule"],
        "passed": one["passed"],
        "about": one["about"],
        "severity": one["severity"],
        "message": translate(message) if message else None,
        "observed": one["observed"] if told else None,
        "limit": one["limit"] if told else None,
        "unit": one["unit"] if told else None,
        "largest_g": one["largest_g"],
        "largest_quantity": one["largest_quantity"],
    }
