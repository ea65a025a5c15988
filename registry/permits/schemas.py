"""Bodies of permits and applications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal, Moment
from registry.kernel.fields import Column, as_code, as_text, choice, named
from registry.kernel.text import N_, Message
from registry.permits.domain.changes import CORRECTED
from registry.permits.domain.kinds import PERMIT_KINDS, REFUSAL_GROUNDS
from registry.permits.domain.particulars import PARTICULARS
from registry.permits.domain.proposals import CUT_REASONS, LANGUAGES
from registry.web.schema import Cell, Refused, schema_of

LINE = ("product", "quantity")
MOST_LINES = 100
KIND = Column(
    "kind", choice(PERMIT_KINDS), note="kind of the permit", choices=tuple(PERMIT_KINDS), meanings=named(PERMIT_KINDS)
)


def _some_lines(lines: Sequence[object]) -> None:
    if not 1 <= len(lines) <= MOST_LINES:
        raise Refused("not-a-list", Message(N_("an application has 1 to %(most)s lines"), {"most": MOST_LINES}))


def no_more_lines(lines: Sequence[object]) -> None:
    """Refuse more lines than an application may have."""
    if len(lines) > MOST_LINES:
        raise Refused("not-a-list", Message(N_("an application has 1 to %(most)s lines"), {"most": MOST_LINES}))


def application_schema(columns: Iterable[Column]) -> marshmallow.Schema:
    """Return the schema of an application as it is sent: the `columns` of a file, but any kind, several lines, particulars."""
    known = {column.name: column for column in columns} | {KIND.name: KIND}
    particulars = schema_of(each.column(required=False) for each in PARTICULARS.values())
    members: dict[str, fields.Field[Any]] = {name: Cell(column) for name, column in known.items() if name not in LINE}
    line = schema_of(known[name] for name in LINE)
    members["lines"] = fields.List(fields.Nested(line), required=True, validate=_some_lines)
    members["particulars"] = fields.Nested(particulars, load_default=dict)
    return marshmallow.Schema.from_dict(members)()


def step_schema(columns: Iterable[Column]) -> marshmallow.Schema:
    """Return the schema of a step: its text, the ground of a refusal, a proposal's cuts and conditions, corrections.

    `columns`: of an application; those left out of a correction stay as they are.
    """
    of_step = (
        Column("note", as_text, required=False, note="text for the other side; some steps need it"),
        Column("ground", choice(REFUSAL_GROUNDS), required=False, choices=tuple(REFUSAL_GROUNDS)),
    )
    cut = schema_of(
        (
            Column("product", as_code, note="code of a product of the application"),
            Column("quantity", as_text, note="what is given, in the unit of the product; 0 leaves the line out"),
            Column("reason", choice(CUT_REASONS), choices=tuple(CUT_REASONS), meanings=named(CUT_REASONS)),
            Column("text", as_text, note="why less is given; the applicant reads it"),
        )
    )
    conditions = schema_of(Column(each, as_text, required=False, note="conditions of the permit") for each in LANGUAGES)
    members: dict[str, fields.Field[Any]] = {column.name: Cell(column) for column in of_step}
    members["corrections"] = fields.Nested(_correction_schema(columns), load_default=None)
    members["cuts"] = fields.List(fields.Nested(cut), load_default=list, validate=no_more_lines)
    members["conditions"] = fields.Nested(conditions, load_default=dict)
    return marshmallow.Schema.from_dict(members)()


def _correction_schema(columns: Iterable[Column]) -> marshmallow.Schema:
    known = {column.name: column for column in columns}
    line = schema_of(known[name] for name in LINE)
    members: dict[str, fields.Field[Any]] = {name: _left_out(known[name]) for name in CORRECTED}
    particulars = marshmallow.Schema.from_dict(
        {code: _left_out(each.column(required=False)) for code, each in PARTICULARS.items()}
    )
    members["lines"] = fields.List(fields.Nested(line), validate=_some_lines)
    members["particulars"] = fields.Nested(particulars())
    return marshmallow.Schema.from_dict(members)()


def _left_out(column: Column) -> Cell:
    """Return a member that may be left out, which is not the same as empty."""
    cell = Cell(column)
    cell.required, cell.load_default = False, marshmallow.missing
    return cell


class LineSchema(marshmallow.Schema):
    """One product of an application or permit."""

    product = fields.String()
    name = fields.String()
    quantity = Decimal()
    unit = fields.String()


class PermitLineSchema(LineSchema):
    """One product of a permit, with what has moved on it."""

    arrived = Decimal()


class AskedLineSchema(LineSchema):
    """One product of an application. `given`: what is proposed or permitted of it, where that is less."""

    given = Decimal(allow_none=True, metadata={"description": "what is given, where less than asked for"})
    cut_reason = fields.String(allow_none=True, validate=marshmallow.validate.OneOf(tuple(CUT_REASONS)))
    cut_text = fields.String(allow_none=True)


class ConditionSchema(marshmallow.Schema):
    """The conditions of a permit in one language."""

    language = fields.String()
    text = fields.String()


class ParticularSchema(marshmallow.Schema):
    """One particular beyond those every kind has."""

    code = fields.String()
    value = fields.String()


class PermitSchema(marshmallow.Schema):
    """A permit as it is today."""

    number = fields.String()
    eaeu_number = fields.String(allow_none=True, metadata={"description": "number in the EAEU, where one is recorded"})
    kind = fields.String()
    state = fields.String()
    organisation = fields.String()
    partner_country = fields.String()
    partner = fields.String()
    issued_on = Date()
    expires_on = Date()
    quota_year = fields.Integer()
    arrived_on = Date(allow_none=True)
    counterpart_number = fields.String(allow_none=True)
    purpose = fields.String(allow_none=True)
    customs_office = fields.String(allow_none=True)
    particulars = fields.List(fields.Nested(ParticularSchema()))
    conditions = fields.List(fields.Nested(ConditionSchema()))
    lines = fields.List(fields.Nested(PermitLineSchema()))


class CheckSchema(marshmallow.Schema):
    """One check of an application; what is observed and the limit are told where it is broken, and to the authority."""

    rule = fields.String()
    passed = fields.Boolean()
    about = fields.String()
    severity = fields.String(allow_none=True)
    message = fields.String(allow_none=True)
    observed = fields.String(allow_none=True)
    limit = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    largest_g = Decimal(allow_none=True)
    largest_quantity = Decimal(allow_none=True)


class ApplicationSchema(marshmallow.Schema):
    """An application and where its case stands."""

    reference = fields.String()
    kind = fields.String()
    state = fields.String()
    version = fields.Integer()
    organisation = fields.String()
    partner_country = fields.String()
    partner = fields.String()
    planned_on = Date()
    counterpart_number = fields.String(allow_none=True)
    purpose = fields.String(allow_none=True)
    justification = fields.String(allow_none=True)
    particulars = fields.List(fields.Nested(ParticularSchema()))
    lines = fields.List(fields.Nested(AskedLineSchema()))
    conditions = fields.List(fields.Nested(ConditionSchema()))
    submitted_at = Moment()
    permit = fields.String(allow_none=True, metadata={"description": "number of the permit issued on it"})
    refusal_ground = fields.String(allow_none=True)
    refusal_text = fields.String(allow_none=True)


class ChangeSchema(marshmallow.Schema):
    """One thing the applicant corrected. `version`: the one its answer made; `field` of a line: ``product:`` and its code."""

    version = fields.Integer()
    field = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class JudgedApplicationSchema(ApplicationSchema):
    """An application with its checks (today's while nobody has decided, else the last step's) and what was corrected."""

    changes = fields.List(fields.Nested(ChangeSchema()))
    checks = fields.List(fields.Nested(CheckSchema()))


class EstimateAbroadSchema(marshmallow.Schema):
    """What another country may import of a substance in a year, as published on a day."""

    country = fields.String()
    year = fields.Integer()
    substance = fields.String()
    quantity_g = Decimal()
    published_on = Date()
    source = fields.String(allow_none=True)


def _kept(name: str, *texts: str, **members: fields.Field[Any]) -> fields.Field[Any]:
    """Return a list of what was kept; `texts`: members that are text, days and decimals included, as they were written."""
    told = {each: fields.String(allow_none=True) for each in texts}
    return fields.List(fields.Nested(marshmallow.Schema.from_dict({**told, **members}, name=name)()))


class KnownSchema(marshmallow.Schema):
    """What was known when an application was decided, exactly as it was kept."""

    program = fields.String()
    decided_on = fields.String()
    lines = _kept(
        "KnownLineSchema",
        *("product", "name", "valid_from", "unit", "asked", "given"),
        revision=fields.Integer(),
        schedule_three=fields.Boolean(allow_none=True),
        components=_kept(
            "KnownComponentSchema",
            *("substance", "name", "salt", "amount_mg"),
            base_ppm=fields.Integer(),
            schedules=fields.List(fields.String()),
        ),
    )
    positions = _kept(
        "KnownPositionSchema",
        *("substance", "name", "estimate_total_g", "state_quota_g", "exported_g", "manufactured_g", "imported_g"),
        *("reserved_g", "headroom_g", "bound_by", "taken_g", "held_g"),
        year=fields.Integer(),
        pieces=_kept("KnownPieceSchema", "label", "quantity_g"),
    )
    licences = _kept(
        "KnownLicenceSchema",
        *("number", "effective_on", "valid_from", "valid_to", "authority", "stopped"),
        acts=fields.List(fields.String()),
        scope=fields.List(fields.String()),
    )
    abroad = _kept(
        "KnownEstimateSchema",
        *("country", "substance", "quantity_g", "taken_g", "published_on", "source"),
        year=fields.Integer(),
    )
    rules = _kept("KnownRuleSchema", "code", "text", "legal_ground", "severity")
    parameters = _kept("KnownParameterSchema", "code", "value", "since")
