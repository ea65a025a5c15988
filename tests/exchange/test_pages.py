"""Pages to send a file: nothing is written before it was seen, and then once."""

from __future__ import annotations

import hashlib
import io
import json
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.audit.models import AuditEvent
from registry.db import db
from registry.exchange.models import Upload
from registry.parties.queries import find_sites, sites_by_codes
from tests.accounts.conftest import Site

GOOD = "code,name,kind\nA,Аптека № 1,pharmacy\nB,Store,wholesaler\n"
BAD = "code,name,kind\nA,Аптека № 1,shop\n"


@pytest.fixture
def people(site: Site) -> Site:
    site.create("admin", "administrator")
    site.create("second", "administrator")
    site.create("officer", "officer")
    return site


def send(browser: FlaskClient, text: str, name: str = "file.csv") -> TestResponse:
    data = {"file": (io.BytesIO(text.encode()), name)}
    return browser.post("/files/organisations", data=data, content_type="multipart/form-data")


def sent(browser: FlaskClient, text: str) -> str:
    answer = send(browser, text)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def total(site: Site) -> int:
    with site.app.app_context():
        return find_sites(db.session()).total


def test_a_file_keeps_its_name_in_any_script(people: Site) -> None:
    browser = people.browser("admin")
    answer = send(browser, GOOD, "Организации – үчтүн айы.csv")
    assert "Организации – үчтүн айы.csv" in browser.get(answer.headers["Location"]).text


def test_send_look_confirm_receipt(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, GOOD)
    page = browser.get(place)
    assert page.status_code == 200
    assert "file.csv" in page.text
    assert f'action="{place}/confirm"' in page.text
    assert total(people) == 0
    done = browser.post(f"{place}/confirm")
    assert (done.status_code, done.headers["Location"], total(people)) == (303, place, 2)
    receipt = browser.get(place)
    assert "Written to the registry" in receipt.text
    assert re.search(r"[0-9a-f]{64}", receipt.text)
    # A second click leads to the same receipt and writes nothing more.
    assert browser.post(f"{place}/confirm").headers["Location"] == place
    assert len(people.events("exchange.take_in")) == 1
    with people.app.app_context():
        [kept] = db.session().query(Upload)
        assert kept.content is None


def test_errors_are_shown_before_anything_is_written(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, BAD)
    page = browser.get(place)
    assert "shop" in page.text
    assert "confirm" not in page.text
    assert people.events("exchange.take_in") == []
    refused = browser.post(f"{place}/confirm")
    assert (refused.status_code, total(people)) == (422, 0)
    assert [outcome for *_, outcome in people.events("exchange.take_in")] == ["refused"]


def test_every_error_is_reachable(people: Site) -> None:
    browser = people.browser("admin")
    rows = "".join(f"A{n},Name,wrong{n}\n" for n in range(501))
    place = sent(browser, f"code,name,kind\n{rows}")
    first, second = browser.get(place).text, browser.get(f"{place}?page=2").text
    assert "wrong499" in first
    assert "wrong500" not in first
    assert "wrong500" in second


def test_a_pasted_block_of_a_spreadsheet(people: Site) -> None:
    browser = people.browser("admin")
    answer = browser.post("/files/organisations", data={"pasted": GOOD.replace(",", "\t")})
    place = answer.headers["Location"]
    assert browser.post(f"{place}/confirm").status_code == 303
    assert total(people) == 2


def test_nothing_sent_is_said_beside_the_field(people: Site) -> None:
    answer = people.browser("admin").post("/files/organisations", data={})
    assert answer.status_code == 422
    assert "Choose a file" in answer.text


def test_a_file_belongs_to_its_sender_and_its_kind(people: Site) -> None:
    place = sent(people.browser("admin"), GOOD)
    other = people.browser("second")
    assert other.get(place).status_code == 404
    assert other.post(f"{place}/confirm").status_code == 404
    assert people.browser("admin").get(place.replace("organisations", "licences")).status_code == 404
    assert total(people) == 0


def test_a_new_file_takes_the_place_of_the_one_that_waited(people: Site) -> None:
    browser = people.browser("admin")
    first = sent(browser, BAD)
    second = sent(browser, GOOD)
    assert browser.get(first).status_code == 303
    assert browser.post(f"{first}/confirm").status_code == 409
    assert browser.post(f"{second}/discard").status_code == 303
    assert browser.post(f"{second}/confirm").status_code == 409
    assert total(people) == 0


def test_what_is_thrown_away_leaves_its_name_and_digest_in_the_audit_log(people: Site) -> None:
    browser = people.browser("admin")
    sent(browser, BAD)
    place = sent(browser, GOOD)  # takes the place of the first
    browser.post(f"{place}/discard")
    browser.post(f"{place}/discard")
    assert people.events("exchange.discard") == [
        ("admin", "exchange.discard", "organisations file.csv", "done"),
        ("admin", "exchange.discard", "organisations file.csv", "done"),
    ]
    with people.app.app_context():
        kept = [event.detail for event in db.session().query(AuditEvent) if event.action == "exchange.discard"]
    assert [json.loads(detail)["digest"] for detail in kept] == [
        hashlib.sha256(text.encode()).hexdigest() for text in (BAD, GOOD)
    ]


def test_what_is_written_is_not_thrown_away(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, GOOD)
    browser.post(f"{place}/confirm")
    browser.post(f"{place}/discard")
    assert "Written to the registry" in browser.get(place).text
    assert people.events("exchange.discard") == []


def test_who_may_not_send_sees_no_kind_and_no_page(people: Site) -> None:
    officer = people.browser("officer")
    page = officer.get("/files/")
    assert page.status_code == 200
    assert "/files/organisations" not in page.text
    assert officer.get("/files/organisations").status_code == 403
    assert send(officer, GOOD).status_code == 403
    assert people.browser().get("/files/organisations").status_code == 303
    assert '"/files/organisations"' in people.browser("admin").get("/files/").text


def test_a_blank_workbook_is_handed_out(people: Site) -> None:
    answer = people.browser("admin").get("/files/organisations/template.xlsx")
    assert answer.status_code == 200
    assert answer.data.startswith(b"PK")
    assert "filename=organisations.xlsx" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_page_renders_in_every_language(people: Site, language: str) -> None:
    browser = people.browser("admin")
    browser.set_cookie("registry_language", language)
    place = sent(browser, GOOD)
    for address in ("/files/", "/files/licences", place):
        assert browser.get(address).status_code == 200
    browser.post(f"{place}/confirm")
    assert browser.get(place).status_code == 200


def test_a_revision_that_is_flagged_can_still_be_written(people: Site) -> None:
    browser = people.browser("admin")
    browser.post(sent(browser, GOOD) + "/confirm")
    place = sent(browser, GOOD.replace("pharmacy", "importer"))
    assert "PTY-01" in browser.get(place).text
    browser.post(f"{place}/confirm")
    assert "PTY-01" in browser.get(place).text
    with people.app.app_context():
        assert sites_by_codes(db.session(), ["A"])["A"].latest.kind == "importer"
