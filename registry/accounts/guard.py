"""The guard of routes: every view says which action it is, and nothing unmarked answers.

``@asks("permits.read")`` requires a sign-in and asks the policy whether the person may do
this to anything at all; the view asks for the object itself (`policy.require`) or narrows a
list (`policy.scope`). ``@public`` marks the few views that are open. Refusals that escape a
view are recorded in a second short unit of work, after the rollback.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.queries import ANONYMOUS
from registry.accounts.sessions import current_clock, current_person
from registry.audit.service import record_refusal
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.errors import Forbidden, NotFound, RegistryError
from registry.kernel.text import N_, Message
from registry.web.errors import API

P = ParamSpec("P")
R = TypeVar("R")

MARK = "registry_action"
PUBLIC = "public"
PROFILE = "accounts.profile"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RECORDED = "registry_recorded"

# Views of rooms below this one, which cannot mark themselves: style sheet, language, health.
OPEN_BLUEPRINTS = frozenset({"web", "language", "health"})
OPEN_ENDPOINTS = frozenset({"static"})


def asks(action: str) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Mark a view with its action and let only those through who hold it.

    Without a sign-in a page leads to the sign-in and back, an API address answers 401. Raises
    KeyError at import for an action that is not in the policy.
    """
    name = policy.ACTIONS[action].name

    def guard(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            person = current_person()
            if person is None:
                return _to_sign_in()
            if person.account.must_change_password and name != PROFILE:
                return _to_new_password()
            try:
                policy.require_holds(person.actor, name)
                return view(*args, **kwargs)
            except RegistryError as error:
                if isinstance(error, Forbidden) or not (request.method in SAFE_METHODS or isinstance(error, NotFound)):
                    record_refused(error, name)
                raise

        setattr(guarded, MARK, name)
        return guarded

    return guard


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as open to anybody."""
    setattr(view, MARK, PUBLIC)
    return view


def action_of(app: Flask, endpoint: str) -> str | None:
    """Return the action an endpoint asks, ``public``, or None where nobody has marked it."""
    if endpoint in OPEN_ENDPOINTS or endpoint.partition(".")[0] in OPEN_BLUEPRINTS:
        return PUBLIC
    mark: str | None = getattr(app.view_functions[endpoint], MARK, None)
    return mark


def current_actor() -> Actor:
    """Return who acts in this request; nobody signed in is ``anonymous``, with no rights."""
    person = current_person()
    return person.actor if person is not None else ANONYMOUS


def record_refused(error: RegistryError, action: str, subject: str = "", actor: Actor | None = None) -> None:
    """Record a refused attempt in a short unit of work of its own; a second call for the same error does nothing.

    For views that answer a refusal themselves (a form with findings). `subject` defaults to the address.
    """
    if getattr(error, RECORDED, False):
        return
    setattr(error, RECORDED, True)
    with Session(db.engine) as own, unit_of_work(own):
        record_refusal(own, actor or current_actor(), current_clock(), action, subject or request.path, error)


def leave_unrecorded(error: RegistryError) -> None:
    """Say of a refusal that it is none to be recorded: a trial, asked for as such."""
    setattr(error, RECORDED, True)


def _to_sign_in() -> Response:
    if request.path.startswith(API):
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "registry"}))
    following = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("accounts.sign_in", next=following), 303)


def _to_new_password() -> Response:
    if request.path.startswith(API):
        raise Forbidden(Message(N_("choose a new password on the pages first")))
    return redirect(url_for("accounts.password"), 303)


def refuse_unmarked() -> None:
    """Before every request: answer nothing that no one has marked, so that a forgotten mark closes, not opens."""
    endpoint = request.endpoint
    if endpoint is not None and action_of(current_app, endpoint) is None:
        raise Forbidden(Message(N_("this page is closed: it does not say who may see it")))


def marks(app: Flask) -> dict[str, Any]:
    """Return every endpoint of `app` with its action, for tests and the operator's overview."""
    return {rule.endpoint: action_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
