"""Bodies of documents."""

from __future__ import annotations

import marshmallow
from marshmallow import fields


class DocumentSchema(marshmallow.Schema):
    """A signed document, the same bytes every time it is asked for."""

    kind = fields.String()
    subject = fields.String()
    languages = fields.String()
    name = fields.String(metadata={"description": "name of the file"})
    media_type = fields.String()
    sha256 = fields.String(metadata={"description": "digest of the file, which the public page compares"})
    content = fields.String(metadata={"description": "the file itself, in base64"})
