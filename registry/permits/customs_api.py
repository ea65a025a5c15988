"""Customs for programs: what a permit allows to pass today, and what has passed."""

from __future__ import annotations

from collections.abc import Mapping

from registry.api.bodies import One
from registry.api.endpoints import Answer, Call, Endpoints
from registry.kernel.errors import NotFound
from registry.kernel.mass import stated
from registry.kernel.text import N_, Message
from registry.parties.queries import main_sites
from registry.permits.customs_schemas import (
    CustomsAnswersSchema,
    CustomsPermitSchema,
    reversal_schema,
    write_offs_schema,
)
from registry.permits.domain.after import WriteOff, bar_to_passing, customs_state, left_after
from registry.permits.domain.facts import PermitFact
from registry.permits.queries.customs import write_offs_of
from registry.permits.queries.permits import permits_by_ids, permits_by_numbers
from registry.permits.service.customs import Told, WriteOffAsked, reverse, write_off
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import current_language, translate

READ, WRITE_OFF = "customs.read", "customs.write_off"

endpoints = Endpoints("customs")


@endpoints.get("/customs/permits/<path:number>", READ, CustomsPermitSchema())
def customs_permit(call: Call, number: str) -> Mapping[str, object]:
    """One permit as customs needs it: whether goods may pass on it today, what has passed and what is left."""
    found = permits_by_numbers(call.session, [number]).get(number)
    if found is None:
        raise NotFound(Message(N_("there is no permit with the number %(number)s"), {"number": number}))
    return _body(call, found)


@endpoints.post("/customs/write-offs", WRITE_OFF, CustomsAnswersSchema(), body=One(write_offs_schema()))
def write_offs(call: Call) -> Answer:
    """Write off what passed. Each message is taken or rejected by itself; one taken before is answered as then."""
    asked = [
        WriteOffAsked(
            message_id=one["message_id"],
            permit=one["permit"],
            passed_on=one["passed_on"],
            declaration=one["declaration"],
            packing=one["packing"],
            lines=tuple((line["product"], line["quantity"]) for line in one["lines"]),
        )
        for one in call.body["write_offs"]
    ]
    told = write_off(call.session, call.actor, call.clock, asked)
    revisions = _revisions(call, [one.permit for one in told if one.permit is not None])
    return Answer({"answers": [_answer(one, revisions) for one in told]})


@endpoints.post("/customs/reversals", WRITE_OFF, CustomsPermitSchema(), body=One(reversal_schema()))
def reversals(call: Call) -> Answer:
    """Take back one write-off, whole, with a reason; the same message again has no second effect."""
    body = call.body
    entry = reverse(call.session, call.actor, call.clock, body["message_id"], body["reverses"], body["reason"])
    return Answer(_body(call, permits_by_ids(call.session, [entry.permit_id])[entry.permit_id]))


def _revisions(call: Call, permits: list[PermitFact]) -> Mapping[int, RevisionFact]:
    wanted = {line.revision_id for permit in permits for line in permit.lines.values()}
    return revisions_by_ids(call.session, wanted, call.today)


def _body(call: Call, permit: PermitFact) -> Mapping[str, object]:
    revisions, found = _revisions(call, [permit]), write_offs_of(call.session, [permit.id]).get(permit.id, [])
    bar, left = bar_to_passing(permit, found, call.today), left_after(permit, found)
    holder = main_sites(call.session, [permit.organisation_id])[permit.organisation_id]
    products = {line.id: revisions[line.revision_id] for line in permit.lines.values()}
    return {
        "number": permit.number,
        "kind": permit.kind,
        "state": customs_state(permit, found, call.today).value,
        "may_pass": bar is None,
        "why_not": translate(bar) if bar else None,
        "holder": holder.name_in(current_language(), call.today),
        "partner_country": permit.partner_country,
        "partner": permit.partner,
        "issued_on": permit.issued_on,
        "expires_on": permit.expires_on,
        "customs_office": permit.customs_office,
        "lines": [
            _line(products[line.id], line.units)
            | {
                "line": line.id,
                "written_off": stated(line.units - left[line.id], products[line.id].unit),
                "left": stated(left[line.id], products[line.id].unit),
            }
            for line in permit.lines.values()
        ],
        "write_offs": [_entry(each, found, products) for each in found],
    }


def _entry(entry: WriteOff, found: list[WriteOff], products: Mapping[int, RevisionFact]) -> Mapping[str, object]:
    messages = {each.id: each.message_id for each in found}
    return {
        "message_id": entry.message_id,
        "passed_on": entry.passed_on,
        "declaration": entry.declaration,
        "packing": entry.packing,
        "reverses": messages[entry.reverses_id] if entry.reverses_id is not None else None,
        "reason": entry.reason,
        "recorded_at": entry.recorded_at,
        "lines": [_line(products[line], units) for line, units in entry.units.items()],
    }


def _line(revision: RevisionFact, units: int) -> dict[str, object]:
    quantity = stated(units, revision.unit)
    return {"product": revision.code, "name": revision.name, "quantity": quantity, "unit": revision.unit}


def _answer(told: Told, revisions: Mapping[int, RevisionFact]) -> Mapping[str, object]:
    lines = {line.id: revisions[line.revision_id] for line in told.permit.lines.values()} if told.permit else {}
    return {
        "message_id": told.asked.message_id,
        "permit": told.asked.permit,
        "outcome": told.outcome.value,
        "left": [
            {"product": lines[line].code, "left": stated(units, lines[line].unit)} for line, units in told.left.items()
        ],
        "problems": [
            {"place": problem.column, "code": problem.code, "message": translate(problem.message)}
            for problem in told.problems
        ],
    }
