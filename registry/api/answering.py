"""From a request to an answer: headers, query and body read, the view called, the answer written and kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed, PreconditionRequired

from registry.accounts.guard import current_actor
from registry.accounts.sessions import current_clock
from registry.api import service
from registry.api.calls import Answer, Call, Endpoint
from registry.db import db, unit_of_work
from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message
from registry.web.schema import load, schema_of

JSON = "application/json"
KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{8,200}", re.ASCII)
_TAG = re.compile(r'"([0-9]{1,12})"', re.ASCII)


class _Undone(Exception):
    """Not an error: the way out of a unit of work that must not commit."""

    def __init__(self, given: service.Given) -> None:
        super().__init__()
        self.given = given


def answer(endpoint: Endpoint, place: Mapping[str, object]) -> Response:
    """Answer the present request by `endpoint`; `place` holds what stands in the address."""
    query = read_query(endpoint)
    version = read_version() if endpoint.versioned and endpoint.writes else None
    if not endpoint.writes:
        return _response(_given(endpoint, endpoint.view(_call(query, None, None), **place)))
    key = read_key()
    body = endpoint.body.read() if endpoint.body is not None else None
    return _write(endpoint, _call(query, body, version), key, place)


def _call(query: dict[str, Any], body: object, version: int | None) -> Call:
    return Call(db.session(), current_actor(), current_clock(), query, body, version)


def _write(endpoint: Endpoint, call: Call, key: str, place: Mapping[str, object]) -> Response:
    account = call.actor.user_id or 0
    try:
        with unit_of_work(call.session):
            before = service.take_key(call.session, call.clock, account, key, request_digest())
            if before is not None:
                return _response(before, replayed=True)
            found = endpoint.view(call, **place)
            given = _given(endpoint, found)
            _require_written(found, given)
            service.keep_answer(call.session, account, key, given)
    except _Undone as undone:
        return _response(undone.given, status=200)
    return _response(given)


def _require_written(found: object, given: service.Given) -> None:
    if isinstance(found, Answer) and not found.written:
        raise _Undone(given)


def _given(endpoint: Endpoint, found: object) -> service.Given:
    value = found.value if isinstance(found, Answer) else found
    headers = {}
    if isinstance(found, Answer) and found.version is not None:
        headers["ETag"] = f'"{found.version}"'
    if isinstance(found, Answer) and found.location is not None:
        headers["Location"] = found.location
    return service.Given(endpoint.status, headers, json.dumps(endpoint.answers.dump(value), ensure_ascii=False))


def _response(given: service.Given, *, replayed: bool = False, status: int | None = None) -> Response:
    response = Response(given.body + "\n", status or given.status, mimetype=JSON)
    response.headers.update(given.headers)
    response.vary.add("Accept-Language")
    if replayed:
        response.headers[REPLAYED] = "true"
    return response


def read_query(endpoint: Endpoint) -> dict[str, Any]:
    """Return the parameters of the query, read; one that nobody declared or that stands twice is a problem."""
    several = [name for name, values in request.args.lists() if len(values) > 1]
    if several:
        twice = Message(N_("this parameter stands more than once"))
        raise Invalid(twice, [Problem(name, "repeated", twice) for name in several])
    read: dict[str, Any] = load(schema_of(endpoint.query), request.args.to_dict())
    return read


def read_key() -> str:
    """Return the key of a write. Raises `Invalid` without one."""
    key = request.headers.get(KEY, "")
    if not _KEY.fullmatch(key):
        wrong = Message(N_("send the header Idempotency-Key with 8 to 200 printable characters, new for every write"))
        raise Invalid(wrong, [Problem(KEY, "not-a-key" if key else "missing", wrong)])
    return key


def read_version() -> int:
    """Return the version named in ``If-Match``; 428 without the header, 412 for anything but one of our tags."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired
    tag = _TAG.fullmatch(given.strip())
    if tag is None:
        raise PreconditionFailed
    return int(tag[1])


def request_digest() -> str:
    """Return what makes two requests the same: method, address, type, version named, body."""
    parts = (request.method, request.full_path, request.mimetype, request.headers.get("If-Match", ""))
    head = json.dumps(parts).encode()
    return hashlib.sha256(head + b"\n" + request.get_data()).hexdigest()
