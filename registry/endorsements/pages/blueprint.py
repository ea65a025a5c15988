"""What the pages of this room share."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("endorsements", __name__, template_folder="../templates")

READ, ENDORSE, AWAITED, CHASE = "permits.read", "permits.endorse", "permits.awaited", "permits.chase"
Answer = Response | str | tuple[str, int]
