"""Our permits as files: by page, API and command; whose they are, the same bytes again, the audit event, nothing internal."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from registry.audit.models import AuditEvent
from registry.correspondence.reading import read_file
from registry.endorsements.service import EndorsementAsked, StatedLine, endorse
from registry.permits.domain.deeds import SUSPEND
from registry.permits.service import stops
from registry.permits.service.issuing import issue
from registry.permits.service.second_number import set_eaeu_number
from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office
from tests.permits.acting import APPROVER, JUNE, OFFICER, proposed
from tests.world import take_file

__all__ = ["cheap_hashes", "office"]

MORPHINE = {
    "name": "morphine",
    "code": "NM 009",
    "cas": "57-27-2",
    "schedules": ["1961:I"],
    "salt": "sulfate pentahydrate",
    "strength_mg": "10",
    "factor": "3/4",
    "base_grams": "900",
}


def exports(office: Office) -> list[dict[str, object]]:
    with office.rows() as session:
        rows = session.query(AuditEvent).filter_by(action="correspondence.export").order_by(AuditEvent.sequence)
        return [{"subject": row.subject, **json.loads(row.detail)} for row in rows]


def test_a_permit_is_handed_out_and_every_handing_out_is_audited(office: Office, tmp_path: Path) -> None:
    client = office.browser("imran")
    page = client.get("/permits/P-6").text
    assert 'href="/permit-files/xml/P-6"' in page
    assert 'href="/permit-files/json/P-6"' in page
    xml, told = client.get("/permit-files/xml/P-6"), client.get("/permit-files/json/P-6")
    assert (xml.mimetype, told.mimetype) == ("application/xml", "application/json")
    assert "permit-P-6.xml" in xml.headers["Content-Disposition"]
    assert client.get("/permit-files/xml/P-6").data == xml.data
    assert read_file(xml.data) == read_file(told.data)
    by_api = program(office, "imran").read("/permit-files/P-6")
    assert (by_api["content"].encode(), by_api["format"], by_api["name"]) == (xml.data, "xml", "permit-P-6.xml")
    runner = office.app.test_cli_runner()
    out = tmp_path / "out.xml"
    written = runner.invoke(args=["permit", "export", "P-6", "--out", str(out), "--json"])
    assert written.exit_code == 0, written.output
    assert out.read_bytes() == xml.data
    shown = runner.invoke(args=["permit", "export", "P-6", "--format", "json"])
    assert shown.stdout.encode() == told.data
    digests = [hashlib.sha256(one.data).hexdigest() for one in (xml, told)]
    assert [(one["subject"], one["format"], one["sha256"]) for one in exports(office)] == [
        ("permit P-6", name, digests[name == "json"]) for name in ("xml", "json", "xml", "xml", "xml", "json")
    ]
    assert json.loads(written.stdout)["sha256"] == by_api["sha256"] == digests[0]


def test_what_is_not_there_or_of_another_firm_is_not_handed_out(office: Office) -> None:
    client = office.browser("maksat")
    assert client.get("/permit-files/xml/P-6").status_code == client.get("/permit-files/xml/P-99").status_code == 404
    assert office.browser("asel").get("/permit-files/docx/P-6").status_code == 404
    assert program(office, "maksat").get("/permit-files/P-6").status_code == 404
    refused = office.app.test_cli_runner().invoke(args=["permit", "export", "P-99"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert exports(office) == []


def test_the_file_says_what_is_recorded_and_nothing_of_the_inside(office: Office) -> None:
    with office.work() as session:
        take_file(session, "07-movements")
        case = proposed(session, "A-1", 1000)
        number = issue(session, APPROVER, JUNE, case.id, case.version, "an inner remark")
    with office.work() as session:
        asked = stops.Asked(number, SUSPEND.kind.code, "a reason for the holder alone", JUNE.today(), {})
        stops.ask(session, OFFICER, JUNE, asked, "KG")
    client = office.browser("asel")
    content = client.get(f"/permit-files/json/{number}").data
    data = read_file(content)
    assert data["identity"] == {
        "number": number, "kind": "import", "trade": "import", "state": "suspended", "state_on": "2024-06-15", "application": "A-1",
    }  # fmt: skip
    assert data["validity"] == {
        "issued_on": "2024-06-15", "expires_on": "2024-09-13", "ends_by": "own_term", "consignments": "one",
    }  # fmt: skip
    assert data["lines"] == [
        {
            "product": {"code": "MOR10", "name": "Morphine sulfate 10 mg tablets", "form": "tablet"},
            "quantity": "1000",
            "unit": "piece",
            "substances": [MORPHINE | {"base_grams": "7.5"}],
        }
    ]
    assert data["purpose"] == {"stated": "medical"}
    assert data["stops"] == [{"cause": "officer", "from_on": "2024-06-15"}]
    assert data["parties"]["importer"]["licences"] == ["LIC-E-IMP"]
    assert data["parties"]["exporter"] == {"name": "Supplier", "country": "IN"}
    for word in (b"inner remark", b"holder alone", b"quota", b"PRM-", b"QTA-"):
        assert word not in content
    arrived = read_file(client.get("/permit-files/xml/P-1").data)
    assert arrived["outcome"]["moved_on"] == arrived["lines"][0]["moved"][0]["on"]


def test_the_file_bears_the_second_number_and_what_was_endorsed(office: Office) -> None:
    stated = (StatedLine("MOR10", "119990", "damaged", "a box fell"),)
    first = EndorsementAsked("P-6", "KG-E1", date(2024, 6, 11), date(2024, 6, 14), stated, "IN-P-6")
    with office.work() as session:
        set_eaeu_number(session, OFFICER, JUNE, "P-6", "212KG26001000017", "KG")
        endorse(session, OFFICER, JUNE, first)
        endorse(session, OFFICER, JUNE, replace(first, number="KG-E2", replaces="KG-E1"))
    client = office.browser("imran")
    data = read_file(client.get("/permit-files/xml/P-6").data)
    assert data == read_file(client.get("/permit-files/json/P-6").data)
    assert data["identity"]["eaeu_number"] == "212KG26001000017"
    assert data["outcome"]["endorsements"] == [
        {
            "number": "KG-E2", "country": "KG", "arrived_on": "2024-06-11", "endorsed_on": "2024-06-14",
            "foreign_number": "IN-P-6",
            "goods": [{"code": "MOR10", "quantity": "119990", "difference": "damaged", "explained": "a box fell"}],
        }
    ]  # fmt: skip
