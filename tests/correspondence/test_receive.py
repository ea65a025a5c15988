"""Permits of other authorities: taken in, matched by their numbers, held against ours, never changed."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.correspondence.domain.differences import differences
from registry.correspondence.domain.letters import AGREES
from registry.correspondence.domain.tree import Data
from registry.correspondence.models import CounterpartFile
from registry.correspondence.queries import content_of, received_for, require_permit
from registry.correspondence.service.receiving import ComingFile, Taken, receive
from registry.correspondence.writing import json_bytes, xml_bytes
from registry.flags.models import Flag
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.settings import Settings
from tests.api.programs import program
from tests.correspondence.files import EXPORT, foreign, permits
from tests.depth import EXAMPLES
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import APPROVER, JUNE, OFFICER, apply, case, row

__all__ = ["cheap_hashes", "office"]

OURS: Data = {
    "identity": {"number": "P-6", "kind": "import", "trade": "import"},
    "validity": {"issued_on": "2024-06-01", "expires_on": "2024-12-31"},
    "authority": {"country": "KG"},
    "parties": EXPORT["parties"],
    "foreign_document": {"number": "IN-P-6", "country": "IN", "expires_on": "2024-11-30"},
    "lines": EXPORT["lines"],
}


def changed(data: Data, path: str, value: Any) -> Data:
    made = copy.deepcopy(data)
    *way, last = path.split("/")
    at: Any = made
    for name in way:
        at = at[int(name) if name.isdigit() else name]
    at[int(last) if last.isdigit() else last] = value
    return made


def take(session: Session, data: Data, about: str = "", **more: Any) -> Taken:
    return receive(session, OFFICER, JUNE, Settings(), ComingFile("in.xml", xml_bytes(data), about, **more))


def flags(session: Session) -> int:
    return session.query(Flag).filter_by(rule=AGREES.code).count()


SUBSTANCE = "lines/0/substances/0"
DIFFERENCES: Mapping[str, tuple[str, str, set[str]]] = {
    "our number": ("foreign_document/number", "P-66", {"our_number"}),
    "their number": ("identity/number", "IN-P-7", {"their_number"}),
    "their last day": ("validity/expires_on", "2024-10-31", {"their_end"}),
    "our day": ("foreign_document/issued_on", "2024-06-02", {"our_issue"}),
    "another importer": ("parties/importer/name", "Somebody else", {"importer"}),
    "country of the exporter": ("parties/exporter/country", "DE", {"exporter_country"}),
    "both import": ("identity/trade", "import", {"trade"}),
    "less base": (f"{SUBSTANCE}/base_grams", "899.9999", {"base"}),
    "another substance": (SUBSTANCE, {"name": "codeine", "code": "NC 005", "base_grams": "900"}, {"base"}),
    "more pieces": ("lines/0/quantity", "120001", {"quantity"}),
    "the same, spelled otherwise": ("parties/importer/name", "IMPORTER  and wholesaler", set()),
    "the same base as a fraction": (f"{SUBSTANCE}/base_grams", "1800/2", set()),
    "the code spelled otherwise": (f"{SUBSTANCE}/code", "nm-009", set()),
    "known by its CAS number": (SUBSTANCE, {"name": "morphinum", "cas": "57-27-2", "base_grams": "900"}, set()),
    "a name in another language": (
        "parties/importer",
        {"name": "Импортёр", "name_ky": "Importer and wholesaler"},
        set(),
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_every_difference_is_told_and_no_other(name: str) -> None:
    path, value, codes = DIFFERENCES[name]
    assert {one.code for one in differences(OURS, changed(EXPORT, path, value))} == codes


def test_another_substance_is_told_from_both_sides() -> None:
    other = {"name": "codeine", "code": "NC 005", "base_grams": "900"}
    found = differences(OURS, changed(EXPORT, SUBSTANCE, other))
    assert [(one.about, one.ours, one.theirs) for one in found] == [("morphine", "900", ""), ("codeine", "", "900")]


def test_a_name_in_another_script_is_told_but_is_no_sure_difference() -> None:
    (cyrillic,) = differences(OURS, changed(EXPORT, "parties/importer", {"name": "Импортёр и склад"}))
    (latin,) = differences(OURS, changed(EXPORT, "parties/importer", {"name": "Importers Ltd"}))
    assert (cyrillic.is_sure, latin.is_sure) == (False, True)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(permits)
def test_a_permit_does_not_differ_from_itself_in_goods_and_parties(data: Data) -> None:
    codes = {one.code for one in differences(data, data)}
    assert not codes & {"base", "quantity", "importer", "exporter", "consignee"}


def test_cor_02_a_file_that_differs_is_flagged_and_one_that_agrees_is_not(stocked: Session) -> None:
    taken = take(stocked, foreign())
    assert taken.ours.number == "P-6"
    assert [(one.code, one.ours, one.is_sure) for one in taken.differences] == [("importer", "Ала-Тоо Импорт", False)]
    assert flags(stocked) == 0
    agreeing = changed(foreign(), "parties/importer/name", "Ала-Тоо импорт")
    assert take(stocked, agreeing).differences == []
    assert flags(stocked) == 0
    worse = take(stocked, changed(agreeing, f"{SUBSTANCE}/base_grams", "901"))
    assert [one.code for one in worse.differences] == ["base"]
    assert flags(stocked) == 1


def test_a_file_finds_what_it_belongs_to_by_any_of_the_numbers(stocked: Session) -> None:
    by_ours = changed(changed(foreign(), "identity/number", "IN-X"), "foreign_document/number", "P-6")
    by_theirs = foreign(foreign_document=None)
    assert take(stocked, by_ours).ours.number == take(stocked, by_theirs).ours.number == "P-6"
    elsewhere = changed(by_theirs, "authority/country", "DE")
    assert take(stocked, elsewhere).ours.number == ""
    put = take(stocked, elsewhere, about="P-5")
    assert put.ours.number == "P-5"
    assert {"their_number", "base"} <= {one.code for one in put.differences}
    assert [one.filed_under for one in received_for(stocked, require_permit(stocked, "P-5"))] == ["P-5"]
    assert len(received_for(stocked, require_permit(stocked, "P-6"))) == 2
    assert apply(stocked, row("A-7", 1000, counterpart="IN-LATE")).written
    late = take(stocked, changed(by_theirs, "identity/number", "IN-LATE"))
    assert (late.ours.number, late.ours.application is not None) == ("A-7", True)
    assert {one.code for one in late.differences} == {"importer", "base", "quantity"}


def test_the_same_file_again_changes_nothing_and_nothing_is_ever_changed(stocked: Session) -> None:
    first, again = take(stocked, foreign()), take(stocked, foreign())
    assert (first.is_new, again.is_new, again.received.id) == (True, False, first.received.id)
    assert content_of(stocked, first.received.id) == xml_bytes(foreign())
    for deed in ("UPDATE counterpart_file SET number = 'x'", "DELETE FROM counterpart_file"):
        with pytest.raises(DBAPIError), stocked.begin_nested():
            stocked.execute(text(deed))


def test_who_may_and_what_is_refused(stocked: Session) -> None:
    with pytest.raises(Forbidden):
        receive(stocked, APPROVER, JUNE, Settings(), ComingFile("in.xml", xml_bytes(foreign())))
    with pytest.raises(NotFound):
        take(stocked, foreign(), about="P-99")
    with pytest.raises(Invalid) as own:
        take(stocked, changed(foreign(), "authority/country", "KG"))
    assert [one.code for one in own.value.problems] == ["own-file"]


def words_of(answer: Any) -> str:
    """Return a page without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", text_of(answer)).split())


