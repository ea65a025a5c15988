"""The pages of lists and products put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.kernel.text import N_
from registry.mergers import kinds as mergers
from registry.substances import api, merging, pages
from registry.web.navigation import NavItem, register

GROUP = N_("Substances")
NAVIGATION = (
    NavItem("substances.substances", N_("Substances"), roles_for("substances.read"), GROUP, 500),
    NavItem("products.products", N_("Products"), roles_for("products.read"), GROUP, 501),
    NavItem("substances.editions", N_("Editions of the lists"), roles_for("substances.read"), GROUP, 502),
)


def init_app(app: Flask) -> None:
    """Register the pages and their navigation."""
    app.register_blueprint(pages.lists)
    app.register_blueprint(pages.products)
    api.endpoints.init_app(app)
    register(app, NAVIGATION)
    mergers.register(app, merging.MERGEABLE)
