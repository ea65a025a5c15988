"""Bodies of endorsements and of what is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal, Moment
from registry.endorsements.domain.facts import REASONS, Direction
from registry.endorsements.domain.waiting import AWAITED, From
from registry.kernel.fields import Column, as_code, as_day, as_name, as_text, choice, named
from registry.kernel.persons import as_note
from registry.kernel.text import N_, Message
from registry.web.schema import Cell, Refused, schema_of

MOST_LINES = 100
DOCUMENT = (
    Column("number", as_code, note=N_("number of the endorsement; the same one again has no second effect")),
    Column("foreign_number", as_code, required=False, note=N_("number of the other country's permit")),
    Column("arrived_on", as_day, note=N_("day the goods arrived")),
    Column("endorsed_on", as_day, note=N_("day of the endorsement")),
    Column("customs_office", as_name, required=False, note=N_("customs office")),
    Column("replaces", as_code, required=False, note=N_("number of the endorsement it corrects")),
)
LINE = (
    Column("product", as_code, note=N_("code of the product")),
    Column("quantity", as_text, note=N_("what was received, in the unit of the product; 0 for nothing")),
    Column(
        "reason",
        choice(REASONS),
        required=False,
        note=N_("why it differs from what was expected"),
        choices=tuple(REASONS),
        meanings=named(REASONS),
    ),
    Column("text", as_note, required=False, note=N_("the reason in words")),
)


def _some_lines(found: Sequence[object]) -> None:
    if not 1 <= len(found) <= MOST_LINES:
        raise Refused("not-a-list", Message(N_("send 1 to %(most)s of them"), {"most": MOST_LINES}))


def asked_schema() -> marshmallow.Schema:
    """Return the schema of an endorsement as a program sends it."""
    members: dict[str, fields.Field[Any]] = {column.name: Cell(column) for column in DOCUMENT}
    members["lines"] = fields.List(fields.Nested(schema_of(LINE)), required=True, validate=_some_lines)
    return marshmallow.Schema.from_dict(members)()


class EndorsedLineSchema(marshmallow.Schema):
    """What was received of one product."""

    product = fields.String()
    permitted = Decimal()
    received = Decimal()
    unit = fields.String()
    reason = fields.String(allow_none=True, metadata={"description": ", ".join(REASONS)})
    text = fields.String(allow_none=True)


class EndorsementSchema(marshmallow.Schema):
    """One endorsement; `stands` is false once a newer one replaces it."""

    id = fields.Integer()
    number = fields.String()
    direction = fields.String(metadata={"description": ", ".join(Direction)})
    issuer = fields.String(metadata={"description": "country that certifies"})
    permit = fields.String()
    foreign_number = fields.String(allow_none=True)
    arrived_on = Date()
    endorsed_on = Date()
    customs_office = fields.String(allow_none=True)
    replaces = fields.String(allow_none=True)
    stands = fields.Boolean()
    recorded_at = Moment()
    lines = fields.List(fields.Nested(EndorsedLineSchema()))


class ComparedLineSchema(marshmallow.Schema):
    """One product of a permit as everybody sees it; null: that side has said nothing yet."""

    product = fields.String()
    unit = fields.String()
    permitted = Decimal()
    written_off = Decimal(allow_none=True)
    ledger = Decimal(allow_none=True)
    endorsed = Decimal(allow_none=True)
    difference = Decimal(allow_none=True)


class ComparisonSchema(marshmallow.Schema):
    """What was permitted, what customs let through, what the ledger holds, what was endorsed."""

    permit = fields.String()
    lines = fields.List(fields.Nested(ComparedLineSchema()))


class WaitingSchema(marshmallow.Schema):
    """One thing waited for on a permit; `late` after `due_on`."""

    permit = fields.String()
    kind = fields.String(metadata={"description": ", ".join(AWAITED)})
    from_whom = fields.String(metadata={"description": ", ".join(From)})
    partner_country = fields.String()
    since = Date()
    due_on = Date()
    late = fields.Boolean()
    reminders = fields.Integer()
