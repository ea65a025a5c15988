"""The pages of quotas put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.deeds import effects as deeds
from registry.flags import watches
from registry.kernel.text import N_
from registry.mergers import kinds as mergers
from registry.mergers.domain import SITE
from registry.quotas import api, merging, needs_api, pages
from registry.quotas.watches import WATCHES
from registry.web.navigation import NavItem, register

GROUP = N_("Quotas")
NAVIGATION = (
    NavItem("quotas.quotas", N_("Quotas of the year"), roles_for(pages.READ), GROUP, 200),
    NavItem("quotas.proposals", N_("Proposed lines"), roles_for(pages.READ), GROUP, 202),
    NavItem("quotas.needs_ahead", N_("Needs"), roles_for(pages.READ), GROUP, 203),
    NavItem("quotas.published_now", N_("Published state quotas"), roles_for(pages.READ), GROUP, 204),
)


def init_app(app: Flask) -> None:
    """Register the pages, their navigation and the watches."""
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    needs_api.endpoints.init_app(app)
    register(app, NAVIGATION)
    watches.register(app, *WATCHES)
    deeds.register(app, *pages.mending.effects())
    mergers.watch(app, SITE, merging.of_site)
