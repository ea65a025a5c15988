"""The pages of requisitions put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.domain import Role
from registry.kernel.text import N_
from registry.requisitions.pages import blueprint
from registry.web.navigation import NavItem, register

# Importers and wholesalers have no wards; who may open the page is the policy's business.
NAVIGATION = (
    NavItem(
        "requisitions.requisitions", N_("Requisitions of wards"), frozenset({Role.PHARMACY.value}), N_("Stock"), 309
    ),
)


def init_app(app: Flask) -> None:
    """Register the pages and their navigation."""
    app.register_blueprint(blueprint)
    register(app, NAVIGATION)
