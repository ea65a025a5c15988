"""The pages of organisations put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.kernel.text import N_
from registry.parties import api, contacts, pages
from registry.web.navigation import NavItem, register

GROUP = N_("Organisations")
VIEWS = (pages, contacts)
"""Modules that put their views on the blueprint of `pages` as they are imported."""

NAVIGATION = (NavItem("parties.organisations", N_("Organisations"), roles_for(pages.READ), GROUP, 550),)


def init_app(app: Flask) -> None:
    """Register the pages and their navigation."""
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    register(app, NAVIGATION)
