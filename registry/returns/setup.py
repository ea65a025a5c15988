"""The pages of the returns put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.flags import watches
from registry.kernel.text import N_
from registry.returns.api import endpoints
from registry.returns.pages import blueprint
from registry.returns.watches import WATCHES
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("returns.index", N_("Returns"), roles_for("returns.read"), order=400),)


def init_app(app: Flask) -> None:
    """Register pages, navigation and watches; call it after the pages of stock, to which explanations lead."""
    app.register_blueprint(blueprint)
    register(app, NAVIGATION)
    watches.register(app, *WATCHES)
    endpoints.init_app(app)
