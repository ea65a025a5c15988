"""The exchange of files put on an application: commands, pages, navigation."""

from __future__ import annotations

from flask import Flask

from registry.accounts import policy
from registry.exchange import api, pages
from registry.exchange.catalogue import file_kinds
from registry.exchange.cli import import_command, template_command
from registry.exchange.service import action_of
from registry.kernel.text import N_
from registry.web.navigation import NavItem, register


def init_app(app: Flask) -> None:
    """Add ``flask import`` and ``flask template``, the pages and their entry; call it after accounts."""
    app.cli.add_command(import_command)
    app.cli.add_command(template_command)
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    senders = frozenset[str]().union(*(policy.roles_for(action_of(name)) for name in file_kinds()))
    register(app, (NavItem("exchange.kinds", N_("Files"), senders, order=600),))
