"""One id and one log line for every request."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from collections.abc import Callable

import structlog
from flask import Flask, Response, g, request
from structlog.typing import Processor

from registry.web import hooks

HEADER = "X-Request-ID"
_SAFE = re.compile(r"[A-Za-z0-9._\-]{8,64}", re.ASCII)

log = structlog.get_logger("registry.request")


def configure_logging(form: str) -> None:
    """Write log lines to standard error, as ``json`` or for people (``console``).

    Standard output stays free for the data of commands.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def request_id() -> str:
    """Return the id of this request: the proxy's if it is harmless text, else a new one."""
    if not hasattr(g, "request_id"):
        given = request.headers.get(HEADER, "")
        g.request_id = given if _SAFE.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)


def go_on_as(number: str) -> None:
    """Let what follows in this context, the copy of a request in another thread, bear the request's id."""
    g.request_id = number
    structlog.contextvars.bind_contextvars(request_id=number)


def init_app(app: Flask, *, timer: Callable[[], float] = time.perf_counter) -> None:
    """Bind the id before each request, answer it in a header and write the line afterwards."""

    def begin() -> None:
        g.registry_started = timer()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id())

    def finish(answer: Response) -> Response:
        answer.headers[HEADER] = request_id()
        if request.endpoint == "web.static":
            return answer
        person = hooks.current_person()
        log.info(
            "request",
            method=request.method,
            path=request.path,
            endpoint=request.endpoint,
            status=answer.status_code,
            milliseconds=round((timer() - getattr(g, "registry_started", timer())) * 1000),
            username=person.username if person is not None else None,
        )
        return answer

    app.before_request(begin)
    app.after_request(finish)
    app.jinja_env.globals["request_id"] = request_id
