"""The pages of licences put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.deeds import effects as deeds
from registry.flags import watches
from registry.kernel.text import N_
from registry.licences import api, merging, pages
from registry.licences.watches import WATCHES
from registry.mergers import kinds as mergers
from registry.mergers.domain import SITE
from registry.parties import panels
from registry.parties.setup import GROUP
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("licences.licences", N_("Licences"), roles_for(pages.READ), GROUP, 560),)


def init_app(app: Flask) -> None:
    """Register the pages, their navigation, the panel on the page of an organisation and the watches."""
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    register(app, NAVIGATION)
    watches.register(app, *WATCHES)
    deeds.register(app, *pages.effects())
    panels.register(app, panels.Panel(N_("Licences"), 10, pages.organisation_panel))
    mergers.watch(app, SITE, merging.of_site)
