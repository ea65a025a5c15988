"""Deputies put on an application: pages, command, navigation, the deed."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.deeds import effects as deeds
from registry.deputies import pages
from registry.deputies.cli import deputy
from registry.kernel.text import N_
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("deputies.all_deputies", N_("Deputies"), roles_for(pages.READ), N_("Administration"), order=905),)


def init_app(app: Flask) -> None:
    """Register the pages, the command, the navigation and the deed."""
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(deputy)
    register(app, NAVIGATION)
    deeds.register(app, *pages.effects())
