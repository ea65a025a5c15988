"""The page of set days put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.domain import AUTHORITY_ROLES
from registry.kernel.text import N_
from registry.web.navigation import NavItem, register
from registry.workdays import api, pages

NAVIGATION = (
    NavItem(
        "workdays.workdays",
        N_("Working days"),
        frozenset(role.value for role in AUTHORITY_ROLES),
        N_("Administration"),
        order=885,
    ),
)


def init_app(app: Flask) -> None:
    """Register the page, its endpoint and the navigation."""
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    register(app, NAVIGATION)
