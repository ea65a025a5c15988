"""The description is valid, names every route and nothing else, and every answer is as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from registry.accounts.domain import Role
from registry.accounts.policy import ACTIONS
from registry.api import openapi
from registry.api.endpoints import PREFIX, Endpoint, collected
from registry.app import create_app
from registry.settings import Settings
from tests.api.programs import Program, program
from tests.live import OWNER, Country, cheap_hashes, country

__all__ = ["cheap_hashes", "country"]

OPEN = {"/openapi.json"}
PLACES: Mapping[str, Mapping[str, str]] = {
    "/substances/{code}": {"code": "NM 009"},
    "/products/{code}": {"code": "MOR10"},
    "/organisations/{code}": {"code": "E-IMP"},
    "/licences/{number}": {"number": "LIC-E-IMP"},
    "/permits/{number}": {"number": "P-1"},
    "/permits/{number}/comparison": {"number": "P-1"},
    "/customs/permits/{number}": {"number": "P-1"},
    "/permit-files/{number}": {"number": "P-1"},
    "/permit-letters/{number}": {"number": "P-1"},
    "/counterparts/{counterpart_id}": {"counterpart_id": "1"},
    "/applications/{reference}": {"reference": "A-OWN"},
    "/application-drafts/{draft_id}": {"draft_id": "1"},
    "/application-drafts/{draft_id}/discard": {"draft_id": "1"},
    "/application-drafts/{draft_id}/submission": {"draft_id": "1"},
    "/documents/{kind}/{languages}/{subject}": {"kind": "permit", "languages": "ky-ru", "subject": "P-1"},
    "/decisions/{reference}": {"reference": "A-OUT"},
    "/movements/{reference}": {"reference": "M-001"},
    "/returns/{form}": {"form": "C"},
}
"""What stands in the addresses that name one object; the owner's, where it is a firm's."""
QUERIES = {
    "/quota-positions": "?year=2024",
    "/returns/{form}": "?year=2024",
    "/balances": "?site=E-IMP",
    "/needs": "?year=2025&substance=NM%20009",
    "/suggestions": "?site=E-IMP&product=MOR10",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(
        Settings(database_url="sqlite://", instance=str(tmp_path_factory.mktemp("api")), secret_key="tests")
    )


@pytest.fixture(scope="module")
def description(application: Flask) -> dict[str, Any]:
    told = application.test_client().get(f"{PREFIX}/openapi.json")
    assert told.status_code == 200
    return told.get_json()


def spelled(endpoint: Endpoint) -> str:
    """Return the path of an endpoint as the description spells it."""
    return openapi.spelled(endpoint.path)


def address(endpoint: Endpoint) -> str:
    """Return the address of an endpoint with the owner's objects in it."""
    path = spelled(endpoint)
    for name, value in PLACES.get(path, {}).items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path + QUERIES.get(spelled(endpoint), "")


def reads(app: Flask) -> Iterator[Endpoint]:
    return (endpoint for endpoint in collected(app) if endpoint.method == "GET")


def reader_of(endpoint: Endpoint) -> str:
    """Return who reads a list: an officer, and where officers may not, the owner."""
    return "asel" if Role.OFFICER in ACTIONS[endpoint.action].roles else OWNER


def test_the_description_is_valid(description: dict[str, Any]) -> None:
    validate(description, cls=OpenAPIV31SpecValidator)
    broken = dict(description, paths={"/x": {"get": {"responses": {"200": {}}}}})
    with pytest.raises(Exception, match="description"):
        validate(broken, cls=OpenAPIV31SpecValidator)


def test_every_route_is_described_and_nothing_else(application: Flask, description: dict[str, Any]) -> None:
    routed = {
        (re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule.removeprefix(PREFIX)), method.lower())
        for rule in application.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, methods in description["paths"].items() for method in methods}
    assert described == {(path, method) for path, method in routed if path not in OPEN}
    assert len(described) > 25


