"""The switch keeps the reader's place and leads nowhere else."""

from __future__ import annotations

import re

import pytest

from registry.settings import Settings
from registry.web import hooks
from registry.web.language import is_local
from tests.web.gallery import Officer, make_app


@pytest.fixture
def client():
    return make_app(person=Officer()).test_client()


def switch(page, code):
    return re.search(rf'href="(/language/{code}[^"]*)"', page.text)[1].replace("&amp;", "&")


def test_the_switch_keeps_place_and_query(client):
    page = client.get("/stock?year=2026&q=%D0%BC%D0%BE%D1%80%D1%84%D0%B8%D0%BD")
    answer = client.get(switch(page, "ky"))
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/stock?year=2026&q=%D0%BC%D0%BE%D1%80%D1%84%D0%B8%D0%BD"
    assert '<html lang="ky"' in client.get("/stock").text


def test_three_languages_in_their_order(client):
    names = re.findall(r"Кыргызча|Русский|English", client.get("/").text)
    assert names == ["Кыргызча", "Русский", "English"]


def test_after_a_post_the_same_page_is_asked_again(client):
    page = client.post("/?step=2", data={})
    assert switch(page, "ru").endswith("next=/?step%3D2") or "step" in switch(page, "ru")
    only_post = client.post("/upload", data={})
    assert client.get(switch(only_post, "ru")).headers["Location"] == "/"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\b",
        "/\tevil",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        " /a",
        "///evil.example",
    ],
)
def test_no_way_out_of_the_site(client, address):
    assert not is_local(address)
    assert client.get("/language/ru", query_string={"next": address}).headers["Location"] == "/"


@pytest.mark.parametrize("address", ["/", "/permits?x=1&y=//z", "/a/b#c"])
def test_ways_inside_the_site(address):
    assert is_local(address)


def test_an_unknown_language_is_not_found(client):
    assert client.get("/language/de").status_code == 404


@pytest.mark.parametrize(
    ("wish", "language"), [("ky,en;q=0.5", "ky"), ("ru-RU,ru;q=0.9", "ru"), ("fr", "ru"), ("", "ru")]
)
def test_first_visit_follows_the_browser_then_the_settings(wish, language):
    client = make_app(Settings(language="ru")).test_client()
    assert f'<html lang="{language}"' in client.get("/", headers={"Accept-Language": wish}).text


def test_the_profile_goes_before_the_cookie_and_keeps_the_choice():
    app = make_app(person=Officer())
    kept = ["ky"]
    hooks.set_language_source(app, lambda: kept[-1], kept.append)
    client = app.test_client()
    client.set_cookie("registry_language", "en")
    assert '<html lang="ky"' in client.get("/").text
    client.get("/language/ru")
    assert kept == ["ky", "ru"]
    assert '<html lang="ru"' in client.get("/").text


def test_works_with_post_too():
    app = make_app(person=Officer())
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/language/ky", data={"next": "/stock"}).headers["Location"] == "/stock"
