"""The pages of reports put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.deeds import effects as deeds
from registry.flags import watches
from registry.kernel.text import N_
from registry.reporting import cli, pages
from registry.reporting.watches import WATCHES
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("reporting.reports", N_("Reports"), roles_for(pages.READ), N_("Stock"), 307),)


def init_app(app: Flask) -> None:
    """Register pages, ``flask report``, the watch and the navigation."""
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.report)
    deeds.register(app, *pages.effects())
    watches.register(app, *WATCHES)
    register(app, NAVIGATION)
