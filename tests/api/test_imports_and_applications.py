"""Files and applications sent by programs: the same as from the command line and from the page."""

from __future__ import annotations

import json
from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import text

from registry.accounts import service
from registry.kernel.actor import SYSTEM
from tests.api.programs import Program, program, token_of
from tests.pages import Office, cheap_hashes, office
from tests.world import EXAMPLE

__all__ = ["cheap_hashes", "office"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
APPLICATION = {
    "reference": "API/1", "kind": "import", "organisation": "E-IMP", "partner_country": "IN", "partner": "Maker",
    "planned_on": "2024-07-01", "lines": [{"product": "MOR10", "quantity": "100"}],
}  # fmt: skip


def number(office: Office, query: str) -> int:
    with office.rows() as session:
        return int(session.execute(text(query)).scalar_one())


def test_a_file_is_taken_in_whole(office: Office) -> None:
    sending = program(office, "dinara")
    data = b"country,year,population\nKG,2023,7000000\nKG,2024,7100000\n"
    tried = sending.post("/imports/population?dry_run=true", data, media="text/csv")
    assert (tried.status_code, tried.get_json()["accepted"], tried.get_json()["written"]) == (200, 2, False)
    assert number(office, "SELECT COUNT(*) FROM population") == 0
    told = sending.post("/imports/population?name=census.csv", data, media="text/csv; charset=utf-8")
    assert (told.status_code, told.get_json()["written"]) == (201, True)
    assert number(office, "SELECT COUNT(*) FROM population") == 2
    assert (
        number(
            office,
            "SELECT COUNT(*) FROM audit_event WHERE action = 'exchange.take_in' AND outcome = 'done' AND subject = 'population census.csv'",
        )
        == 1
    )


def test_a_workbook_is_taken_in(office: Office, tmp_path: Path) -> None:
    book = Workbook()
    for row in (("country", "year", "population"), ("KG", "2023", "7000000")):
        book.active.append(row)
    book.save(tmp_path / "population.xlsx")
    told = program(office, "dinara").post(
        "/imports/population", (tmp_path / "population.xlsx").read_bytes(), media=XLSX
    )
    assert (told.status_code, told.get_json()["accepted"]) == (201, 1)


def test_a_file_that_is_refused_writes_nothing(office: Office) -> None:
    sending = program(office, "dinara")
    told = sending.post("/imports/population", b"country,year,population\nKG,2023,many\nXX,2024,1\n", media="text/csv")
    body = told.get_json()
    assert (told.status_code, told.mimetype, body["rows"], body["written"]) == (
        422,
        "application/problem+json",
        2,
        False,
    )
    assert [(one["row"], one["column"]) for one in body["errors"]] == [(2, "population"), (3, "country")]
    assert sending.post("/imports/population", b"", media="text/csv").get_json()["errors"][0]["code"] == "file-empty"
    assert sending.post("/imports/population", b"{}").status_code == 415
    assert sending.post("/imports/nothing", b"a", media="text/csv").status_code == 404
    assert program(office, "asel").post("/imports/population", b"a", media="text/csv").status_code == 403
    assert number(office, "SELECT COUNT(*) FROM population") == 0


def test_lines_of_other_firms_are_not_the_importers_to_post(office: Office) -> None:
    data = (EXAMPLE / "07-movements.csv").read_bytes()
    told = program(office, "imran").post("/imports/movements", data, media="text/csv")
    assert told.status_code == 422
    assert told.get_json()["errors"]
    assert number(office, "SELECT COUNT(*) FROM movement") == 0


def test_the_position_is_that_of_the_command(office: Office) -> None:
    shown = program(office, "asel").read("/quota-positions?year=2024&substance=nm-009")
    printed = office.app.test_cli_runner().invoke(
        args=["quota", "position", "--year", "2024", "--substance", "NM 009", "--json"]
    )
    assert shown == json.loads(printed.stdout)
    assert shown["positions"][0]["reserved_g"] != "0"
    earlier = program(office, "asel").read("/quota-positions?year=2024&as_of=2024-01-01")
    assert {one["imported_g"] for one in earlier["positions"]} == {"0"}
    assert program(office, "asel").get("/quota-positions").get_json()["errors"][0]["code"] == "missing"
    assert program(office, "asel").get("/quota-positions?year=2024&substance=XX").status_code == 404


def test_a_return_is_that_of_the_command(office: Office, tmp_path: Path) -> None:
    asking = program(office, "asel")
    shown = asking.read("/returns/c?year=2024")
    office.app.test_cli_runner().invoke(
        args=["returns", "build", "C", "--year", "2024", "--out", str(tmp_path / "c.json")]
    )
    assert shown == json.loads((tmp_path / "c.json").read_text())
    assert asking.read("/returns/A?year=2024&quarter=1")["period"] == {"year": 2024, "quarter": 1}
    assert asking.get("/returns/A?year=2024").status_code == 422
    assert asking.get("/returns/ZZ?year=2024").status_code == 404
    assert asking.get("/returns/C?year=2024&quarter=5").status_code == 422


def test_an_application_is_submitted_and_read_with_its_checks(office: Office) -> None:
    applying = program(office, "imran")
    told = applying.post("/applications", APPLICATION)
    assert told.status_code == 201, told.text
    assert (told.headers["Location"], told.headers["ETag"]) == ("/api/v1/applications/API%2F1", '"1"')
    own = applying.get("/applications/API%2F1")
    assert own.get_json()["lines"] == [
        {"product": "MOR10", "name": own.get_json()["lines"][0]["name"], "quantity": "100", "unit": "piece"}
        | dict.fromkeys(("given", "cut_reason", "cut_text"))
    ]
    # How full the country's quota is, is the authority's business: figures only of what is broken.
    assert own.get_json()["checks"]
    assert all(one["limit"] is None for one in own.get_json()["checks"] if one["passed"])
    seen = program(office, "asel").get("/applications/API%2F1").get_json()
    assert any(one["passed"] and one["limit"] for one in seen["checks"])
    taken = applying.post("/applications", APPLICATION | {"partner": "Another"})
    assert taken.status_code == 422
    assert taken.get_json()["errors"][0]["code"] == "reference-reused"


def test_an_application_that_does_not_fit_says_what_would(office: Office) -> None:
    applying = program(office, "imran")
    wanted = APPLICATION | {"lines": [{"product": "MOR10", "quantity": "99000000"}]}
    told = applying.post("/applications", wanted)
    body = told.get_json()
    assert (told.status_code, body["code"]) == (422, "rule-refused")
    largest = next(one["largest_quantity"] for one in body["findings"] if "largest_quantity" in one)
    assert number(office, "SELECT COUNT(*) FROM application") == 0
    too_much = str(int(largest) + 1)
    assert (
        applying.post(
            "/applications", APPLICATION | {"lines": [{"product": "MOR10", "quantity": too_much}]}
        ).status_code
        == 422
    )
    fits = applying.post("/applications", APPLICATION | {"lines": [{"product": "MOR10", "quantity": largest}]})
    assert fits.status_code == 201, fits.text


def test_an_application_that_cannot_be_read_is_told_place_by_place(office: Office) -> None:
    applying = program(office, "imran")
    told = applying.post(
        "/applications",
        APPLICATION
        | {
            "lines": [{"product": "MOR10", "quantity": 1.5}, {"quantity": "1", "colour": "red"}],
            "particulars": {"transport": "on foot"},
        },
    )
    assert {(one["column"], one["code"]) for one in told.get_json()["errors"]} == {
        ("lines.0.quantity", "not-text"),
        ("lines.1.product", "missing"),
        ("lines.1.colour", "unknown-field"),
        ("particulars.transport", "unknown-value"),
    }
    for lines in ([], [{"product": "MOR10", "quantity": "1"}] * 101, "MOR10", None):
        assert applying.post("/applications", APPLICATION | {"lines": lines}).status_code == 422, lines
    assert (
        applying.post("/applications", APPLICATION | {"organisation": "E-MAK"}).get_json()["errors"][0]["code"]
        == "not-your-organisation"
    )
    assert number(office, "SELECT COUNT(*) FROM application") == 0


def test_a_firm_account_without_a_firm_reads_nothing(office: Office) -> None:
    with office.work() as session:
        one = service.NewAccount("lost", "Lost", frozenset({"importer"}), 999_999, language="en")
        service.create_account(session, SYSTEM, office.clock, one)
    asking = Program(office, token_of(office, "lost"))
    for path in ("/permits", "/applications", "/movements", "/balances", "/sites", "/organisations", "/licences"):
        assert asking.read(path)["items"] == [], path