def test_every_operation_says_what_it_is(description: dict[str, Any]) -> None:
    operations = [one for methods in description["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        assert one["summary"].endswith("."), one["operationId"]
        assert {"401", "403", "404", "422", "429"} <= set(one["responses"]), one["operationId"]
    writes = [methods["post"] for methods in description["paths"].values() if "post" in methods]
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    assert all(key in one["parameters"] and "409" in one["responses"] for one in writes)


def test_every_answer_is_as_described(country: Country, description: dict[str, Any]) -> None:
    """Every read is asked by an officer, the owner and a pharmacy; whoever is answered, is answered in the shape described."""
    answered = set()
    programs = [program(country, "asel"), program(country, OWNER), program(country, "polina")]
    for endpoint in reads(country.app):
        operation = description["paths"][spelled(endpoint)]["get"]
        shape = operation["responses"]["200"]["content"]["application/json"]["schema"]
        for asking in programs:
            told = asking.get(address(endpoint))
            if told.status_code == 200:
                answered.add(endpoint.name)
                Draft202012Validator(shape).validate(told.get_json())
            else:
                conforms_to_problem(description, told.get_json())
    assert answered == {endpoint.name for endpoint in reads(country.app)}


def test_every_answer_to_a_write_is_as_described(country: Country, description: dict[str, Any]) -> None:
    sending = program(country, OWNER)
    shapes = description["paths"]["/movements"]["post"]["responses"]
    line = {"reference": "X", "occurred_on": "2024-06-01", "kind": "opening_stock", "site": "E-IMP", "product": "MOR10"}
    good = {"movements": [line | {"quantity": "1", "batch": "X"}]}
    for path, status in (("/movements?dry_run=true", 200), ("/movements", 201)):
        told = sending.post(path, good)
        assert told.status_code == status
        Draft202012Validator(shapes[str(status)]["content"]["application/json"]["schema"]).validate(told.get_json())
        sent = description["paths"]["/movements"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator(sent).validate(good)
    lost = line | {"reference": "Y", "kind": "lose", "batch": "X", "quantity": "2"}
    for wrong in ([line | {"quantity": "0"}], [lost], [], [1]):
        conforms_to_problem(description, sending.post("/movements", {"movements": wrong}).get_json())
    applied = {
        "reference": "B-OWN", "kind": "import", "organisation": "E-IMP", "partner_country": "IN", "partner": "Maker",
        "planned_on": "2024-07-01", "lines": [{"product": "MOR10", "quantity": "1"}],
    }  # fmt: skip
    operation = description["paths"]["/applications"]["post"]
    Draft202012Validator(operation["requestBody"]["content"]["application/json"]["schema"]).validate(applied)
    told = sending.post("/applications", applied)
    assert told.status_code == 201, told.text
    Draft202012Validator(operation["responses"]["201"]["content"]["application/json"]["schema"]).validate(
        told.get_json()
    )
    conforms_to_problem(description, sending.post("/applications", {}).get_json())


def conforms_to_problem(description: dict[str, Any], body: Any) -> None:
    Draft202012Validator(description["components"]["schemas"]["Problem"]).validate(body)


def test_a_wrong_shape_is_seen(description: dict[str, Any]) -> None:
    """The seeded fault: a body that lacks a member, and one that has one too many."""
    shape = description["paths"]["/substances/{code}"]["get"]["responses"]["200"]["content"]["application/json"]
    good = {"code": "x", "name": "x", "treaty": "1961", "cas": "", "schedules": [], "national_classes": []}
    checker = Draft202012Validator(shape["schema"])
    assert checker.is_valid(good)
    assert not checker.is_valid({name: value for name, value in good.items() if name != "cas"})
    assert not checker.is_valid(good | {"more": 1})
    assert not checker.is_valid(good | {"cas": None})


def test_lists_take_the_same_number_of_statements_whatever_their_length(country: Country) -> None:
    for endpoint in reads(country.app):
        if not any(column.name == "limit" for column in endpoint.query):
            continue
        token = program(country, reader_of(endpoint))
        joined = "&" if "?" in address(endpoint) else "?"
        counts = [
            country.statements(_Bearer(token), PREFIX + address(endpoint) + f"{joined}limit={size}") for size in (1, 50)
        ]
        # A page that holds none of something may leave a statement out, never add one for a row.
        assert abs(counts[1] - counts[0]) <= 2, (endpoint.name, counts)
        assert max(counts) < 25, (endpoint.name, counts)


class _Bearer:
    """A client that sends its token with everything."""

    def __init__(self, asking: Program) -> None:
        self.asking = asking

    def get(self, path: str) -> Any:
        return self.asking.client.get(path, headers=self.asking.headers)


def test_every_list_is_read_to_its_end(country: Country) -> None:
    for endpoint in reads(country.app):
        if not any(column.name == "limit" for column in endpoint.query):
            continue
        asking = program(country, reader_of(endpoint))
        path = address(endpoint)
        joined = "&" if "?" in path else "?"
        whole, cursor = [], ""
        while cursor is not None:
            page = asking.read(f"{path}{joined}limit=500" + (f"&cursor={cursor}" if cursor else ""))
            whole += page["items"]
            cursor = page["next"]
        size = 7 if len(whole) < 200 else 150
        parts, cursor, pages = [], "", 0
        while cursor is not None:
            page = asking.read(f"{path}{joined}limit={size}" + (f"&cursor={cursor}" if cursor else ""))
            assert len(page["items"]) <= size
            parts += page["items"]
            cursor, pages = page["next"], pages + 1
        assert parts == whole, endpoint.name
        assert pages == max(1, -(-len(whole) // size)), endpoint.name
        assert whole, endpoint.name
