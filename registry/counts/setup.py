"""Counts put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.counts.cli import counts
from registry.counts.pages import blueprint
from registry.counts.service.counting import READ
from registry.counts.watches import WATCHES
from registry.flags import watches
from registry.kernel.text import N_
from registry.web.navigation import NavItem, register

NAVIGATION = (
    NavItem("counts.listed", N_("Counts"), roles_for(READ), N_("Stock"), 307),
    NavItem("counts.losses", N_("Losses and thefts"), roles_for(READ), N_("Stock"), 308),
    NavItem("counts.acts", N_("Acts of destruction"), roles_for(READ), N_("Stock"), 309),
)


def init_app(app: Flask) -> None:
    """Register the pages, their navigation and what the sweep looks for."""
    app.register_blueprint(blueprint)
    register(app, NAVIGATION)
    watches.register(app, *WATCHES)
    app.cli.add_command(counts)
