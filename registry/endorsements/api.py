"""Endorsements for programs, what is waited for, and the four figures of a permit side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import current_app

from registry.accounts.sessions import settings_of
from registry.api.bodies import One
from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.endorsements import queries, service
from registry.endorsements.domain.facts import EndorsementFact, standing
from registry.endorsements.queries.after import watched
from registry.endorsements.schemas import ComparisonSchema, EndorsementSchema, WaitingSchema, asked_schema
from registry.kernel.errors import NotFound
from registry.kernel.fields import Column, as_code
from registry.kernel.mass import stated
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import PermitFact
from registry.permits.queries.permits import permits_by_ids, permits_by_numbers
from registry.substances.queries.products import revisions_by_ids

READ, ENDORSE, AWAITED = "permits.read", "permits.endorse", "permits.awaited"
PERMIT = Column("permit", as_code, required=False, note="number of a permit")

endpoints = Endpoints("endorsements")


@endpoints.get("/endorsements", READ, listed(EndorsementSchema()), query=(PERMIT, *paging(int)))
def endorsements(call: Call) -> Listed[Mapping[str, object]]:
    """Every endorsement, sent and received, the one recorded last first."""
    below, size, number = call.query["cursor"], size_of(call.query), call.query["permit"]
    found = queries.endorsements_below(
        call.session,
        below and below[0],
        size + 1,
        organisation_id=call.scope(READ),
        permit_id=_in_scope(call, number).id if number else None,
    )
    page = page_of(found, size, lambda one: (one.id,))
    return Listed(_bodies(call, page.items), page.next)


@endpoints.get("/permits/<path:number>/comparison", READ, ComparisonSchema())
def comparison(call: Call, number: str) -> Mapping[str, object]:
    """What was permitted, what customs let through, what the ledger holds and what was endorsed, line by line."""
    permit = _in_scope(call, number)
    revisions = revisions_by_ids(call.session, {line.revision_id for line in permit.lines.values()}, call.today)

    def told(units: int | None, unit: str) -> str | None:
        return None if units is None else stated(units, unit)

    lines = [
        {
            "product": revision.code,
            "unit": revision.unit,
            "permitted": stated(one.line.units, revision.unit),
            "written_off": told(one.customs, revision.unit),
            "ledger": told(one.ledger, revision.unit),
            "endorsed": told(one.endorsed, revision.unit),
            "difference": told(one.difference, revision.unit),
        }
        for one in queries.comparison_of(call.session, permit)
        for revision in [revisions[one.line.revision_id]]
    ]
    return {"permit": permit.number, "lines": lines}


@endpoints.post(
    "/permits/<path:number>/endorsements", ENDORSE, EndorsementSchema(), body=One(asked_schema()), status=201
)
def endorse(call: Call, number: str) -> Mapping[str, object]:
    """Record an endorsement of a permit; the same number with the same content again has no second effect."""
    sent = dict(call.body)
    sent["lines"] = tuple(
        service.StatedLine(line["product"], line["quantity"], line["reason"] or "", line["text"] or "")
        for line in sent["lines"]
    )
    asked = service.EndorsementAsked(permit=number, **sent)
    return _bodies(call, [service.endorse(call.session, call.actor, call.clock, asked)])[0]


@endpoints.get("/waiting", AWAITED, listed(WaitingSchema()), query=paging(int))
def waiting(call: Call) -> Listed[Mapping[str, object]]:
    """What is waited for after issue, the longest first."""
    cursor, size = call.query["cursor"], size_of(call.query)
    start = max(0, cursor[0]) if cursor else 0
    known = watched(call.session, call.clock)
    found = known.waiting()[start : start + size + 1]
    written = queries.reminders_of(call.session, {one.permit.id for one in found})
    bodies = [
        {
            "permit": one.permit.number,
            "kind": one.kind.code,
            "from_whom": one.kind.of.value,
            "partner_country": one.permit.partner_country,
            "since": one.since,
            "due_on": one.due_on,
            "late": one.is_late(known.today),
            "reminders": len(written.get((one.permit.id, one.kind.code), ())),
        }
        for one in found
    ]
    return page_of(bodies, size, lambda _body: (start + size,))


def _in_scope(call: Call, number: str) -> PermitFact:
    """Return a permit by its number; what lies outside the caller's rights is not found, like what does not exist."""
    found = permits_by_numbers(call.session, [number]).get(number)
    if found is None or call.scope(READ) not in (None, found.organisation_id):
        raise NotFound(Message(N_("there is no permit with the number %(number)s"), {"number": number}))
    return found


def _bodies(call: Call, found: Sequence[EndorsementFact]) -> list[Mapping[str, object]]:
    """Return endorsements as their bodies are written; a constant number of statements."""
    permits = permits_by_ids(call.session, {one.permit_id for one in found})
    kept = queries.endorsements_of(call.session, permits)
    numbers = {each.id: each.number for of in kept.values() for each in of}
    stand = {each.id for of in kept.values() for each in standing(of)}
    lines = {line.id: line for permit in permits.values() for line in permit.lines.values()}
    revisions = revisions_by_ids(call.session, {line.revision_id for line in lines.values()}, call.today)
    return [
        {
            "id": one.id,
            "number": one.number,
            "direction": one.direction.value,
            "issuer": one.issuer or settings_of(current_app).country,
            "permit": permits[one.permit_id].number,
            "foreign_number": one.foreign_number,
            "arrived_on": one.arrived_on,
            "endorsed_on": one.endorsed_on,
            "customs_office": one.customs_office,
            "replaces": numbers.get(one.replaces_id or 0),
            "stands": one.id in stand,
            "recorded_at": one.recorded_at,
            "lines": [
                {
                    "product": revision.code,
                    "permitted": stated(lines[part.line_id].units, revision.unit),
                    "received": stated(part.units, revision.unit),
                    "unit": revision.unit,
                    "reason": part.reason,
                    "text": part.text,
                }
                for part in one.lines.values()
                for revision in [revisions[lines[part.line_id].revision_id]]
            ],
        }
        for one in found
    ]
