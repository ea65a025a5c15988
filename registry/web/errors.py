"""One table from what the domain refuses to what the reader gets: a page, or problem+json under ``/api/``.

Nothing of ours maps to 500, so that a 500 always means a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from registry.kernel import errors
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.web import hooks
from registry.web.locale import translate
from registry.web.request_log import request_id

API = "/api/"
TYPE = "urn:registry:problem:"
STALE = 412
FAULT = 500

Translate = Callable[[Message], str]
log = structlog.get_logger("registry.error")


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of refusal is answered: status, a stable code, a heading, and what the reader can do next."""

    status: int
    code: str
    title: str
    following: str


# The one table: the first class that fits counts.
REFUSALS: tuple[tuple[type[Exception], Answer], ...] = (
    (
        errors.NotFound,
        Answer(
            404,
            "not-found",
            N_("Not found"),
            N_("Check the number or search for it. It may also lie outside your rights."),
        ),
    ),
    (
        errors.Forbidden,
        Answer(
            403,
            "forbidden",
            N_("You may not do this"),
            N_("If your work needs it, ask your administrator for the right."),
        ),
    ),
    (
        errors.Unavailable,
        Answer(
            503,
            "not-working-now",
            N_("This cannot be done now"),
            N_("Nothing was done. Tell your administrator what stands here, and try again later."),
        ),
    ),
    (
        errors.TransitionRefused,
        Answer(
            409,
            "step-not-possible",
            N_("This step is not possible now"),
            N_("Open the case again and look at its present state."),
        ),
    ),
    (
        errors.Stale,
        Answer(
            409,
            "changed-meanwhile",
            N_("Somebody has changed this meanwhile"),
            N_("Open the page again, look at what has changed, and repeat your step if it is still needed."),
        ),
    ),
    (
        errors.Conflict,
        Answer(
            409,
            "conflict",
            N_("Somebody else was faster"),
            N_("Open the page again, look at what has changed, and repeat your step if it is still needed."),
        ),
    ),
    (
        errors.Invalid,
        Answer(
            422,
            "invalid",
            N_("Some values cannot be taken as they are"),
            N_("Nothing was recorded. Correct the values below and send them again."),
        ),
    ),
    (
        errors.RuleRefused,
        Answer(
            422,
            "rule-refused",
            N_("A rule does not allow this"),
            N_("Nothing was recorded. The rules and their legal grounds stand below."),
        ),
    ),
    (
        CSRFError,
        Answer(
            400,
            "form-expired",
            N_("This form has expired"),
            N_("Go back, reload the page and send the form again. Nothing was recorded."),
        ),
    ),
)

STATUSES: Mapping[int, Answer] = {
    400: Answer(400, "bad-request", N_("The request cannot be read"), N_("Go back and try again.")),
    401: Answer(401, "sign-in", N_("You are not signed in"), N_("Sign in and try again.")),
    403: Answer(
        403, "forbidden", N_("You may not do this"), N_("If your work needs it, ask your administrator for the right.")
    ),
    404: Answer(404, "not-found", N_("Page not found"), N_("Check the address, or start from the first page.")),
    405: Answer(
        405,
        "method-not-allowed",
        N_("This address does not take this kind of request"),
        N_("Start from the first page."),
    ),
    409: Answer(
        409, "conflict", N_("Somebody else was faster"), N_("Open the page again and look at what has changed.")
    ),
    412: Answer(
        412, "changed-meanwhile", N_("Somebody has changed this meanwhile"), N_("Read it again before you change it.")
    ),
    413: Answer(
        413,
        "too-large",
        N_("The file is too large"),
        N_("Split it into smaller files and send them one after the other. Nothing was recorded."),
    ),
    415: Answer(
        415,
        "unsupported-type",
        N_("This type of content is not understood"),
        N_("Send the type named in the description."),
    ),
    422: Answer(
        422, "invalid", N_("Some values cannot be taken as they are"), N_("Correct the values and send them again.")
    ),
    428: Answer(
        428,
        "state-the-version",
        N_("Say which version you have read"),
        N_("Send the header If-Match with the version you have read."),
    ),
    429: Answer(429, "too-many-requests", N_("Too many tries"), N_("Wait a few minutes and try again.")),
    FAULT: Answer(
        FAULT,
        "fault",
        N_("Something went wrong on our side"),
        N_("It has been logged. Try again later; if it happens again, tell your administrator the number below."),
    ),
    503: Answer(
        503, "unavailable", N_("The registry is not available at the moment"), N_("Try again in a few minutes.")
    ),
}


