"""How a room declares its part of the HTTP interface: read this first.

A room has two files: `schemas.py`, the marshmallow schemas of its bodies, and `api.py`::

    endpoints = Endpoints("permits")

    @endpoints.get("/permits/<path:number>", "permits.read", PermitSchema(), versioned=True)
    def permit(call: Call, number: str) -> Answer:
        \"\"\"One permit by its number.\"\"\"
        found = ...                                  # read with call.session, narrowed by policy.scope
        return Answer(found, version=found.version)

    @endpoints.post("/permits/<path:number>/endorsements", "permits.endorse", PermitSchema(),
                    body=One(EndorsementSchema()), versioned=True, status=201)
    def endorse(call: Call, number: str) -> Answer:
        \"\"\"Record what arrived on a permit.\"\"\"
        service.endorse(call.session, call.actor, call.clock, number, call.version, call.body)
        ...

and its `setup.py` says ``api.endpoints.init_app(app)``. From the declaration come the route, the
guard, the reading of query and body, idempotency, the answer, its entry in ``openapi.json``, and
the tests that ask every endpoint as everybody (`tests/api`).

* **Who.** A person's token, nothing else (`accounts.bearer`); `action` is asked of the policy as
  `accounts.guard.asks` does. The object itself is the view's business: `policy.require` with its
  organisation, `policy.scope` for lists. What lies outside is `NotFound`, like what does not exist.
* **What comes in.** `query`: columns as of a file (`kernel.fields`), read into ``call.query``;
  parameters nobody declared are errors. `body`: `One` (a schema), `Many` (lines, read like a
  file), `Bytes` (a file). Quantities are decimal strings, days are ISO; a JSON number with decimals is
  refused. Every problem comes back at once.
* **What goes out.** The view returns facts; the schema of the endpoint writes them. Lists return
  `cursors.Listed` and are declared with `listed(ItemSchema)` and ``query=paging(str)``.
* **A write** (every `post`) runs in one unit of work that the endpoint opens: the view calls
  services and never commits. The header ``Idempotency-Key`` is obliged; the answer is kept in the
  same transaction, so that the same request sent again is answered without being done again.
  A write that can be tried declares ``query=(DRY_RUN,)``; ``Answer(written=False)`` undoes everything.
* **Refusals** are the domain's errors and nothing else; `web.errors` maps them to problem+json, in
  the language of ``Accept-Language``: `Invalid` and `RuleRefused` 422, `Conflict` and
  `TransitionRefused` 409, `NotFound` 404, `Forbidden` 403. A file or batch that is refused:
  `refusals.require_accepted(report)`.
* **Two people at one thing.** ``versioned=True``: a read answers ``ETag`` from
  ``Answer(version=...)``; a write must name that version in ``If-Match`` (428 without), which is
  ``call.version``. Hand it to the service; raise `kernel.errors.Stale` there when the row has
  another version (412 here, 409 on a page).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import marshmallow
from flask import Blueprint, Flask
from werkzeug.wrappers import Response

from registry.accounts import bearer
from registry.accounts.guard import MARK, asks
from registry.api.answering import answer
from registry.api.bodies import Body
from registry.api.calls import DRY_RUN, Answer, Call, Endpoint, View
from registry.kernel.fields import Column

PREFIX = "/api/v1"
COLLECTED = "registry.api"


class Endpoints:
    """The endpoints of one room; `tag` is the name of the room."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.declared: list[Endpoint] = []

    def get(
        self,
        path: str,
        action: str,
        answers: marshmallow.Schema,
        *,
        query: Sequence[Column] = (),
        versioned: bool = False,
        needs_key: bool = False,
    ) -> Callable[[View], View]:
        """Declare a read. The docstring of the view is its description; `needs_key`: it signs what it answers."""

        def declare(view: View) -> View:
            one = Endpoint(
                self.tag, "GET", path, action, view, answers, query, versioned=versioned, needs_key=needs_key
            )
            self.declared.append(one)
            return view

        return declare

    def post(
        self,
        path: str,
        action: str,
        answers: marshmallow.Schema,
        *,
        query: Sequence[Column] = (),
        body: Body | None = None,
        status: int = 200,
        versioned: bool = False,
    ) -> Callable[[View], View]:
        """Declare a write. `versioned`: of a thing two people may change, so that ``If-Match`` is obliged."""

        def declare(view: View) -> View:
            one = Endpoint(self.tag, "POST", path, action, view, answers, query, body, status, versioned)
            self.declared.append(one)
            return view

        return declare

    def init_app(self, app: Flask) -> None:
        """Put the endpoints on an application."""
        blueprint = Blueprint(f"{self.tag}_api", __name__, url_prefix=PREFIX)
        for endpoint in self.declared:
            blueprint.add_url_rule(endpoint.path, endpoint.name, _view(endpoint), methods=[endpoint.method])
        # No cookie opens anything here, so no forged page can use one.
        app.extensions["csrf"].exempt(blueprint)
        app.register_blueprint(blueprint)
        collected(app).extend(self.declared)


def collected(app: Flask) -> list[Endpoint]:
    """Return the endpoints of all rooms, in the order they were put on `app`."""
    found: list[Endpoint] = app.extensions.setdefault(COLLECTED, [])
    return found


def _view(endpoint: Endpoint) -> Callable[..., Response]:
    """Return the view Flask calls: who asks is found out first, then the guard, then the endpoint."""

    def ask(**place: object) -> Response:
        return answer(endpoint, place)

    ask.__name__ = endpoint.name
    guarded = asks(endpoint.action)(ask)

    def view(**place: object) -> Response:
        bearer.authenticate()
        return guarded(**place)

    view.__name__ = endpoint.name
    setattr(view, MARK, getattr(guarded, MARK))
    return view


__all__ = ["COLLECTED", "DRY_RUN", "PREFIX", "Answer", "Call", "Endpoint", "Endpoints", "View", "collected"]
