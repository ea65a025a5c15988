"""Drafts of applications for programs: begun, read, changed and submitted, with the rules and words of the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import marshmallow
from flask import current_app
from marshmallow import fields

from registry.accounts import policy
from registry.accounts.sessions import settings_of
from registry.api.bodies import One
from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import PREFIX, Answer, Call, Endpoints
from registry.api.schemas import listed
from registry.api.shapes import Moment
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.fields import Column, as_text
from registry.kernel.text import N_, Message
from registry.parties.queries import main_sites, organisation_codes
from registry.permits.api import application_answer
from registry.permits.cells import HEAD, LINE_COLUMNS, line_cell, line_count, line_numbers, read_application
from registry.permits.domain.kinds import PERMIT_KINDS, PermitKind
from registry.permits.domain.particulars import PARTICULARS
from registry.permits.queries.drafts import DraftFact, draft_by_id, drafts_below
from registry.permits.schemas import KIND, LINE, JudgedApplicationSchema, ParticularSchema, no_more_lines
from registry.permits.service import drafts as kept
from registry.web.locale import current_language
from registry.web.schema import Cell, schema_of

APPLY = "permits.apply"
NO_DRAFT = Message(N_("there is no such draft: it was submitted or discarded"))
NO_FIRM = Message(N_("only an applicant has drafts"))
UNREAD = Message(N_("the application cannot be submitted"))

endpoints = Endpoints("application_drafts")


def _as_typed(columns: tuple[Column, ...]) -> list[Column]:
    """Return columns that take any text: a draft is read and judged only when it is submitted."""
    return [Column(each.name, as_text, required=False, note=each.note) for each in columns]


def _draft_schema(*, with_kind: bool) -> marshmallow.Schema:
    members: dict[str, fields.Field[Any]] = {column.name: Cell(column) for column in _as_typed(HEAD)}
    members["lines"] = fields.List(
        fields.Nested(schema_of(_as_typed(LINE_COLUMNS))), load_default=list, validate=no_more_lines
    )
    particulars = schema_of(_as_typed(tuple(each.column(required=False) for each in PARTICULARS.values())))
    members["particulars"] = fields.Nested(particulars, load_default=dict)
    return marshmallow.Schema.from_dict(members | ({KIND.name: Cell(KIND)} if with_kind else {}))()


class DraftLineSchema(marshmallow.Schema):
    """One line as it was typed."""

    product = fields.String()
    quantity = fields.String()


class DraftSchema(marshmallow.Schema):
    """A draft as it was last saved: text, as typed; null where nothing is."""

    id = fields.Integer()
    version = fields.Integer()
    kind = fields.String()
    organisation = fields.String()
    reference = fields.String(allow_none=True)
    partner_country = fields.String(allow_none=True)
    partner = fields.String(allow_none=True)
    planned_on = fields.String(allow_none=True)
    counterpart_number = fields.String(allow_none=True)
    purpose = fields.String(allow_none=True)
    justification = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(DraftLineSchema()))
    particulars = fields.List(fields.Nested(ParticularSchema()))
    changed_by = fields.String()
    changed_at = Moment()


@endpoints.get("/application-drafts", APPLY, listed(DraftSchema()), query=paging(int))
def drafts(call: Call) -> Listed[Mapping[str, object]]:
    """Every draft of the own organisation, the one begun last first."""
    below, size = call.query["cursor"], size_of(call.query)
    found = drafts_below(call.session, below and below[0], size + 1, _own(call))
    page = page_of(found, size, lambda one: (one.id,))
    return Listed([_body(call, one) for one in page.items], page.next)


@endpoints.get("/application-drafts/<int:draft_id>", APPLY, DraftSchema(), versioned=True)
def draft(call: Call, draft_id: int) -> Answer:
    """One draft as it was last saved."""
    return _answer(call, draft_id)


@endpoints.post("/application-drafts", APPLY, DraftSchema(), body=One(_draft_schema(with_kind=True)), status=201)
def begin(call: Call) -> Answer:
    """Begin a draft. Nothing in it is judged before it is submitted."""
    cells = _cells(call.body, PERMIT_KINDS[call.body["kind"]])
    with _told_by_path(cells):
        number = kept.save_draft(call.session, call.actor, call.clock, _own(call), call.body["kind"], cells)
    return _answer(call, number)


@endpoints.post(
    "/application-drafts/<int:draft_id>",
    APPLY,
    DraftSchema(),
    body=One(_draft_schema(with_kind=False)),
    versioned=True,
)
def change(call: Call, draft_id: int) -> Answer:
    """Put something else in place of all that the draft holds; its kind stays."""
    found = _require(call, draft_id)
    cells = _cells(call.body, PERMIT_KINDS[found.kind])
    with _told_by_path(cells):
        kept.change_draft(call.session, call.actor, call.clock, draft_id, int(call.version or 0), cells)
    return _answer(call, draft_id)


@endpoints.post(
    "/application-drafts/<int:draft_id>/submission",
    APPLY,
    JudgedApplicationSchema(),
    body=One(schema_of(())),
    versioned=True,
    status=201,
)
def submit(call: Call, draft_id: int) -> Answer:
    """Submit what the draft has become; every rule acts as on the page, and the draft goes."""
    found = _require(call, draft_id)
    site = main_sites(call.session, [found.organisation_id])[found.organisation_id]
    home = {
        "partner_country": settings_of(current_app).country,
        "partner": site.name_in(current_language(), call.today),
    }
    read = read_application(PERMIT_KINDS[found.kind], found.cells, site.organisation_code, home)
    if isinstance(read, list):
        raise Invalid(UNREAD, line_numbers(read, found.cells))
    number = kept.submit_draft(call.session, call.actor, call.clock, draft_id, int(call.version or 0), read)
    return application_answer(call, number)


@endpoints.post(
    "/application-drafts/<int:draft_id>/discard",
    APPLY,
    DraftSchema(),
    body=One(schema_of(())),
    versioned=True,
)
def discard(call: Call, draft_id: int) -> Answer:
    """Throw a draft away; the answer is what it held."""
    found = _require(call, draft_id)
    kept.discard_draft(call.session, call.actor, call.clock, draft_id, int(call.version or 0))
    return Answer(_body(call, found))


def _own(call: Call) -> int:
    """Return the organisation the caller applies for; the authority has no drafts."""
    policy.require_holds(call.actor, APPLY)
    if call.actor.organisation_id is None:
        raise Forbidden(NO_FIRM)
    return call.actor.organisation_id


def _require(call: Call, draft_id: int) -> DraftFact:
    found = draft_by_id(call.session, draft_id)
    if found is None or found.organisation_id != _own(call):
        raise NotFound(NO_DRAFT)
    return found


def _answer(call: Call, draft_id: int) -> Answer:
    found = _require(call, draft_id)
    return Answer(_body(call, found), version=found.version, location=f"{PREFIX}/application-drafts/{draft_id}")


@contextmanager
def _told_by_path(cells: Mapping[str, str]) -> Iterator[None]:
    """Tell what is wrong with `cells` by the paths of the body they came in."""
    try:
        yield
    except Invalid as error:
        raise Invalid(error.message, line_numbers(error.problems, cells)) from error


def _cells(body: Mapping[str, Any], kind: PermitKind) -> dict[str, str]:
    """Return a body as cells. Raises `Invalid` for particulars this kind does not ask for."""
    given = {code: text for code, text in body["particulars"].items() if text is not None}
    foreign = sorted(given.keys() - set(kind.asks))
    if foreign:
        message = Message(N_("this kind of permit does not ask for: %(names)s"), {"names": ", ".join(foreign)})
        raise Invalid(message, [])
    cells = {column.name: body[column.name] for column in HEAD if body[column.name] is not None} | given
    for number, line in enumerate(body["lines"], 1):
        cells |= {line_cell(name, number): line[name] for name in LINE if line[name] is not None}
    return cells


def _body(call: Call, found: DraftFact) -> Mapping[str, object]:
    cells = found.cells
    given = [{"code": code, "value": cells[code]} for code in PERMIT_KINDS[found.kind].asks if code in cells]
    numbers = range(1, line_count(cells) + 1)
    return {column.name: cells.get(column.name) for column in HEAD} | {
        "id": found.id,
        "version": found.version,
        "kind": found.kind,
        "organisation": organisation_codes(call.session, [found.organisation_id])[found.organisation_id],
        "lines": [{name: cells.get(line_cell(name, number), "") for name in LINE} for number in numbers],
        "particulars": given,
        "changed_by": found.changed_by,
        "changed_at": found.changed_at,
    }
