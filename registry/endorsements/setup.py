"""Endorsements and reminders put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.endorsements import api, cli, pages
from registry.endorsements.watches import WATCHES
from registry.flags import watches
from registry.kernel.text import N_
from registry.permits import panels
from registry.web.navigation import NavItem, register

GROUP = N_("After issue")
NAVIGATION = (
    NavItem("endorsements.waiting", N_("What we wait for"), roles_for(pages.AWAITED), N_("Permits"), 170),
    NavItem("endorsements.endorsements", N_("Endorsements"), roles_for(pages.READ), N_("Permits"), 175),
)


def init_app(app: Flask) -> None:
    """Register pages, API, ``flask permit chase``, the watch, the navigation and the section of a permit."""
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    app.cli.add_command(cli.permit)
    watches.register(app, *WATCHES)
    register(app, NAVIGATION)
    panels.register(app, panels.Panel(GROUP, 20, pages.panel))
