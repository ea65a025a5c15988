"""The workbooks put on an application: their page and its entry."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.kernel.text import N_
from registry.web.navigation import NavItem, register
from registry.workbooks import pages
from registry.workbooks.service import POST


def init_app(app: Flask) -> None:
    """Register the page; call it after the ledger's."""
    app.register_blueprint(pages.blueprint)
    register(app, (NavItem("workbooks.workbook", N_("Workbook to fill in"), roles_for(POST), N_("Stock"), 307),))
