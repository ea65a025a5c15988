"""Bodies of set days."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date


class SetDaySchema(marshmallow.Schema):
    """A public holiday, or a weekend day that is worked."""

    day = Date()
    kind = fields.String()
    name = fields.String()
    act = fields.String(allow_none=True)
