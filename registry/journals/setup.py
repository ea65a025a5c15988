"""Journals put on an application; their pages are reached from those of the stock."""

from __future__ import annotations

from flask import Flask

from registry.journals.pages import blueprint


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)
