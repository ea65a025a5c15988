"""Permits and applications for programs; a firm reads its own and applies for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from flask import current_app
from sqlalchemy.orm import Session

from registry.accounts.sessions import settings_of
from registry.api.bodies import One
from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import PREFIX, Answer, Call, Endpoints
from registry.api.schemas import listed
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.kernel.fields import Column, as_code, as_day, as_text, choice
from registry.kernel.text import N_, Message
from registry.parties.queries import organisations_by_codes
from registry.permits import queries, service
from registry.permits.bodies import READ, application_bodies, judged_body, permit_bodies, reads_proposals
from registry.permits.domain.deeds import PERMIT_DEEDS, PROPOSES
from registry.permits.domain.kinds import PERMIT_KINDS, PermitState
from registry.permits.domain.proposals import Cut, Proposal
from registry.permits.domain.transitions import (
    ANSWER,
    ISSUE,
    PROPOSE,
    PROPOSE_REFUSAL,
    REFUSE,
    REQUEST_INFORMATION,
    SEND_BACK,
    TAKE_UP,
    WITHDRAW,
    State,
    states_told_as,
)
from registry.permits.files import APPLICATION_COLUMNS
from registry.permits.queries.cases import ApplicationRow, known_at_decision
from registry.permits.queries.listing import applications_below, permits_below
from registry.permits.queries.register import stands_as
from registry.permits.schemas import (
    ApplicationSchema,
    JudgedApplicationSchema,
    KnownSchema,
    PermitSchema,
    application_schema,
    step_schema,
)
from registry.permits.service import stops
from registry.permits.service.second_number import COLUMN, set_eaeu_number
from registry.web.schema import schema_of

APPLY = "permits.apply"
INSIDE = "quotas.read"
"""What shows positions is the authority's alone."""
STATES = tuple(state.value for state in State)
ORGANISATION = Column("organisation", as_code, required=False, note="code of the holder or applicant")
KIND = Column("kind", choice(PERMIT_KINDS), required=False, choices=tuple(PERMIT_KINDS))
STANDING = tuple(state.value for state in PermitState)
STANDS = Column("state", choice(STANDING), required=False, choices=STANDING, note="what the permit is today")
STATE = Column("state", choice(STATES), required=False, choices=STATES)

endpoints = Endpoints("permits")


@endpoints.get("/permits", READ, listed(PermitSchema()), query=(ORGANISATION, KIND, STANDS, *paging(int)))
def permits(call: Call) -> Listed[Mapping[str, object]]:
    """Every permit, the one recorded last first."""
    below, size = call.query["cursor"], size_of(call.query)
    kind, holder = call.query["kind"], _holder(call)
    asked = PermitState(call.query["state"]) if call.query["state"] else None
    is_so = None if asked is None else stands_as(asked, call.today)
    found = permits_below(call.session, below and below[0], size + 1, organisation_id=holder, kind=kind, state=is_so)
    page = page_of(found, size, lambda permit: (permit.id,))
    return Listed(permit_bodies(call, page.items), page.next)


@endpoints.get("/permits/<path:number>", READ, PermitSchema())
def permit(call: Call, number: str) -> Mapping[str, object]:
    """One permit by its number."""
    found = queries.permits_by_numbers(call.session, [number]).get(number)
    if found is None or call.scope(READ) not in (None, found.organisation_id):
        raise NotFound(Message(N_("there is no permit with the number %(number)s"), {"number": number}))
    return permit_bodies(call, [found])[0]


@endpoints.get("/applications", READ, listed(ApplicationSchema()), query=(ORGANISATION, STATE, *paging(int)))
def applications(call: Call) -> Listed[Mapping[str, object]]:
    """Every application, the one submitted last first."""
    below, size = call.query["cursor"], size_of(call.query)
    state, holder = call.query["state"], _holder(call)
    states = None if state is None else (state,) if reads_proposals(call) else states_told_as(state)
    found = applications_below(call.session, below and below[0], size + 1, organisation_id=holder, states=states)
    page = page_of(found, size, lambda row: (row.id,))
    return Listed(application_bodies(call, page.items), page.next)


@endpoints.get("/applications/<path:reference>", READ, JudgedApplicationSchema(), versioned=True)
def application(call: Call, reference: str) -> Answer:
    """One application by the reference its sender gave it, with its checks."""
    found = queries.application_by_reference(call.session, reference)
    if found is None or call.scope(READ) not in (None, found.asked.organisation_id):
        raise NotFound(Message(N_("there is no such application")))
    body = {**application_bodies(call, [found])[0], **judged_body(call, found)}
    return Answer(body, version=found.version)


@endpoints.get("/decisions/<path:reference>", INSIDE, KnownSchema())
def known(call: Call, reference: str) -> Mapping[str, Any]:
    """What was known when an application was decided: kept with the decision, whatever changed later."""
    found = queries.application_by_reference(call.session, reference)
    kept = known_at_decision(call.session, found.id) if found is not None else None
    if found is None or kept is None:
        raise NotFound(Message(N_("nobody has decided on such an application")))
    return kept


@endpoints.post(
    "/applications",
    APPLY,
    JudgedApplicationSchema(),
    body=One(application_schema(APPLICATION_COLUMNS)),
    status=201,
)
def apply(call: Call) -> Answer:
    """Submit an application for a permit; every rule acts as on the page."""
    sent: dict[str, Any] = dict(call.body)
    sent["lines"] = tuple((line["product"], line["quantity"]) for line in sent["lines"])
    sent["particulars"] = {code: value for code, value in sent["particulars"].items() if value is not None}
    number = service.submit_application(call.session, call.actor, call.clock, service.Submission(**sent))
    return application_answer(call, number)


