"""The pages of applications, cases and permits put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.domain import AUTHORITY_ROLES, Role
from registry.accounts.policy import roles_for
from registry.deeds import effects
from registry.flags import watches
from registry.kernel.text import N_
from registry.mergers import kinds as mergers
from registry.mergers.domain import PRODUCT, SITE
from registry.parties import panels
from registry.permits import abroad_api, api, customs_api, drafts_api, merging, pages
from registry.permits.pages import abroad, customs, deeds
from registry.permits.watches import WATCHES
from registry.web.navigation import NavItem, register

CASES, PERMITS = N_("Cases"), N_("Permits")
"""Groups of the menu; rooms above and below put their own pages into them."""
AT_THE_BORDER = frozenset({Role.CUSTOMS.value})
NAVIGATION = (
    NavItem("cases.cases", N_("Cases"), frozenset(role.value for role in AUTHORITY_ROLES), CASES, 100),
    NavItem("applications.applications", N_("Applications"), roles_for(pages.APPLY), order=100),
    NavItem("permits.permits", N_("Permits"), roles_for(pages.READ), PERMITS, 150),
    NavItem("abroad.estimates", N_("Estimates abroad"), roles_for(abroad.READ), N_("Quotas"), order=205),
    NavItem("customs.customs", N_("Border"), roles_for(customs.READ) - AT_THE_BORDER, PERMITS, 160),
    # A customs officer has nothing else: no group stands around it.
    NavItem("customs.customs", N_("Border"), AT_THE_BORDER, order=160),
)


def init_app(app: Flask) -> None:
    """Register the pages, their navigation and the panel on the page of an organisation."""
    for blueprint in (pages.cases, pages.applications, pages.permits, customs.blueprint, abroad.blueprint):
        app.register_blueprint(blueprint)
    api.endpoints.init_app(app)
    customs_api.endpoints.init_app(app)
    drafts_api.endpoints.init_app(app)
    abroad_api.endpoints.init_app(app)
    register(app, NAVIGATION)
    effects.register(app, *deeds.effects(app))
    watches.register(app, *WATCHES)
    panels.register(app, panels.Panel(N_("Permits"), 20, pages.organisation_panel))
    mergers.watch(app, SITE, merging.of_site)
    mergers.watch(app, PRODUCT, merging.of_product)
