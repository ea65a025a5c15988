"""Checks behind ``/readyz``: the database answers, its schema is the code's, there is room on the disk."""

from __future__ import annotations

import shutil

from flask import Flask, current_app
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.accounts.sessions import settings_of
from registry.db import db
from registry.supervision.queries.state import schema_head
from registry.supervision.running import code_head
from registry.supervision.service.doctor import NO_SPACE
from registry.web.health import register_check


class NotReady(RuntimeError):
    """Something the registry cannot serve without is missing."""


def register(app: Flask) -> None:
    """Add the checks to `app`."""
    register_check(app, "database", require_database)
    register_check(app, "migrations", require_newest_schema)
    register_check(app, "disk", require_room)


def require_database() -> None:
    """Return when the database answers. Raises what the driver raises."""
    with Session(db.engine) as session:
        session.execute(text("SELECT 1"))


def require_newest_schema() -> None:
    """Raise `NotReady` unless the schema stands where the code does."""
    with Session(db.engine) as session:
        found, wanted = schema_head(session), code_head()
    if found != wanted:
        raise NotReady(f"schema at {found}, code at {wanted}")


def require_room() -> None:
    """Raise `NotReady` when the disk of the instance folder is all but full."""
    if shutil.disk_usage(settings_of(current_app).instance_path).free < NO_SPACE:
        raise NotReady("the disk is full")
