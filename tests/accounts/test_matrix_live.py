"""Every address of the application, asked by every role about an object that is another firm's.

The answers are held against the policy table: who does not hold the action is refused, a firm
learns nothing of another firm's objects, everybody else is answered, and nothing is ever a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from registry.accounts import guard, policy
from registry.accounts.domain import FIRM_ROLES, ROLES, Role
from registry.accounts.policy import ACTIONS
from registry.web.errors import API
from tests.live import OWNER, Country, cheap_hashes, country

__all__ = ["cheap_hashes", "country"]

PEOPLE = [role for role in ROLES if role is not Role.SYSTEM]
CLOSED = (403, 404)
PLAIN: Mapping[str, str] = {
    "year": "2024",
    "quarter": "1",
    "form": "C",
    "name": "xlsx",
    "number": "P-1",
    "reference": "M-001",
    "code": "NM 009",
    "step": "withdraw",
    "method": "trend",
    "message_id": "m-1",
    "token_id": "1",
    "deed_id": "1",
    "deputy_id": "1",
    "kind": "permit",
    "subject": "P-1",
    "languages": "ky-ru",
    "token": "nobody-knows-this-word",
    "country": "DE",
    "drawn_id": "1",
    "month": "2024-05",
}
OF_ROOM: Mapping[str, Mapping[str, str]] = {
    "licences.licence": {"number": "LIC-E-IMP"},
    "parties.organisation": {"code": "E-IMP"},
    "parties.contact": {"code": "E-IMP"},
    "parameters": {"code": "stock.back_dating_days"},
    "products": {"code": "MOR10"},
    "mergers": {"kind": "site", "code": "E-IMP"},
    "cases.step": {"name": "withdraw"},
    "correspondence": {"name": "xml"},
    "returns": {"name": "csv"},
    "reporting.period_deed": {"code": "periods.close"},
    "stock.answer": {"reference": "M-009"},
    "stock.lot": {"reference": "M-002"},
    "stock.receipt": {"reference": "M-009"},
    "stock.ruling": {"reference": "M-009"},
    "stock.settlement": {"reference": "M-009"},
}
OWNED = {
    "applications.correct",
    "applications.discard",
    "applications.draft",
    "applications.send_corrected",
    "applications.submitted",
    "applications.work_on_draft",
    "counts.act",
    "counts.case",
    "counts.count",
    "counts.followed",
    "counts.notice",
    "counts.sheet",
    "counts.sign_for_site",
    "counts.take_back_act",
    "counts.tie",
    "counts.withdraw",
    "documents.documents",
    "endorsements.endorsement",
    "applications.application",
    "cases.case",
    "cases.step",
    "correspondence.file",
    "exchange.movements_look",
    "exchange.movements_confirm",
    "exchange.movements_discard",
    "exchange.movements_marked",
    "licences.licence",
    "parties.contact",
    "parties.organisation",
    "permits.permit",
    "reporting.refused_file",
    "reporting.refused_rows",
    "stock.answer",
    "stock.lot",
    "stock.movement",
    "stock.receipt",
    "stock.settlement",
}
"""Addresses that name one object of a firm: here always the owner's."""
OWNERS_ALONE = ("exchange.", "applications.", "counts.case", "counts.sheet")
"""Pages on which a firm does its own work: nobody of the authority reads them."""
SECRETS = (
    "A-OWN",
    "E-IMP-20240531",
    "M-001",
    "M-009",
    "IN-P-1",
    "IN-P-6",
    "END-OWN",
    "Ала-Тоо",
    "own.csv",
    "LIC-E-IMP",
)
"""Words that only the owner's objects bear."""
TOLD: Mapping[str, str] = {"supervision.home": "Ала-Тоо", "stock.arriving": "Ала-Тоо"}
"""What a firm knows anyway: who brought goods to its shelves."""
QUERIES: Mapping[str, str] = {
    "returns.explained": "?column=consumed&substance=NM%20009",
    "stock.month": "?site=E-IMP&month=2024-02",
    "stock.month_file": "?site=E-IMP&month=2024-02",
    "stock.balances": "?site=E-IMP",
    "stock.batch": "?product=MOR10&batch=A0",
    "stock.movements": "?site=E-IMP",
    "stock.arriving": "?site=E-IMP",
    "stock.sent": "?site=E-IMP",
    "stock.enter": "?site=E-IMP&permit=P-6",
    "stock.paper": "?site=E-IMP",
    "stock.scanned": "?site=E-IMP&code=96385074",
    "stock.reverse": "?document=M-001",
    "permits.permits": "?organisation=E-IMP",
    "licences.licences": "?organisation=E-IMP",
    "reporting.report": "?site=E-IMP&period=2024-05",
    "reporting.period_deed": "?site=E-IMP&period=2024-05",
    "reporting.reports": "?q=E-IMP",
    "supervision.search": "?q=A-OWN",
}