def test_an_officer_takes_a_file_in_and_reads_what_differs(office: Office) -> None:
    client = office.browser("asel")
    asked = client.get("/counterparts/new?about=P-6")
    assert 'value="P-6"' in asked.text

    def send(content: bytes, about: str = "P-6") -> Any:
        data = {"file": (io.BytesIO(content), "from-india.xml"), "about": about, "schema": ""}
        return client.post("/counterparts/new", data=data, content_type="multipart/form-data")

    broken = xml_bytes(foreign()).replace(b"2024-06-03", b"03.06.2024").replace(b"<unit>piece", b"<unit>dozen")
    refused = send(broken)
    assert refused.status_code == 422
    said = text_of(refused)
    assert "/permit/validity/issued_on" in said
    assert "write a day such as 2026-03-31" in said
    assert "/permit/lines/line[1]/unit" in said
    assert send(xml_bytes(foreign()), "P-99").status_code == 422
    assert client.post("/counterparts/new", data={"about": "", "schema": ""}).status_code == 422
    taken = send(xml_bytes(changed(foreign(), f"{SUBSTANCE}/base_grams", "1000")))
    assert taken.status_code == 303
    page = words_of(client.get(taken.headers["Location"]))
    assert "As anhydrous base, g: morphine 900 1,000" in page
    permit = words_of(client.get("/permits/P-6"))
    assert "What permit IN-P-6 says otherwise" in permit
    assert "morphine 900 1,000" in permit
    assert "IN-P-6" in text_of(client.get("/counterparts"))
    for language in ("ky", "ru", "en"):
        client.get(f"/language/{language}")
        for address in (
            taken.headers["Location"],
            "/counterparts",
            "/counterparts/new",
            "/permits/P-6",
            "/permit-letters/P-6",
        ):
            assert client.get(address).status_code == 200, (language, address)
    given = client.get(taken.headers["Location"] + "/file")
    assert given.mimetype == "application/octet-stream"
    assert "attachment" in given.headers["Content-Disposition"]
    firm = office.browser("imran")
    assert "says otherwise" not in firm.get("/permits/P-6").text
    assert firm.get(taken.headers["Location"]).status_code == 403


