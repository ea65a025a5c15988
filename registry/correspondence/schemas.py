"""Bodies of files of permits."""

from __future__ import annotations

import marshmallow
from marshmallow import fields


class PermitFileSchema(marshmallow.Schema):
    """A permit as a file: its text, and SHA-256 of the text in UTF-8."""

    number = fields.String()
    format = fields.String()
    name = fields.String()
    media_type = fields.String()
    sha256 = fields.String()
    content = fields.String()
