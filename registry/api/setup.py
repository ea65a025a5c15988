"""The interface put on an application: its description, and refusals that carry a report."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, jsonify

from registry.accounts.guard import public
from registry.api.endpoints import PREFIX, collected
from registry.api.openapi import document
from registry.api.refusals import RefusedReport, UnreadableReport, respond

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.get("/openapi.json")
@public
def description() -> Response:
    """Describe the interface. Open to anybody: the source is, and it holds no data."""
    return jsonify(document(collected(current_app._get_current_object()), PREFIX))  # type: ignore[attr-defined]


def init_app(app: Flask) -> None:
    """Add the description; call it after accounts and before the rooms that have endpoints."""
    app.register_blueprint(blueprint)
    app.register_error_handler(UnreadableReport, respond)
    app.register_error_handler(RefusedReport, respond)
