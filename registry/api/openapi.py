"""The description of the interface (OpenAPI 3.1), made from what the rooms declared and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from inspect import getdoc
from typing import Any

from registry import __version__
from registry.api.calls import Endpoint
from registry.api.shapes import described, object_of
from registry.kernel.fields import Column
from registry.web.errors import STATUSES

PROBLEM_JSON = "application/problem+json"
_PLACE = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\([^)]*\))?:)?(?P<name>[a-z_]+)>")
ABOUT = """Everything a program may ask of the registry, in JSON.

Send the token of a person (profile page, or `flask token create`) as `Authorization: Bearer TOKEN`; it may do what the
person may. Quantities are decimal strings, days are ISO 8601. Lists come in pages: `next` is the `cursor` of the page that
follows. Every write needs the header `Idempotency-Key`: the same request sent again is answered again and done once. What is
refused is told as `application/problem+json` (RFC 9457) in the language of `Accept-Language` (ky, ru, en)."""
MEANINGS = {
    401: "No token, or one that is not good",
    403: "The person may not do this",
    404: "There is no such thing, or it lies outside the person's rights",
    409: "Somebody was faster, or the step is not possible now",
    412: "The version named in If-Match is no longer the present one",
    413: "The body is too large",
    415: "The type of the body is not taken",
    422: "Values cannot be read, or a rule refuses",
    428: "If-Match is missing",
    429: "Too many requests with tokens that are not good",
    503: "No working key signs documents: none is made",
}


def document(endpoints: Iterable[Endpoint], prefix: str) -> dict[str, Any]:
    """Return the description of `endpoints`, which lie below `prefix`."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(spelled(endpoint.path), {})[endpoint.method.lower()] = operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Registry of licit narcotics quotas and precursor control",
            "version": __version__,
            "description": ABOUT,
        },
        "servers": [{"url": prefix}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _problem()},
            "responses": {str(status): _refusal(status) for status in MEANINGS},
            "parameters": {
                "IdempotencyKey": _header("Idempotency-Key", "New for every write; kept for seven days", 8, 200),
                "IfMatch": _header("If-Match", "The `ETag` of what was read", 3, 14),
            },
        },
    }


def spelled(path: str) -> str:
    """Return a path as OpenAPI spells it: ``/permits/{number}``."""
    return _PLACE.sub(r"{\g<name>}", path)


def operation(endpoint: Endpoint) -> dict[str, Any]:
    """Return the description of one endpoint."""
    summary, _, rest = (getdoc(endpoint.view) or "").partition("\n\n")
    parameters = [_place(match) for match in _PLACE.finditer(endpoint.path)]
    parameters += [_query(column) for column in endpoint.query]
    if endpoint.writes:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if endpoint.writes and endpoint.versioned:
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": " ".join(summary.split()),
        "x-action": endpoint.action,
        "parameters": parameters,
        "responses": _responses(endpoint),
    }
    if rest:
        found["description"] = rest
    if endpoint.body is not None:
        found["requestBody"] = {"required": True, "content": endpoint.body.content()}
    return found


def refusals_of(endpoint: Endpoint) -> list[int]:
    """Return the statuses with which an endpoint may refuse."""
    found = {401, 403, 404, 422, 429}
    if endpoint.writes:
        found |= {409, 413} | ({415} if endpoint.body is not None else set())
    if endpoint.writes and endpoint.versioned:
        found |= {412, 428}
    if endpoint.needs_key:
        found.add(503)
    return sorted(found)


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    good: dict[str, Any] = {
        "description": STATUS_WORDS[endpoint.status],
        "content": {"application/json": {"schema": described(endpoint.answers)}},
    }
    headers: dict[str, Any] = {}
    if endpoint.versioned:
        headers["ETag"] = {"description": "The version shown", "schema": {"type": "string"}}
    if endpoint.writes:
        headers["Idempotency-Replayed"] = {
            "description": "`true` where the request was done before and its answer is given again",
            "schema": {"type": "string"},
        }
    if headers:
        good["headers"] = headers
    found = {str(endpoint.status): good}
    if endpoint.has_trial:
        found[str(STATUS_OK)] = good | {"description": "A trial: nothing is written"}
    return found | {str(status): {"$ref": f"#/components/responses/{status}"} for status in refusals_of(endpoint)}


STATUS_OK = 200
STATUS_WORDS = {STATUS_OK: "Found, or done", 201: "Recorded"}


def _place(match: re.Match[str]) -> dict[str, Any]:
    kind = "integer" if match["kind"] == "int" else "string"
    return {"name": match["name"], "in": "path", "required": True, "schema": {"type": kind}}


def _query(column: Column) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if column.choices:
        schema["enum"] = list(column.choices)
    return {
        "name": column.name,
        "in": "query",
        "required": column.required,
        "description": column.note,
        "schema": schema,
    }


def _header(name: str, about: str, least: int, most: int) -> dict[str, Any]:
    schema = {"type": "string", "minLength": least, "maxLength": most}
    return {"name": name, "in": "header", "required": True, "description": about, "schema": schema}


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": MEANINGS[status],
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _problem() -> dict[str, Any]:
    """Describe a refusal; what a refused file or batch adds (its report) comes on top."""
    text: dict[str, Any] = {"type": "string"}
    number: dict[str, Any] = {"type": ["integer", "null"]}
    error = object_of({"row": number, "column": text, "code": text, "message": text})
    finding = object_of(
        {
            "row": number,
            "rule": text,
            "severity": {"type": "string", "enum": ["refuse", "flag", "note"]},
            "message": text,
            "legal_ground": text,
            "observed": {"type": ["string", "null"]},
            "limit": {"type": ["string", "null"]},
            "unit": text,
            "largest_g": text,
            "largest_quantity": text,
            "subject": text,
        },
        ["row", "rule", "severity", "message"],
    )
    codes = sorted({answer.code for answer in STATUSES.values()} | {"rule-refused", "step-not-possible"})
    members: dict[str, dict[str, Any]] = {
        "type": {"type": "string", "format": "uri"},
        "title": text,
        "status": {"type": "integer"},
        "detail": text,
        "code": {"type": "string", "enum": codes},
        "instance": text,
        "request_id": text,
        "errors": {"type": "array", "items": error},
        "findings": {"type": "array", "items": finding},
    }
    required = ["type", "title", "status", "detail", "code", "instance", "request_id"]
    return object_of(members, required, closed=False)
