"""Bodies of the exchange with other authorities."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Moment


class PermitFileSchema(marshmallow.Schema):
    """A permit as a file: its text, and SHA-256 of the text in UTF-8."""

    number = fields.String()
    format = fields.String()
    name = fields.String()
    media_type = fields.String()
    sha256 = fields.String()
    content = fields.String()


class DifferenceSchema(marshmallow.Schema):
    """One thing that the other authority's permit says otherwise; null where one side has nothing."""

    what = fields.String()
    about = fields.String(allow_none=True, metadata={"description": "which substance or product"})
    ours = fields.String(allow_none=True)
    theirs = fields.String(allow_none=True)


class CounterpartSchema(marshmallow.Schema):
    """A permit of another authority as it came in a file."""

    id = fields.Integer()
    number = fields.String()
    country = fields.String()
    issuer = fields.String(allow_none=True)
    issued_on = Date()
    expires_on = Date()
    our_number = fields.String(allow_none=True, metadata={"description": "our permit as the file names it"})
    filed_under = fields.String(allow_none=True, metadata={"description": "where a person put it"})
    name = fields.String()
    format = fields.String()
    sha256 = fields.String()
    received_at = Moment()
    received_by = fields.String()


class ComparedSchema(CounterpartSchema):
    """A permit of another authority, what of ours it belongs to, and where the two differ."""

    ours = fields.String(allow_none=True, metadata={"description": "number of the permit, else of the application"})
    differences = fields.List(fields.Nested(DifferenceSchema()))


class PermitLetterSchema(marshmallow.Schema):
    """A letter about a permit to the authority of the other country."""

    purpose = fields.String()
    attempt = fields.Integer()
    reason = fields.String(allow_none=True)
    authority = fields.String()
    recipient = fields.String()
    pdf_sha256 = fields.String()
    xml_sha256 = fields.String()
    queued_at = Moment()
    queued_by = fields.String()
    state = fields.String(allow_none=True, metadata={"description": "queued, failed (tried again), sent, given_up"})
    sent_at = Moment(allow_none=True)


class PermitLettersSchema(marshmallow.Schema):
    """Every letter about a permit, the newest first."""

    letters = fields.List(fields.Nested(PermitLetterSchema()))
