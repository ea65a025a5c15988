"""Mergers put on an application: the pages and the deeds."""

from __future__ import annotations

from flask import Flask

from registry.deeds import effects as deeds
from registry.mergers import pages


def init_app(app: Flask) -> None:
    """Register the pages and the deeds; rooms register what may be merged."""
    app.register_blueprint(pages.blueprint)
    deeds.register(app, *pages.effects(app))
