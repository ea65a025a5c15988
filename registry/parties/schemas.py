"""Bodies of organisations, sites and authorities of other countries."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date
from registry.parties.domain import SUBJECTS


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
    distance_selling = fields.Boolean()
    valid_from = Date(allow_none=True)
    valid_to = Date(allow_none=True)
    merged_into = fields.String(
        allow_none=True, metadata={"description": "new entries that name it are recorded there"}
    )


class OrganisationSchema(SiteSchema):
    """An organisation, told by its main site, with all its sites."""

    sites = fields.List(fields.Nested(SiteSchema()))


class AuthoritySchema(marshmallow.Schema):
    """An authority of another country, as the row in force says."""

    country = fields.String()
    subject = fields.String(metadata={"description": ", ".join(SUBJECTS)})
    name = fields.String()
    address = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    language = fields.String(allow_none=True, metadata={"description": "of letters to it"})
    phone = fields.String(allow_none=True)
    source = fields.String(allow_none=True, metadata={"description": "where this was taken from"})
    valid_from = Date()
