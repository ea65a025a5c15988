"""The pages of the ledger put on an application."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.flags import watches
from registry.kernel.text import N_
from registry.mergers import kinds as mergers
from registry.mergers.domain import PRODUCT, SITE
from registry.stock import merging
from registry.stock.api import endpoints
from registry.stock.pages import blueprint
from registry.stock.watches import WATCHES
from registry.web.navigation import NavItem, register

GROUP = N_("Stock")
NAVIGATION = (
    NavItem("stock.balances", N_("Balances"), roles_for("stock.read"), GROUP, 300),
    NavItem("stock.enter", N_("Enter a movement"), roles_for("stock.post"), GROUP, 301),
    NavItem("stock.movements", N_("Movements"), roles_for("stock.lines.read"), GROUP, 302),
    NavItem("stock.arriving", N_("Arriving: to be confirmed"), roles_for("stock.lines.read"), GROUP, 303),
    NavItem("stock.sent", N_("Sent to other sites"), roles_for("stock.lines.read"), GROUP, 304),
    NavItem("stock.quarantine", N_("Quarantine"), roles_for("stock.lines.read"), GROUP, 305),
    NavItem("stock.month", N_("Monthly sheet"), roles_for("stock.read"), GROUP, 306),
)


def init_app(app: Flask) -> None:
    """Register the pages and their navigation; call it after `registry.accounts.setup.init_app`."""
    app.register_blueprint(blueprint)
    endpoints.init_app(app)
    register(app, NAVIGATION)
    mergers.watch(app, SITE, merging.of_site)
    mergers.watch(app, PRODUCT, merging.of_product)
    watches.register(app, *WATCHES)
