"""The pages of organisations and of authorities abroad put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.kernel.text import N_
from registry.mergers import kinds as mergers
from registry.mergers.domain import SITE
from registry.parties import api, authorities, contacts, merging, pages
from registry.web.navigation import NavItem, register

GROUP = N_("Organisations")
VIEWS = (pages, contacts, authorities)
"""Modules that put their views on the blueprint of `pages` as they are imported."""

NAVIGATION = (
    NavItem("parties.organisations", N_("Organisations"), roles_for(pages.READ), GROUP, 550),
    NavItem("parties.authorities", N_("Authorities of other countries"), roles_for(authorities.READ), GROUP, 560),
)


def init_app(app: Flask) -> None:
    """Register the pages and their navigation."""
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    register(app, NAVIGATION)
    mergers.register(app, merging.MERGEABLE)
    mergers.watch(app, SITE, merging.of_site)
