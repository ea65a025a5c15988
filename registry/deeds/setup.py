"""Deeds put on an application: the page of what waits, and its navigation."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.deeds import pages
from registry.kernel.text import N_
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("deeds.deeds", N_("Waits for a second person"), roles_for(pages.READ), N_("Cases"), 160),)


def init_app(app: Flask) -> None:
    """Register the page and its navigation."""
    app.register_blueprint(pages.blueprint)
    register(app, NAVIGATION)
