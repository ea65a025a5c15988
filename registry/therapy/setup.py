"""The pages of substitution therapy put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.kernel.text import N_
from registry.therapy.api import endpoints
from registry.therapy.pages import blueprint
from registry.web.navigation import NavItem, register

GROUP = N_("Stock")
NAVIGATION = (
    NavItem("therapy.sheets", N_("Daily sheets of therapy"), roles_for("therapy.read"), GROUP, 307),
    NavItem("therapy.totals", N_("Substitution therapy"), roles_for("therapy.totals"), GROUP, 308),
)


def init_app(app: Flask) -> None:
    """Register the pages, the endpoints and their navigation."""
    app.register_blueprint(blueprint)
    endpoints.init_app(app)
    register(app, NAVIGATION)
