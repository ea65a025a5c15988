"""Bodies of balances, movements and what was sent."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal, Moment


class BalanceSchema(marshmallow.Schema):
    """What lies on one shelf: a batch of a product at a site."""

    site = fields.String()
    product = fields.String()
    name = fields.String()
    batch = fields.String(allow_none=True)
    expires_on = Date(allow_none=True)
    quantity = Decimal()
    unit = fields.String()


class SuggestionsSchema(marshmallow.Schema):
    """Which batches to take first, and how much of each."""

    take = fields.List(fields.Nested(BalanceSchema()))
    missing = Decimal(metadata={"description": "what the shelf lacks of the quantity asked for"})


class MovementSchema(marshmallow.Schema):
    """One entry of the ledger, as recorded."""

    reference = fields.String()
    occurred_on = Date()
    kind = fields.String()
    site = fields.String()
    counterparty = fields.String(allow_none=True)
    product = fields.String()
    batch = fields.String(allow_none=True)
    expires_on = Date(allow_none=True)
    quantity = Decimal()
    unit = fields.String()
    permit = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    document = fields.String(allow_none=True)
    prescription = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    reverses = fields.String(allow_none=True, metadata={"description": "reference of the entry it takes back"})
    reversed_by = fields.String(allow_none=True)
    recorded_at = Moment()
    recorded_by = fields.String(
        allow_none=True, metadata={"description": "user name; null for a person of another organisation"}
    )


class DifferenceSchema(marshmallow.Schema):
    """What a receiver found otherwise than entered, for one reason."""

    reason = fields.String()
    quantity = Decimal()
    batch = fields.String(allow_none=True, metadata={"description": "the batch that came instead"})
    open = fields.Boolean(metadata={"description": "nothing has ended it yet"})


class SentLineSchema(marshmallow.Schema):
    """One entry that sent something to another site, with the receiver's last answer."""

    reference = fields.String()
    occurred_on = Date()
    kind = fields.String()
    sender = fields.String()
    receiver = fields.String()
    product = fields.String()
    batch = fields.String(allow_none=True)
    expires_on = Date(allow_none=True)
    quantity = Decimal()
    unit = fields.String()
    document = fields.String(allow_none=True)
    state = fields.String(metadata={"description": "not_asked, unconfirmed, confirmed, different, settled, taken_back"})
    received_on = Date(allow_none=True)
    note = fields.String(allow_none=True)
    differences = fields.List(fields.Nested(DifferenceSchema()))
