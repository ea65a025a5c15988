"""Needs for programs of the authority: worked out by one of the four methods and kept, as on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import marshmallow
from marshmallow import fields

from registry.api.bodies import One
from registry.api.cursors import Listed
from registry.api.endpoints import Answer, Call, Endpoints
from registry.api.schemas import listed
from registry.api.shapes import Decimal, Moment
from registry.kernel.errors import NotFound
from registry.kernel.fields import Column, as_name, as_substance, as_year, choice, quantity
from registry.kernel.mass import decimal_text, grams, rounded
from registry.kernel.persons import as_note
from registry.kernel.text import N_, Message
from registry.quotas import queries, service
from registry.quotas.domain.needs import (
    LINE,
    MEAN,
    METHODS,
    MILLIONTHS,
    Group,
    Inputs,
    Morbidity,
    PerPopulation,
    Service,
    Services,
    WorkingLine,
)
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries.lists import substance_by_codes, substances_by_ids
from registry.web.locale import translate
from registry.web.schema import Cell, Refused, schema_of

READ, PROPOSE = "quotas.read", "quotas.propose"
YEAR = Column("year", as_year, note="the coming year the need is for")
SUBSTANCE = Column("substance", as_substance, note="code of the list, such as NM 009")
ABOUT = (YEAR, SUBSTANCE, Column("note", as_note, required=False, note="a remark, such as the source of the figures"))
RULE = Column("rule", choice((LINE, MEAN)), choices=(LINE, MEAN), note="along a straight line, or the mean")
PATIENTS = (
    Column("name", as_note, required=False, note="group of patients"),
    Column("patients", quantity(0)),
    Column("mg_per_day", quantity(6), note="milligrams of base a day"),
    Column("days", quantity(0), note="days a year"),
)
PEOPLE = (Column("people", quantity(0)), Column("g_per_thousand", quantity(6), note="grams of base a year"))
SERVICE = (
    Column("name", as_name, required=False, note="sort of service"),
    Column("units", quantity(0), note="beds, sites or operations"),
    Column("g_per_unit", quantity(6), note="grams of base a year for each"),
)
MOST_ROWS = 100
PLACES = 9

endpoints = Endpoints("needs")


class WorkingSchema(marshmallow.Schema):
    """One step of a working."""

    text = fields.String()
    quantity_g = Decimal(allow_none=True)


class NeedSchema(marshmallow.Schema):
    """A need that was worked out: grams of anhydrous base, and how."""

    id = fields.Integer()
    year = fields.Integer()
    substance = fields.String()
    method = fields.String(validate=marshmallow.validate.OneOf(tuple(METHODS)))
    working = fields.List(fields.Nested(WorkingSchema()))
    result_g = Decimal()
    note = fields.String(allow_none=True)
    made_by = fields.String()
    made_at = Moment()


def _some(rows: Sequence[object]) -> None:
    if not 1 <= len(rows) <= MOST_ROWS:
        raise Refused("not-a-list", Message(N_("write 1 to %(most)s rows"), {"most": MOST_ROWS}))


def _with_rows(name: str, columns: Sequence[Column]) -> marshmallow.Schema:
    members: dict[str, fields.Field[Any]] = {column.name: Cell(column) for column in ABOUT}
    members[name] = fields.List(fields.Nested(schema_of(columns)), required=True, validate=_some)
    return marshmallow.Schema.from_dict(members)()


@endpoints.get("/needs", READ, listed(NeedSchema()), query=(YEAR, SUBSTANCE))
def needs(call: Call) -> Listed[Mapping[str, object]]:
    """Every need worked out for a substance and year, the oldest first."""
    fact = _substance(call, call.query["substance"])
    found = queries.calculations_of(call.session, call.query["year"], fact.id)
    return Listed(_bodies(call, found), None)


@endpoints.post("/needs/trend", PROPOSE, NeedSchema(), body=One(schema_of((*ABOUT, RULE))), status=201)
def trend(call: Call) -> Answer:
    """Carry on what was consumed in the last closed years."""
    fact = _substance(call, call.body["substance"])
    inputs = service.trend_inputs(call.session, call.clock, call.body["year"], fact.id, call.body["rule"])
    return _kept(call, fact, inputs)


@endpoints.post("/needs/morbidity", PROPOSE, NeedSchema(), body=One(_with_rows("groups", PATIENTS)), status=201)
def morbidity(call: Call) -> Answer:
    """Patients, milligrams a day and days a year, summed over groups of patients."""
    groups = tuple(
        Group(each["name"] or "", each["patients"], Fraction(each["mg_per_day"], MILLIONTHS), each["days"])
        for each in call.body["groups"]
    )
    return _kept(call, _substance(call, call.body["substance"]), Morbidity(groups))


@endpoints.post("/needs/population", PROPOSE, NeedSchema(), body=One(schema_of((*ABOUT, *PEOPLE))), status=201)
def population(call: Call) -> Answer:
    """Use a norm per 1,000 people, times the population."""
    norm = Fraction(call.body["g_per_thousand"], MILLIONTHS)
    return _kept(call, _substance(call, call.body["substance"]), PerPopulation(call.body["people"], norm))


@endpoints.post("/needs/services", PROPOSE, NeedSchema(), body=One(_with_rows("services", SERVICE)), status=201)
def services(call: Call) -> Answer:
    """Beds, sites or operations of each sort, times what one of them needs in a year."""
    found = tuple(
        Service(each["name"] or "", each["units"], Fraction(each["g_per_unit"], MILLIONTHS))
        for each in call.body["services"]
    )
    return _kept(call, _substance(call, call.body["substance"]), Services(found))


def _substance(call: Call, code: str) -> SubstanceFact:
    fact = substance_by_codes(call.session, [code], call.today).get(code)
    if fact is None:
        raise NotFound(Message(N_("there is no substance with the code “%(code)s”"), {"code": code}))
    return fact


def _kept(call: Call, fact: SubstanceFact, inputs: Inputs) -> Answer:
    year, note = call.body["year"], call.body["note"]
    number = service.keep_calculation(call.session, call.actor, call.clock, year, fact.code, inputs, note)
    kept = queries.calculations_of(call.session, year, fact.id)
    return Answer(_bodies(call, [one for one in kept if one.id == number])[0])


def _bodies(call: Call, found: Sequence[queries.CalculationFact]) -> list[Mapping[str, object]]:
    names = substances_by_ids(call.session, {one.substance_id for one in found}, call.today)
    return [
        {
            "id": one.id,
            "year": one.year,
            "substance": names[one.substance_id].code,
            "method": one.method,
            "working": [_step(step) for step in one.worked.lines],
            "result_g": grams(one.result_ng),
            "note": one.note,
            "made_by": one.made_by,
            "made_at": one.made_at,
        }
        for one in found
    ]


def _step(step: WorkingLine) -> Mapping[str, object]:
    exact = step.quantity
    return {
        "text": translate(step.text),
        "quantity_g": None if exact is None else decimal_text(rounded(exact / 10**PLACES, PLACES)),
    }
