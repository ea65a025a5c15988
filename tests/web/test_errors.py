"""Each refusal of the domain has one status, a page and a problem document, in the reader's language."""

from __future__ import annotations

import logging

import pytest
from flask import request

from registry.kernel import errors
from registry.settings import Settings
from registry.web import catalogue, health, hooks
from registry.web.errors import REFUSALS, STATUSES, finding_document, problem_document
from tests.web.gallery import FINDINGS, PROBLEMS, Officer, make_app

EXPECTED = {
    "not-found": 404,
    "forbidden": 403,
    "conflict": 409,
    "transition": 409,
    "invalid": 422,
    "rule": 422,
    "fault": 500,
}


@pytest.fixture(scope="module")
def client():
    return make_app(person=Officer()).test_client()


@pytest.mark.parametrize(("name", "status"), EXPECTED.items())
def test_status_of_page_and_document(client, name, status):
    page, document = client.get(f"/refuse/{name}"), client.get(f"/api/v1/{name}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert (document.status_code, document.mimetype) == (status, "application/problem+json")
    assert document.json["status"] == status
    assert document.json["request_id"] == document.headers["X-Request-ID"]
    assert page.headers["X-Request-ID"] in page.text


def test_every_error_of_the_kernel_has_its_row():
    kinds = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RegistryError)
    }
    assert kinds - {errors.RegistryError} <= {kind for kind, _ in REFUSALS}
    # Only what the office itself lacks (a key to sign with) is no fault of whoever asks.
    assert {kind for kind, answer in REFUSALS if answer.status >= 500} == {errors.Unavailable}
    assert all(status == answer.status for status, answer in STATUSES.items())


def test_findings_and_problems_come_whole(client):
    rule = client.get("/api/v1/rule").json
    assert [finding["rule"] for finding in rule["findings"]] == ["XXX-02", "XXX-01"]
    assert (
        rule["findings"][1]
        | {"row": 40, "severity": "refuse", "observed": "2500", "limit": "1500", "largest_g": "1500"}
        == rule["findings"][1]
    )
    assert client.get("/api/v1/invalid").json["errors"] == [
        {"row": 17, "column": "quantity", "code": "not-a-quantity", "message": "“1O” is not a number"},
        {"row": None, "column": "occurred_on", "code": "not-a-date", "message": "write it as 31.03.2026"},
    ]
    page = client.get("/refuse/rule").text
    assert "2500 g are asked for, 1500 g are left" in page
    assert "1961 Convention, art. 21" in page
    assert page.index("XXX-01") < page.index("XXX-02")


def test_documents_without_a_translator_are_english():
    assert finding_document(FINDINGS[0])["message"].startswith("The last count")
    assert problem_document(PROBLEMS[1])["message"] == "write it as 31.03.2026"


def test_a_fault_tells_nothing_and_asks_no_room(client):
    app = make_app(person=Officer())

    def broken():
        raise RuntimeError("database is down")

    hooks.set_person_source(app, lambda: None if request.path == "/other" else broken())
    hooks.set_language_source(app, broken, lambda _: None)
    answer = app.test_client().get("/refuse/not-found")
    assert answer.status_code == 500
    assert "database" not in answer.text
    assert "Something went wrong on our side" in answer.text
    assert "secret detail" not in client.get("/refuse/fault").text
    assert "secret detail" not in client.get("/api/v1/fault").text


def test_a_fault_is_logged_once_with_its_id(client, capsys, caplog):
    with caplog.at_level(logging.ERROR):
        answer = client.get("/refuse/fault")
    written = capsys.readouterr().err
    assert written.count("RuntimeError: secret detail") == 1
    assert answer.headers["X-Request-ID"] in written
    assert caplog.records == []


def test_one_line_for_each_request_without_the_query(client, capsys):
    client.get("/stock?q=secret")
    lines = [line for line in capsys.readouterr().err.splitlines() if "milliseconds" in line]
    assert len(lines) == 1
    assert "aigul" in lines[0]
    assert "secret" not in lines[0]


def test_json_log_is_one_document_a_line(capsys):
    make_app(Settings(log_format="json")).test_client().get("/healthz")
    line = capsys.readouterr().err.strip()
    assert line.startswith("{")
    assert '"status": 200' in line
    make_app()


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Page not found"), ("ru", "Страница не найдена"), ("ky", "Барак табылган жок")]
)
def test_pages_in_three_languages(tmp_path, monkeypatch, language, title):
    for code, text in {"ru": "Страница не найдена", "ky": "Барак табылган жок"}.items():
        folder = tmp_path / code / "LC_MESSAGES"
        folder.mkdir(parents=True)
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        (folder / "messages.po").write_text(f'{head}msgid "Page not found"\nmsgstr "{text}"\n', encoding="utf-8")
    monkeypatch.setattr(catalogue.read_catalogue, "__defaults__", (tmp_path,))
    catalogue.translations.cache_clear()
    client = make_app().test_client()
    client.set_cookie("registry_language", language)
    page, document = client.get("/nowhere"), client.get("/api/v1/nowhere")
    catalogue.translations.cache_clear()
    assert f'<h1 class="govuk-heading-xl">{title}</h1>' in page.text
    assert f'<html lang="{language}"' in page.text
    assert document.json["title"] == title


def test_method_not_allowed_says_what_is(client):
    answer = client.put("/stock")
    assert answer.status_code in {400, 405}
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().put("/stock")
    assert (answer.status_code, "GET" in answer.headers["Allow"]) == (405, True)


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 413)])
def test_files_up_to_the_limit(extra, status):
    app = make_app(Settings(upload_megabytes=1))
    app.config["WTF_CSRF_ENABLED"] = False
    frame = 1024 * 1024 + 256 * 1024
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    tail = b"\r\n--x--\r\n"
    body = head + b"a" * (frame - len(head) - len(tail) + extra) + tail
    assert (
        app.test_client().post("/upload", data=body, content_type="multipart/form-data; boundary=x").status_code
        == status
    )


def test_readiness_names_what_failed_but_not_why():
    app = make_app()
    health.register_check(app, "database", lambda: None)
    client = app.test_client()
    assert client.get("/readyz").json == {"status": "ready", "failed": []}

    def down():
        raise ConnectionError("password=secret")

    health.register_check(app, "disk", down)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "failed": ["disk"]}
    assert client.get("/healthz").json == {"status": "alive"}
    assert set(client.get("/version").json) == {"name", "version"}
