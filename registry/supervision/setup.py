"""Supervision put on an application: pages, navigation, commands, readiness."""

from __future__ import annotations

from flask import Flask

from registry.accounts import policy
from registry.kernel.text import N_
from registry.supervision import api, readiness
from registry.supervision.cli import audit, backup, doctor, flags, quota
from registry.supervision.pages import BLUEPRINTS
from registry.web.navigation import EVERYBODY, NavItem, offer_search, register

NAVIGATION = (
    NavItem("supervision.home", N_("Start"), EVERYBODY, order=0),
    NavItem("positions.positions", N_("Positions"), policy.roles_for("quotas.read"), group=N_("Quotas"), order=200),
    NavItem(
        "positions.turn_now", N_("Turn of the year"), policy.roles_for("quotas.turn"), group=N_("Quotas"), order=205
    ),
    NavItem("flags.flags", N_("Flags"), policy.roles_for("flags.read"), order=600),
    NavItem("audit.audit", N_("Audit log"), policy.roles_for("audit.read"), order=700),
    NavItem(
        "state.health",
        N_("State of the system"),
        policy.roles_for("health.read"),
        group=N_("Administration"),
        order=910,
    ),
)


def init_app(app: Flask) -> None:
    """Set up supervision; call it after `registry.accounts.setup.init_app`, best after all other rooms."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for group in (quota, flags, audit, doctor, backup):
        if group.name not in app.cli.commands:
            app.cli.add_command(group)
    api.endpoints.init_app(app)
    register(app, NAVIGATION)
    offer_search(app, policy.roles_for("search"))
    readiness.register(app)
