"""Parameters put on an application: pages, command, navigation."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.kernel.text import N_
from registry.parameters import pages
from registry.parameters.cli import parameter
from registry.web.navigation import NavItem, register

NAVIGATION = (
    NavItem("parameters.parameters", N_("Parameters"), roles_for(pages.READ), N_("Administration"), order=880),
)


def init_app(app: Flask) -> None:
    """Register the pages, the command and the navigation."""
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(parameter)
    register(app, NAVIGATION)
