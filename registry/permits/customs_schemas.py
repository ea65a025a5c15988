"""Bodies of what customs asks and tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal, Moment
from registry.kernel.fields import Column, as_code, as_day, as_name, as_text
from registry.kernel.text import N_, Message
from registry.permits.schemas import LINE, MOST_LINES, LineSchema
from registry.permits.service.customs import Outcome
from registry.web.schema import Cell, Refused, schema_of

MOST_MESSAGES = 1000
MESSAGE_ID = Column("message_id", as_code, note=N_("chosen by the sender; the same one again has no second effect"))
PERMIT = Column("permit", as_code, note=N_("number of the permit"))
PASSED_ON = Column("passed_on", as_day, note=N_("day the goods were let through"))
CUSTOMS_PAPER = Column("declaration", as_code, note=N_("number of the customs declaration"))
PACKING = Column("packing", as_name, required=False, note=N_("number and marks of the packages"))
REVERSES = Column("reverses", as_code, note=N_("message id of the write-off that is taken back"))
REASON = Column("reason", as_text, note=N_("why it is taken back"))
_LINE = (
    Column(LINE[0], as_code, note=N_("code of the product")),
    Column(LINE[1], as_text, note=N_("quantity in the unit of the product")),
)


def _some(what: str, most: int) -> object:
    def check(found: Sequence[object]) -> None:
        if not 1 <= len(found) <= most:
            raise Refused("not-a-list", Message(N_("send 1 to %(most)s of them"), {"most": most}))

    check.__name__ = f"some_{what}"
    return check


def write_offs_schema() -> marshmallow.Schema:
    """Return the schema of a batch of messages as customs sends it."""
    members: dict[str, fields.Field[Any]] = {
        column.name: Cell(column) for column in (MESSAGE_ID, PERMIT, PASSED_ON, CUSTOMS_PAPER, PACKING)
    }
    members["lines"] = fields.List(
        fields.Nested(schema_of(_LINE)),
        required=True,
        validate=_some("lines", MOST_LINES),  # type: ignore[arg-type]
    )
    message = marshmallow.Schema.from_dict(members)()
    batch = fields.List(
        fields.Nested(message),
        required=True,
        validate=_some("messages", MOST_MESSAGES),  # type: ignore[arg-type]
    )
    return marshmallow.Schema.from_dict({"write_offs": batch})()


def reversal_schema() -> marshmallow.Schema:
    """Return the schema of the message that takes a write-off back."""
    return schema_of((MESSAGE_ID, REVERSES, REASON))


class CustomsLineSchema(LineSchema):
    """One product of a permit, with what has passed the border on it and what may still."""

    line = fields.Integer()
    written_off = Decimal()
    left = Decimal()


class CustomsEntrySchema(marshmallow.Schema):
    """One write-off, or the taking back of one."""

    message_id = fields.String()
    passed_on = Date()
    declaration = fields.String()
    packing = fields.String(allow_none=True)
    reverses = fields.String(allow_none=True, metadata={"description": "message id of the write-off it takes back"})
    reason = fields.String(allow_none=True)
    recorded_at = Moment()
    lines = fields.List(fields.Nested(LineSchema()))


class CustomsPermitSchema(marshmallow.Schema):
    """What customs must know of a permit today; `why_not` says why nothing may pass."""

    number = fields.String()
    kind = fields.String()
    state = fields.String()
    may_pass = fields.Boolean()
    why_not = fields.String(allow_none=True)
    holder = fields.String()
    partner_country = fields.String()
    partner = fields.String()
    issued_on = Date()
    expires_on = Date()
    customs_office = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(CustomsLineSchema()))
    write_offs = fields.List(fields.Nested(CustomsEntrySchema()))


class CustomsProblemSchema(marshmallow.Schema):
    """Why a message was rejected, and where in it."""

    place = fields.String()
    code = fields.String()
    message = fields.String()


class LeftSchema(marshmallow.Schema):
    """What of one product may still pass."""

    product = fields.String()
    left = Decimal()


class CustomsAnswerSchema(marshmallow.Schema):
    """What became of one message; `left` as the first answer to it told."""

    message_id = fields.String()
    permit = fields.String()
    outcome = fields.String(metadata={"description": ", ".join(Outcome)})
    left = fields.List(fields.Nested(LeftSchema()))
    problems = fields.List(fields.Nested(CustomsProblemSchema()))


class CustomsAnswersSchema(marshmallow.Schema):
    """What became of each message of a batch, in its order."""

    answers = fields.List(fields.Nested(CustomsAnswerSchema()))
