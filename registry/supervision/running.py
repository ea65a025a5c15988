"""What pages and commands tell the services of this room about the application that runs."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from flask import current_app

from registry.accounts.sessions import current_clock, settings_of
from registry.db import db
from registry.supervision.service.backup.work import Installation
from registry.supervision.service.doctor import Place
from registry.web.health import running_version


def code_head() -> str | None:
    """Return the newest migration of the code, None where there is none."""
    return ScriptDirectory(str(current_app.extensions["migrate"].directory)).get_current_head()


def place() -> Place:
    """Return what the examination needs to know."""
    return Place(settings_of(current_app), current_clock(), str(current_app.config["SECRET_KEY"] or ""), code_head())


def installation() -> Installation:
    """Return what backups are made of and brought back to."""
    return Installation(db.engine, current_clock(), running_version(), code_head())
