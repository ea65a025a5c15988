"""The pages of seizures put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.kernel.text import N_
from registry.seizures import pages
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("seizures.seizures", N_("Seizures"), roles_for(pages.READ), order=350),)


def init_app(app: Flask) -> None:
    """Register the pages and their navigation."""
    app.register_blueprint(pages.blueprint)
    register(app, NAVIGATION)
