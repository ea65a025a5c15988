"""Every answer of the shell, of whatever kind, carries the headers that protect the reader."""

from __future__ import annotations

import re

import pytest

from registry.settings import Settings
from tests.web.gallery import Officer, make_app

ADDRESSES = [
    "/",
    "/stock",
    "/healthz",
    "/readyz",
    "/version",
    "/language/ky",
    "/language/xx",
    "/nowhere",
    "/refuse/rule",
    "/refuse/fault",
    "/api/v1/invalid",
    "/api/v1/fault",
    "/assets/manifest.json",
]


@pytest.fixture(scope="module")
def client():
    return make_app(person=Officer()).test_client()


@pytest.mark.parametrize("address", ADDRESSES)
def test_headers_of(client, address):
    answer = client.get(address)
    policy = answer.headers["Content-Security-Policy"]
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert "Strict-Transport-Security" not in answer.headers
    expected = "public, max-age=31536000, immutable" if address.startswith("/assets/") else "no-store"
    assert answer.headers["Cache-Control"] == expected


def test_every_route_of_the_tiny_application_was_asked(client):
    known = {
        rule.rule for rule in client.application.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments
    }
    assert known - set(ADDRESSES) == {"/permits", "/permits/mine", "/returns", "/search"}


def test_a_missing_asset_is_not_kept_by_the_browser(client):
    answer = client.get("/assets/none.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_the_nonce_is_new_each_time_and_stands_on_every_inline_script(client):
    nonces = set()
    for _ in range(3):
        answer = client.get("/")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]
        inline = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", answer.text)
        assert len(inline) == 2
        assert all(f'nonce="{nonce}"' in attributes for attributes in inline)
        nonces.add(nonce)
    assert len(nonces) == 3


def test_https_only_when_cookies_are_secure():
    client = make_app(Settings(secure_cookies=True)).test_client()
    answer = client.get("/language/ky", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abcdef-12345", True), ("short", False), ("a b c d e f g h", False), ("x" * 65, False), ("x" * 64, True)],
)
def test_request_id_of_the_proxy_is_kept_only_when_harmless(client, given, kept):
    assert (client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given) is kept


def test_a_form_without_token_changes_nothing(client):
    client.get("/language/en")
    answer = client.post("/upload", data={})
    assert answer.status_code == 400
    assert "This form has expired" in answer.text