def address(country: Country, rule: Rule) -> str:
    """Return the address of a rule with the owner's objects in it."""

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        for key in (rule.endpoint, rule.endpoint.partition(".")[0]):
            if name in OF_ROOM.get(key, {}):
                return OF_ROOM[key][name]
        return str(country.objects.get(name) or PLAIN[name])

    return re.sub(r"<(?:[a-z]+(?:\([^)]*\))?:)?(?P<name>[a-z_]+)>", fill, rule.rule)


def asked(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    """Give every rule of a page that takes `method` and is not open, with its action; `tests.api` asks the rest."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(API):
            continue
        action = guard.action_of(app, rule.endpoint)
        if method in (rule.methods or ()) and action != guard.PUBLIC:
            assert action is not None
            yield rule, action


def may(role: Role, action: str) -> bool:
    """Say whether the policy gives the action to the role at all."""
    return role in ACTIONS[action].roles


def closed_to(role: Role, rule: Rule) -> bool:
    """Say whether the object of the address is another firm's, or a file somebody else sent."""
    return rule.endpoint in OWNED and (role in FIRM_ROLES or rule.endpoint.startswith("exchange."))


def is_without_key(rule: Rule, status: int) -> bool:
    """Say whether a paper was refused because this office has no key to sign with: no key, no document."""
    return rule.endpoint == "documents.file" and status == 503


def test_reading(country: Country) -> None:
    for role in PEOPLE:
        read_everything(country, role)


def read_everything(country: Country, role: Role) -> None:
    """Ask every page as `role` and hold the answer against the policy."""
    client = country.person(role)
    for rule, action in asked(country.app, "GET"):
        for query in {"", QUERIES.get(rule.endpoint, "")}:
            told = client.get(address(country, rule) + query)
            said = f"{role} GET {address(country, rule)}{query}: {told.status_code}"
            if not may(role, action):
                assert told.status_code == 403, said
            elif closed_to(role, rule):
                assert told.status_code in CLOSED, said
            else:
                assert told.status_code in (200, 303, 404) or is_without_key(rule, told.status_code), said
            if role in FIRM_ROLES:
                asked_for = query + address(country, rule)
                known = asked_for + TOLD.get(rule.endpoint, "")
                shown = [word for word in SECRETS if word in told.data.decode(errors="replace") and word not in known]
                assert shown == [], said
            told.close()


def test_writing(country: Country) -> None:
    """Whoever may not is refused whatever is sent, and nothing of the owner changes."""
    for role in PEOPLE:
        write_everything(country, role)
    owner = country.browser(OWNER)
    assert owner.get(f"/applications/{country.objects['case_id']}").status_code == 200
    assert country.number_of("SELECT version FROM application WHERE reference = 'A-OWN'") == 1
    assert country.number_of("SELECT COUNT(*) FROM upload WHERE closed_at IS NULL") == 1
    assert country.number_of("SELECT COUNT(*) FROM quota_line WHERE approved_by IS NULL") == 1


def write_everything(country: Country, role: Role) -> None:
    """Send to every address that `role` may not write to, and hold the answer against the policy."""
    client = country.person(role)
    for rule, action in asked(country.app, "POST"):
        if rule.endpoint == "accounts.sign_out":
            continue
        forbidden = not may(role, action)
        if not forbidden and not closed_to(role, rule):
            continue
        told = client.post(address(country, rule), data={"version": "1", "note": "taken over"})
        said = f"{role} POST {address(country, rule)}: {told.status_code}"
        assert told.status_code in ((403,) if forbidden else CLOSED), said


def test_somebody_reads_every_object(country: Country) -> None:
    """The seeded fault of both tests above: an address that answers nobody would pass them."""
    readers: list[FlaskClient] = [country.browser(OWNER)]
    officer = country.person(Role.OFFICER)
    for rule, _ in asked(country.app, "GET"):
        if rule.endpoint not in OWNED:
            continue
        readers_here = readers if rule.endpoint.startswith(OWNERS_ALONE) else [*readers, officer]
        for reader in readers_here:
            assert reader.get(address(country, rule)).status_code == 200, rule.rule


def test_a_session_of_somebody_else_is_not_ended(country: Country) -> None:
    before = country.number_of("SELECT COUNT(*) FROM web_session")
    other = country.person(Role.PHARMACY)
    assert other.post(f"/profile/sessions/{country.objects['session_id']}/end").status_code in (303, 404)
    assert country.number_of("SELECT COUNT(*) FROM web_session") == before + 1


def test_the_statistician_sees_no_single_line(country: Country) -> None:
    client = country.person(Role.STATISTICIAN)
    assert not policy.ACTIONS["stock.lines.read"].roles & {Role.STATISTICIAN}
    for place in ("/stock/movements", "/stock/movements/M-001", "/stock/movements?site=E-PH1"):
        assert client.get(place).status_code == 403
    for place in (
        "/stock/?site=E-PH1",
        "/stock/month?site=E-PH1&month=2024-03",
        "/search?q=M-0",
        "/returns/C/2024/explain?column=consumed&substance=NM%20009",
        "/returns/A/2024/Q1/explain?column=imported&substance=NM%20009&partner=IN",
        "/organisations/E-PH1",
    ):
        told = client.get(place)
        assert told.status_code == 200, place
        assert not re.search(r"M-0[0-9]{2}", told.text.replace('value="M-0', "")), place


ODD = (
    "99999999999999999999",
    "-1",
    "9999-12-31",
    "%25(x)s%25%F0%9F%98%80",
    "%ED%A0%80%5C_",
)
NAMES = (
    "page size year as_of month q after subject actor rule state site product kind first last substance column"
    " partner form quarter treaty entered document reference token organisation expiring batch"
).split()


@pytest.mark.parametrize("username", ["asel", OWNER])
def test_odd_questions_are_no_fault(country: Country, username: str) -> None:
    """Whatever stands in the query string, the answer is a page or a refusal, never a fault."""
    client = country.browser(username)
    for rule, action in asked(country.app, "GET"):
        if not may(Role.OFFICER if username == "asel" else Role.IMPORTER, action):
            continue
        for value in ODD:
            told = client.get(address(country, rule) + "?" + "&".join(f"{name}={value}" for name in NAMES))
            assert told.status_code < 500 or is_without_key(rule, told.status_code), (rule.rule, value)
            told.close()


def test_null_characters_and_numbers_without_end(country: Country) -> None:
    client = country.browser("dinara")
    for place in ("/products?q=a%00b", "/products/a%00b", "/audit?subject=%00", "/substances?%00=1"):
        assert client.get(place).status_code == 400, place
    told = client.post("/accounts/new", data={"username": "a\x00b", "name": "x", "language": "en"})
    assert told.status_code == 400
    for number in ("99999999999999999999", "9223372036854775808", "%D9%A1"):
        assert client.get(f"/accounts/{number}").status_code == 404, number
        assert client.post(f"/profile/sessions/{number}/end").status_code == 404, number
    assert client.get("/accounts/999999999999").status_code == 404


def test_nothing_is_written_without_the_token_of_the_form(country: Country) -> None:
    """A page of another site cannot make a signed-in person's browser write here."""
    people = {role: country.person(role) for role in (Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR)}
    owner = country.browser(OWNER)
    country.app.config["WTF_CSRF_ENABLED"] = True
    sent = 0
    for rule in country.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith(API):
            continue
        for client in (*people.values(), owner, country.app.test_client()):
            told = client.post(address(country, rule), data={"csrf_token": "made up", "version": "1", "note": "x"})
            # What hangs on an unguessable word tells nobody more than that there is nothing.
            assert told.status_code == (404 if rule.endpoint == "documents.verify" else 400), (
                rule.rule,
                told.status_code,
            )
            sent += 1
    assert sent > 100


def test_other_methods_and_other_sites(country: Country) -> None:
    client = country.browser(OWNER)
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        assert client.open("/products", method=method).status_code == 405, method
    for following in ("//evil.example", "/\\evil.example", "https://evil.example", "/%09/evil.example", "javascript:x"):
        told = client.get("/sign-in?next=" + following)
        assert told.headers["Location"].startswith("/"), following
        assert "evil" not in told.headers["Location"], following
        assert client.get("/language/ru?next=" + following).headers["Location"] == "/", following
    told = client.get("/language/ru?next=/a%0d%0aSet-Cookie:x=1")
    assert told.headers["Location"] == "/"