def test_half_a_character_in_a_file_is_refused_on_the_page_and_to_programs(office: Office) -> None:
    told = json_bytes(foreign()).replace(b"IN-P-6", b"IN\\ud800").replace(b'"trade"', b'"tr\\udc00"')
    data = {"file": (io.BytesIO(told), "in.json"), "about": "", "schema": ""}
    page = office.browser("asel").post("/counterparts/new", data=data, content_type="multipart/form-data")
    assert page.status_code == 422
    assert "/permit/identity/number" in text_of(page)
    answer = program(office, "asel").post("/counterparts", told, media="application/json")
    assert answer.status_code == 422
    assert {one["code"] for one in answer.get_json()["errors"]} == {"half-character"}


def test_a_file_with_endless_fractions_kept_before_they_were_refused_is_shown(office: Office) -> None:
    with office.work() as session:
        number = take(session, foreign()).received.id
    endless = [{"name": f"morphine {n}", "code": "NM 009", "base_grams": f"1/{10**29 + 3 * n + 1}"} for n in range(300)]
    kept = json.dumps(changed(foreign(), "lines/0/substances", endless))
    with office.work() as session:
        row = session.execute(select(CounterpartFile.__table__).filter_by(id=number)).mappings().one()
        told = dict(row) | {"id": number + 1, "sha256": "0" * 64, "facts": kept}
        session.execute(insert(CounterpartFile.__table__).values(told))
    assert office.browser("asel").get(f"/counterparts/{number + 1}").status_code == 200


def test_programs_and_the_command_take_files_in(office: Office, tmp_path: Path) -> None:
    asking = program(office, "asel")
    told = asking.post("/counterparts?name=a.json", json_bytes(foreign()), media="application/json")
    assert told.status_code == 201, told.text
    body = told.get_json()
    assert (body["number"], body["ours"], body["name"]) == ("IN-P-6", "P-6", "a.json")
    assert asking.read(f"/counterparts/{body['id']}") == body
    bad = asking.post("/counterparts", b"<!DOCTYPE x><x/>", media="application/xml")
    assert (bad.status_code, bad.get_json()["errors"][0]["code"]) == (422, "doctype")
    path = tmp_path / "theirs.xml"
    path.write_bytes(xml_bytes(foreign()))
    run = office.app.test_cli_runner().invoke(args=["permit", "receive", str(path), "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["differences"] == body["differences"]
    path.write_bytes(b"<permit/>")
    refused = office.app.test_cli_runner().invoke(args=["permit", "receive", str(path), "--json"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "urn:narcotics-registry:permit:2" in refused.stderr


def test_the_page_of_a_permit_takes_the_same_statements_however_many_files_came(office: Office) -> None:
    client = office.browser("asel")
    with office.work() as session:
        take(session, foreign())
    once = office.statements(client, "/permits/P-6")
    with office.work() as session:
        for number in range(5):
            take(session, changed(foreign(), "validity/expires_on", f"2024-10-0{number + 1}"))
    assert office.statements(client, "/permits/P-6") == once


def test_the_officer_of_a_case_reads_what_the_other_permit_says(office: Office) -> None:
    with office.work() as session:
        take(session, changed(foreign(foreign_document=None), "identity/number", "IN-LATE"))
    with office.rows() as session:
        assert apply(session, row("A-7", 1000, counterpart="IN-LATE")).written
        number = case(session, "A-7").id
    page = words_of(office.browser("asel").get(f"/cases/{number}"))
    assert "What permit IN-LATE says otherwise" in page
    assert "As anhydrous base, g: morphine 7.5 900" in page
    assert "IN-LATE says otherwise" not in words_of(office.browser("imran").get(f"/applications/{number}"))
