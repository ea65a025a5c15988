"""Documents put on an application: pages and commands."""

from __future__ import annotations

from flask import Flask

from registry.documents import api, pages
from registry.documents.cli import documents


def init_app(app: Flask) -> None:
    """Register the pages and ``flask documents``."""
    app.register_blueprint(pages.blueprint)
    api.endpoints.init_app(app)
    # The public page takes files from anybody and changes nothing: there is no session a forged page could use.
    app.extensions["csrf"].exempt(pages.verify)
    app.cli.add_command(documents)
