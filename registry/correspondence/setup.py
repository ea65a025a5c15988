"""The exchange with other authorities put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.accounts.sessions import settings_of
from registry.correspondence import api, catalogue, pages
from registry.correspondence.cli import permit
from registry.correspondence.watches import WATCHES
from registry.flags import watches
from registry.kernel.text import N_
from registry.permits import panels
from registry.web.navigation import NavItem, register

NAVIGATION = (
    NavItem(
        "correspondence.counterparts",
        N_("Permits of other authorities"),
        roles_for(pages.SEE),
        N_("Permits"),
        order=180,
    ),
)


def init_app(app: Flask) -> None:
    """Load the mappings; register pages, API, the section of a permit and ``flask permit``."""
    catalogue.load(app, settings_of(app))
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    app.cli.add_command(permit)
    register(app, NAVIGATION)
    panels.register(app, panels.Panel(N_("Exchange with other authorities"), 30, pages.panel))
    panels.register_for_cases(app, panels.Panel(N_("The permit of the other country as a file"), 30, pages.case_panel))
    watches.register(app, *WATCHES)
