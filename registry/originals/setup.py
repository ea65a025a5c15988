"""Originals at random put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.flags import watches
from registry.kernel.text import N_
from registry.originals import cli, pages
from registry.originals.watches import WATCHES
from registry.permits import panels
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("originals.originals", N_("Originals at random"), roles_for(pages.READ), N_("Permits"), 172),)


def init_app(app: Flask) -> None:
    """Register pages, ``flask permit draw``, the watch, the navigation and the section of a permit."""
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.permit)
    watches.register(app, *WATCHES)
    register(app, NAVIGATION)
    panels.register(app, panels.Panel(N_("Original of the foreign permit"), 25, pages.panel))
