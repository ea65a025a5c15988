"""Every endpoint asked without a token, and by every role about objects of a firm that is not theirs."""

from __future__ import annotations

import re
from urllib.parse import quote

from sqlalchemy import text

from registry.accounts.domain import FIRM_ROLES, ROLES, Role
from registry.accounts.policy import ACTIONS
from registry.api.endpoints import Endpoint, collected
from tests.api.programs import Program, new_key, token_of
from tests.api.test_description import PLACES, address, reads, spelled
from tests.live import OWNER, Country, cheap_hashes, country

__all__ = ["cheap_hashes", "country"]

PEOPLE = [role for role in ROLES if role is not Role.SYSTEM]
OF_EVERYBODY = {
    "/substances/{code}",
    "/products/{code}",
    "/returns/{form}",
    "/customs/permits/{number}",
    "/counterparts/{counterpart_id}",
    "/permit-letters/{number}",
    "/decisions/{reference}",
}
SECRETS = ("A-OWN", "M-001", "P-1", "P-6", "LIC-E-IMP")
"""Words that only the owner's objects bear."""


def as_role(country: Country, role: Role) -> Program:
    country.person(role)
    return Program(country, token_of(country, f"only-{role.value}"))


def names_an_object(endpoint: Endpoint) -> bool:
    """Say whether the address names one object of the owner, also by its query."""
    return (spelled(endpoint) in PLACES and spelled(endpoint) not in OF_EVERYBODY) or "site=E-IMP" in address(endpoint)


def test_without_a_token_nobody_is_answered(country: Country) -> None:
    client = country.app.test_client()
    for endpoint in collected(country.app):
        for headers in ({}, {"Authorization": "Bearer nrt_made-up"}):
            told = client.open(
                f"/api/v1{address(endpoint)}",
                method=endpoint.method,
                headers=headers | {"Idempotency-Key": new_key()},
                json={} if endpoint.writes else None,
            )
            # After thirty wrong tokens the address has to wait.
            assert told.status_code in ((401, 429) if headers else (401,)), endpoint.name
    assert country.number_of("SELECT COUNT(*) FROM given_answer") == 0


def test_reading(country: Country) -> None:
    for role in PEOPLE:
        asking = as_role(country, role)
        for endpoint in reads(country.app):
            told = asking.get(address(endpoint))
            said = f"{role} {endpoint.name}: {told.status_code} {told.text[:200]}"
            if role not in ACTIONS[endpoint.action].roles:
                assert told.status_code == 403, said
            elif role in FIRM_ROLES and names_an_object(endpoint):
                assert told.status_code == 404, said
            else:
                assert told.status_code == 200, said
                if role in FIRM_ROLES:
                    assert [word for word in SECRETS if f'"{word}"' in told.text] == [], said


def test_lists_asked_about_another_firm(country: Country) -> None:
    for role in FIRM_ROLES:
        asking = as_role(country, role)
        for path in ("/sites", "/licences", "/permits", "/applications"):
            assert asking.get(f"{path}?organisation=E-IMP").status_code == 404, (role, path)
        for path in ("/movements", "/balances"):
            assert asking.get(f"{path}?site=E-IMP").status_code == 404, (role, path)


def test_writing(country: Country) -> None:
    """Whoever may not write is refused whatever is sent; whoever may writes nothing for another firm."""
    before = [
        country.number_of(f"SELECT COUNT(*) FROM {table}") for table in ("movement", "application", "given_answer")
    ]
    for role in PEOPLE:
        asking = as_role(country, role)
        for endpoint in collected(country.app):
            if not endpoint.writes:
                continue
            seen = {"If_Match": '"1"'} if endpoint.versioned else {}
            told = asking.post(address(endpoint), {}, **seen)
            if role not in ACTIONS[endpoint.action].roles:
                assert told.status_code == 403, (role, endpoint.name, told.text)
            else:
                closed = 404 if "<" in endpoint.path else 422
                assert told.status_code in (415, 422, closed), (role, endpoint.name, told.text)
        lost = {
            "reference": "H-1",
            "occurred_on": "2024-06-01",
            "kind": "lose",
            "site": "E-IMP",
            "product": "MOR10",
            "quantity": "1",
        }
        assert asking.post("/movements", {"movements": [lost]}).status_code in (403, 422), role
    after = [
        country.number_of(f"SELECT COUNT(*) FROM {table}") for table in ("movement", "application", "given_answer")
    ]
    assert after == before


def test_the_owner_reads_what_is_its_own(country: Country) -> None:
    """The seeded fault of the tests above: an interface that answers nobody would pass them."""
    asking = Program(country, token_of(country, OWNER))
    for endpoint in reads(country.app):
        if names_an_object(endpoint) and Role.IMPORTER in ACTIONS[endpoint.action].roles:
            assert asking.get(address(endpoint)).status_code == 200, endpoint.name
    shown = asking.get("/permits").text + asking.get("/applications").text + asking.get("/movements").text
    assert all(f'"{word}"' in shown for word in ("A-OWN", "M-001", "P-1"))


def test_a_role_taken_away_is_gone_with_the_next_request(country: Country) -> None:
    asking = as_role(country, Role.OFFICER)
    assert asking.get("/quota-positions?year=2024").status_code == 200
    with country.work() as session:
        session.execute(
            text(
                "UPDATE account_role SET role = 'administrator' WHERE account_id ="
                " (SELECT id FROM account WHERE username = 'only-officer')"
            )
        )
    assert asking.get("/movements").status_code == 403


ODD = (
    "",
    " ",
    "0",
    "-1",
    "99999999999999999999",
    "9999-12-31",
    "%s%%()s",
    "'; --",
    "=1+1",
    "😀",
    "a" * 3000,
    "NM 009",
    "true",
)
BODIES = (
    None,
    [],
    {},
    1,
    "x",
    {"movements": [{}]},
    {"movements": [[1], None, {"a": {}}]},
    {"lines": [{"product": {}}]},
)


def test_odd_questions_are_no_fault(country: Country) -> None:
    """Whatever stands in address, query or body: an answer or a refusal, never a fault."""
    for username in ("asel", OWNER, "dinara"):
        asking = Program(country, token_of(country, username))
        for endpoint in collected(country.app):
            names = re.findall(r"<(?:[a-z]+:)?([a-z_]+)>", endpoint.path)
            for odd in ODD:
                path = re.sub(r"<[^>]+>", quote(odd or "x", safe=""), endpoint.path)
                query = {column.name: odd for column in endpoint.query}
                headers = asking.headers | {"Idempotency-Key": new_key()}
                told = asking.client.open(
                    f"/api/v1{path}", method=endpoint.method, query_string=query, headers=headers,
                    json={} if endpoint.writes else None,
                )  # fmt: skip
                assert told.status_code < 500, (endpoint.name, odd, names)
                for name in query:
                    told = asking.get(f"{path}?{name}={quote(odd)}") if not endpoint.writes else told
                    assert told.status_code < 500, (endpoint.name, name, odd)
            for body in BODIES if endpoint.writes else ():
                assert asking.post(address(endpoint), body).status_code < 500, (endpoint.name, body)
