"""Whether the process lives, whether it is ready to serve, and which version it is."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, Flask, Response, current_app, jsonify

from registry import __version__

KEY = "registry.checks"
PACKAGE = "narcotics-registry"
UNAVAILABLE = 503

blueprint = Blueprint("health", __name__)
log = structlog.get_logger("registry.health")


def register_check(app: Flask, name: str, check: Callable[[], None]) -> None:
    """Add a readiness check: `check` returns when all is well and raises when it is not."""
    app.extensions.setdefault(KEY, {})[name] = check


@blueprint.get("/healthz")
def alive() -> Response:
    """Say that the process answers; asks nothing else."""
    return jsonify({"status": "alive"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Run the checks; 503 with the names of those that failed. Causes go to the log, not to the caller."""
    failed = [name for name, check in current_app.extensions.get(KEY, {}).items() if not _passes(name, check)]
    answer = jsonify({"status": "unavailable" if failed else "ready", "failed": failed})
    answer.status_code = UNAVAILABLE if failed else 200
    return answer


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    # Whatever a check raises means "not ready".
    except Exception as error:
        log.warning("not ready", check=name, error=f"{type(error).__name__}: {error}")
        return False
    return True


@blueprint.get("/version")
def which() -> Response:
    """Name the version of the registry that runs."""
    return jsonify({"name": PACKAGE, "version": running_version()})


def running_version() -> str:
    """Return the version of the registry that runs."""
    return __version__
