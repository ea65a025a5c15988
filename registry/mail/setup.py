"""Mail put on an application: pages, commands, navigation, the watch over letters given up."""

from __future__ import annotations

from flask import Flask

from registry.accounts.policy import roles_for
from registry.flags import watches
from registry.kernel.text import N_
from registry.mail import pages
from registry.mail.cli import mail
from registry.mail.watches import WATCHES
from registry.web.navigation import NavItem, register

NAVIGATION = (NavItem("mail.letters", N_("Letters"), roles_for(pages.MANAGE), N_("Administration"), order=910),)


def init_app(app: Flask) -> None:
    """Register the pages, the commands, the navigation and the watch."""
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(mail)
    watches.register(app, *WATCHES)
    register(app, NAVIGATION)