def application_answer(call: Call, number: int) -> Answer:
    """Return the answer to a submission: the application with its checks."""
    found = queries.application_by_id(call.session, number)
    if found is None:
        raise NotFound(Message(N_("there is no such application")))
    body = {**application_bodies(call, [found])[0], **judged_body(call, found)}
    place = f"{PREFIX}/applications/{quote(found.asked.reference, safe='')}"
    return Answer(body, version=found.version, location=place)


Take = Callable[[Session, Actor, Clock, ApplicationRow, int, str, Mapping[str, Any]], object]


def _ground(body: Mapping[str, Any]) -> str:
    return str(body.get("ground") or "")


def _corrected(
    session: Session, clock: Clock, row: ApplicationRow, body: Mapping[str, Any]
) -> service.Submission | None:
    return service.submission_of(session, clock, row, body["corrections"]) if body["corrections"] else None


def _proposal(body: Mapping[str, Any]) -> Proposal:
    cuts = tuple(Cut(**one) for one in body["cuts"])
    return Proposal(cuts, {language: text for language, text in body["conditions"].items() if text})


TAKES: Mapping[str, Take] = MappingProxyType(
    {
        TAKE_UP.step: lambda s, a, c, n, v, _t, _b: service.take_up(s, a, c, n, v),
        REQUEST_INFORMATION.step: lambda s, a, c, n, v, t, _b: service.request_information(s, a, c, n, v, t),
        ANSWER.step: lambda s, a, c, n, v, t, b: service.answer(s, a, c, n, v, t, _corrected(s, c, n, b)),
        PROPOSE.step: lambda s, a, c, n, v, t, b: service.propose(s, a, c, n, v, t or None, _proposal(b)),
        PROPOSE_REFUSAL.step: lambda s, a, c, n, v, t, b: service.propose_refusal(s, a, c, n, v, _ground(b), t),
        SEND_BACK.step: lambda s, a, c, n, v, t, _b: service.send_back(s, a, c, n, v, t),
        ISSUE.step: lambda s, a, c, n, v, t, _b: service.issue(
            s, a, c, n, v, t or None, country=settings_of(current_app).country
        ),
        REFUSE.step: lambda s, a, c, n, v, t, b: service.refuse(s, a, c, n, v, _ground(b), t),
        WITHDRAW.step: lambda s, a, c, n, v, t, _b: service.withdraw(s, a, c, n, v, t or None),
    }
)
"""How each step of the table is taken."""


@endpoints.post(
    "/applications/<path:reference>/steps/<step>",
    READ,
    JudgedApplicationSchema(),
    body=One(step_schema(APPLICATION_COLUMNS)),
    versioned=True,
)
def step(call: Call, reference: str, step: str) -> Answer:
    """Take one step of a case; who may is the policy's and the table's business, as on the page."""
    found = queries.application_by_reference(call.session, reference)
    if found is None or step not in TAKES or call.scope(READ) not in (None, found.asked.organisation_id):
        raise NotFound(Message(N_("there is no such application")))
    note = str(call.body.get("note") or "")
    TAKES[step](call.session, call.actor, call.clock, found, int(call.version or 0), note, call.body)
    now = queries.application_by_id(call.session, found.id)
    if now is None:
        raise NotFound(Message(N_("there is no such application")))
    return Answer({**application_bodies(call, [now])[0], **judged_body(call, now)}, version=now.version)


DEED_BODY = schema_of(
    (
        Column("deed", choice(PERMIT_DEEDS), choices=tuple(PERMIT_DEEDS)),
        Column("reason", as_text, note="why; the holder reads it"),
        Column("effective_on", as_day, note="today or a later day"),
        *(Column(f"mended_{name}", as_text, required=False) for name in stops.MENDS),
    )
)


@endpoints.post("/permits/<path:number>/deeds", PROPOSES, PermitSchema(), body=One(DEED_BODY), status=201)
def deed(call: Call, number: str) -> Mapping[str, object]:
    """Suspend, revoke, mend ... a permit: done at once, or proposed to a second person who decides on the page of deeds."""
    sent = call.body
    mends = {
        name: value.isoformat() if isinstance(value, date) else str(value)
        for name in stops.MENDS
        if (value := sent.get(f"mended_{name}")) is not None
    }
    asked = stops.Asked(number, sent["deed"], sent["reason"], sent["effective_on"], mends)
    stops.ask(call.session, call.actor, call.clock, asked, settings_of(current_app).country)
    return permit_bodies(call, [stops.require_permit(call.session, number)])[0]


EAEU_BODY = schema_of((Column(COLUMN, as_text, required=False, note="16 or 12 signs; empty takes it back"),))


@endpoints.post("/permits/<path:number>/eaeu-number", PROPOSES, PermitSchema(), body=One(EAEU_BODY))
def eaeu_number(call: Call, number: str) -> Mapping[str, object]:
    """Record the number a permit bears in the EAEU; it is never made up here."""
    typed, country = str(call.body.get(COLUMN) or ""), settings_of(current_app).country
    set_eaeu_number(call.session, call.actor, call.clock, number, typed, country)
    return permit_bodies(call, [stops.require_permit(call.session, number)])[0]


def _holder(call: Call) -> int | None:
    """Return the organisation a list is narrowed to: by the caller's rights, and by what is asked for."""
    holder, code = call.scope(READ), call.query["organisation"]
    if code is None:
        return holder
    asked = organisations_by_codes(call.session, [code]).get(code)
    if asked is None or holder not in (None, asked):
        raise NotFound(Message(N_("there is no organisation with the code %(code)s"), {"code": code}))
    return asked
