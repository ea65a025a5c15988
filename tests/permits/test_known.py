"""A decision keeps what was known: nothing that changes later rewrites it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from registry.kernel.actor import SYSTEM
from registry.parameters.catalogue import parameter_named
from registry.parameters.service import NewValue, set_value
from registry.permits.domain.checks import run_checks
from registry.permits.domain.known import known_of
from registry.permits.queries.cases import known_at_decision
from registry.permits.service import case_of, propose_refusal, refuse, take_up
from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import APPROVER, JUNE, OFFICER, apply, case, issued, proposed, row
from tests.permits.test_abroad import estimates
from tests.world import table_of, take_in

__all__ = ["cheap_hashes", "office"]

LATER = {
    "quotas": "year,substance,kind,quantity_g,act,act_date,effective_on\n2024,NM 009,state_quota,2600,101,2024-06-01,2024-06-10",
    "licences": "number,organisation,acts,substances,valid_from,valid_to\nLIC-E-IMP,E-IMP,import;export,narcotic,2023-01-01,2024-12-31",
    "products": "code,name,form,unit\nMOR10,Morphine sulfate 10 mg tablets renamed,tablet,piece",
}


def known(session: Session, reference: str) -> Any:
    kept = known_at_decision(session, case(session, reference).id)
    assert kept is not None
    return kept


def change_everything(session: Session) -> None:
    for kind, lines in LATER.items():
        head, line = lines.split("\n")
        report = take_in(session, kind, table_of(head, line), SYSTEM, JUNE)
        assert report.written, report.as_json()
    assert estimates(session, "KZ,2024,NM 009,50,2024-06-14").written
    days = NewValue(parameter_named("permits.validity_days"), "30", date(2024, 6, 1), "Act 7")
    set_value(session, SYSTEM, JUNE, days)
    session.commit()


def export(session: Session, reference: str) -> None:
    line = row(reference, 2000, kind="export", counterpart="KZ-2").replace(",IN,", ",KZ,")
    assert apply(session, line).written
    take_up(session, OFFICER, JUNE, case(session, reference).id, 1)


def test_what_was_known_stays_whatever_changes(stocked: Session) -> None:
    issued(stocked, proposed(stocked, "A-1", 1000))
    assert estimates(stocked, "KZ,2024,NM 009,100,2024-01-10").written
    export(stocked, "X-1")
    propose_refusal(stocked, OFFICER, JUNE, case(stocked, "X-1").id, 2, "false_data", "no such buyer")
    refuse(stocked, APPROVER, JUNE, case(stocked, "X-1").id, 3, "false_data", "no such buyer")
    stocked.commit()
    before = {reference: json.dumps(known(stocked, reference)) for reference in ("A-1", "X-1")}
    change_everything(stocked)
    assert {reference: json.dumps(known(stocked, reference)) for reference in before} == before
    import_ = known(stocked, "A-1")
    [position] = import_["positions"]
    assert (position["state_quota_g"], position["reserved_g"], position["taken_g"]) == ("2800", "2400", "7.5")
    assert [(one["number"], one["valid_to"]) for one in import_["licences"]] == [("LIC-E-IMP", "2025-12-31")]
    [line] = import_["lines"]
    assert (line["name"], line["revision"]) == ("Morphine sulfate 10 mg tablets", 2)
    assert {"code": "permits.validity_days", "value": "90", "since": None} in import_["parameters"]
    assert "QTA-01" in [rule["code"] for rule in import_["rules"]]
    [abroad] = known(stocked, "X-1")["abroad"]
    assert (abroad["quantity_g"], abroad["published_on"]) == ("100", "2024-01-10")


def test_every_part_is_read_from_what_changes(stocked: Session) -> None:
    """The same case looked at after the changes is known otherwise in every part: so each part is really kept."""
    assert estimates(stocked, "KZ,2024,NM 009,100,2024-01-10").written
    export(stocked, "X-1")

    def now() -> Any:
        judged = case_of(stocked, JUNE, case(stocked, "X-1"))
        declared = [parameter_named("permits.validity_days")]
        return known_of(judged, run_checks(judged), dict(case(stocked, "X-1").asked.lines), declared, "1")

    first = now()
    change_everything(stocked)
    second = now()
    assert [part for part in first if first[part] != second[part]] == [
        "lines", "positions", "licences", "abroad", "parameters",
    ]  # fmt: skip


def test_it_is_kept_once_and_never_changed(stocked: Session) -> None:
    issued(stocked, proposed(stocked, "A-1", 1000))
    for statement in ("UPDATE case_decision SET known = '{}'", "DELETE FROM case_decision"):
        with pytest.raises(DatabaseError):
            stocked.execute(text(statement))
        stocked.rollback()


def test_the_authority_reads_it_and_the_firm_does_not(office: Office) -> None:
    with office.work() as session:
        issued(session, proposed(session, "A-1", 1000))
        case_id = case(session, "A-1").id
    page = text_of(office.browser("asel").get(f"/cases/{case_id}"))
    assert "What was known when it was decided" in page
    assert "LIC-E-IMP" in page
    assert "What was known" not in text_of(office.browser("imran").get(f"/applications/{case_id}"))
    kept = program(office, "asel").read("/decisions/A-1")
    assert kept["positions"][0]["state_quota_g"] == "2800"
    assert kept["lines"][0]["components"][0]["substance"] == "NM 009"
    assert program(office, "imran").get("/decisions/A-1").status_code == 403
    assert program(office, "asel").get("/decisions/A-9").status_code == 404


def test_estimates_of_other_countries_are_listed(office: Office) -> None:
    head = "country,year,substance,quantity_g,published_on,source"
    lines = ("KZ,2024,NM 009,100,2024-01-10,Estimated requirements 2024", "RU,2024,NM 009,70.5,2024-01-10,")
    with office.work() as session:
        table = table_of(head, *lines)
        assert take_in(session, "foreign_estimates", table, OFFICER, JUNE).written
        export(session, "X-1")
        case_id = case(session, "X-1").id
    officer = office.browser("asel")
    page = text_of(officer.get("/estimates-abroad?country=KZ&substance=nm-009&year=2024"))
    assert "Estimated requirements 2024" in page
    assert "70.5" not in page
    assert "70.5" in text_of(officer.get("/estimates-abroad"))
    assert "Estimated" not in text_of(officer.get("/estimates-abroad?substance=NX+999"))
    assert "/estimates-abroad?country=KZ&substance=NM+009&year=2024" in text_of(officer.get(f"/cases/{case_id}"))
    assert office.browser("imran").get("/estimates-abroad").status_code == 403
    found = program(office, "asel").read("/estimates-abroad?country=KZ")["items"]
    assert [(one["quantity_g"], one["source"]) for one in found] == [("100", "Estimated requirements 2024")]