def answer_for(error: Exception) -> Answer:
    """Return how `error` is answered; anything unknown is a fault."""
    for kind, answer in REFUSALS:
        if isinstance(error, kind):
            return answer
    status = error.code if isinstance(error, HTTPException) else None
    if status is not None and status in STATUSES:
        return STATUSES[status]
    if isinstance(error, HTTPException) and error.code is not None and error.code < FAULT:
        return Answer(error.code, "refused", N_("The request was refused"), N_("Go back and try again."))
    return STATUSES[FAULT]


def problem_document(problem: errors.Problem, say: Translate = str) -> dict[str, Any]:
    """Return one bad value as files and the API report it: row, column, code, message."""
    return {"row": problem.row, "column": problem.column, "code": problem.code, "message": say(problem.message)}


def finding_document(finding: Finding, say: Translate = str) -> dict[str, Any]:
    """Return one finding as files and the API report it; empty members are left out.

    `largest_g` is in grams of anhydrous base, `largest_quantity` in the product's unit.
    """
    document: dict[str, Any] = {
        "row": finding.row,
        "rule": finding.rule.code,
        "severity": finding.severity.value,
        "message": say(finding.message),
        "legal_ground": finding.rule.legal_ground,
        "observed": finding.observed,
        "limit": finding.limit,
        "unit": finding.unit,
        "largest_g": finding.largest_g,
        "largest_quantity": finding.largest_quantity,
        "subject": finding.subject or None,
    }
    return {name: value for name, value in document.items() if value is not None or name == "row"}


def _findings(error: Exception) -> Sequence[Finding]:
    return error.findings if isinstance(error, errors.RuleRefused) else ()


def _problems(error: Exception) -> Sequence[errors.Problem]:
    return error.problems if isinstance(error, errors.Invalid) else ()


def _detail(error: Exception) -> str:
    return translate(error.message) if isinstance(error, errors.RegistryError) else ""


def problem_json(error: Exception) -> Response:
    """Return `error` as problem+json (RFC 9457) with our members `code`, `errors`, `findings`, `request_id`."""
    # A program has said which version it means (If-Match), a page has not.
    answer = STATUSES[STALE] if isinstance(error, errors.Stale) else answer_for(error)
    body: dict[str, Any] = {
        "type": TYPE + answer.code,
        "title": translate(Message(answer.title)),
        "status": answer.status,
        "detail": _detail(error) or translate(Message(answer.following)),
        "code": answer.code,
        "instance": request.path,
        "request_id": request_id(),
    }
    problems, findings = _problems(error), _findings(error)
    if isinstance(error, errors.Invalid):
        body["errors"] = [problem_document(problem, translate) for problem in problems]
    if isinstance(error, errors.RuleRefused):
        body["findings"] = [finding_document(finding, translate) for finding in findings]
    response = jsonify(body)
    response.status_code = answer.status
    response.mimetype = "application/problem+json"
    return response


def page(error: Exception) -> Response:
    """Return `error` as a page: what happened, what to do next, the request's id."""
    answer = answer_for(error)
    if answer.status >= FAULT:
        hooks.be_quiet()
    return make_response(_told_by("error.html", error), answer.status)


def part(error: Exception) -> str:
    """Return `error` as a part of a page that is on its way already: the same words, its status is lost."""
    _note_fault(error)
    return _told_by("error_stopped.html", error)


def _told_by(template: str, error: Exception) -> str:
    return render_template(
        template,
        answer=answer_for(error),
        detail=_detail(error),
        problems=_problems(error),
        findings=_findings(error),
    )


def respond(error: Exception) -> Response:
    """Answer `error` in the form the caller reads."""
    _note_fault(error)
    response = problem_json(error) if request.path.startswith(API) else page(error)
    if isinstance(error, HTTPException):
        _keep_headers(error, response)
    return response


def _note_fault(error: Exception) -> None:
    """Log what is our own fault, once, with the request's id."""
    if answer_for(error).status >= FAULT:
        cause = error.original_exception if isinstance(error, InternalServerError) else error
        log.error("fault", path=request.path, error=type(cause or error).__name__, exc_info=cause or error)


def _keep_headers(error: HTTPException, response: Response) -> None:
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            response.headers[name] = value


def _respond_http(error: HTTPException) -> Response:
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    if error.code is not None and error.code < 400:  # noqa: PLR2004 - redirects are answers, not errors
        return make_response(error.get_response())
    return respond(error)


def _leave_to_respond(exc_info: object) -> None:
    """Do nothing: `respond` logs a fault once, with the request's id."""


def init_app(app: Flask) -> None:
    """Answer the domain's refusals and every HTTP error in one way."""
    app.log_exception = _leave_to_respond  # type: ignore[method-assign]
    app.register_error_handler(errors.RegistryError, respond)
    app.register_error_handler(HTTPException, _respond_http)
