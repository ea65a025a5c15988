"""The state of the system for the administrator: what `flask doctor` says, as a page."""

from __future__ import annotations

from flask import render_template

from registry.accounts.guard import asks
from registry.supervision import running
from registry.supervision.pages.blueprint import rows, state_blueprint
from registry.supervision.service.doctor import LEVEL_NAMES, Level, examine

TONES = {Level.OK: "green", Level.WARN: "orange", Level.FAIL: "red"}


@state_blueprint.get("/health")
@asks("health.read")
def health() -> str:
    """Examine the installation and show every line."""
    lines = examine(rows(), running.place())
    return render_template(
        "supervision/health.html",
        lines=lines,
        level_names=LEVEL_NAMES,
        tones=TONES,
        counts={level: sum(line.level is level for line in lines) for level in Level},
    )
