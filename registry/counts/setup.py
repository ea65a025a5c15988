"""Counts put on an application."""

from __future__ import annotations

from flask import Flask

from registry.counts.watches import WATCHES
from registry.flags import watches


def init_app(app: Flask) -> None:
    """Register what the sweep looks for."""
    watches.register(app, *WATCHES)
