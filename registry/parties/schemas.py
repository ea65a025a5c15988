"""Bodies of organisations and sites."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date


class SiteSchema(marshmallow.Schema):
    """A site as its revision in force says."""

    code = fields.String()
    organisation = fields.String(metadata={"description": "code of its organisation, which is that of the main site"})
    is_main = fields.Boolean()
    kind = fields.String()
    level = fields.String(metadata={"description": "wholesale or retail"})
    name = fields.String()
    name_ru = fields.String(allow_none=True)
    name_ky = fields.String(allow_none=True)
    region = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    registration_number = fields.String(allow_none=True)
    valid_from = Date(allow_none=True)
    valid_to = Date(allow_none=True)


class OrganisationSchema(SiteSchema):
    """An organisation, told by its main site, with all its sites."""

    sites = fields.List(fields.Nested(SiteSchema()))
