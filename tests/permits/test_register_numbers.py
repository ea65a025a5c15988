"""Numbers of permits: the register goes on whatever files brought; second numbers of the EAEU; finding by number."""

from __future__ import annotations

import pytest
from sqlalchemy import literal, null, select
from sqlalchemy.orm import Session

from registry.db import folded
from registry.intake.check import Report
from registry.kernel.codes import search_key
from registry.kernel.errors import Conflict
from registry.kernel.fields import BadCell
from registry.parties.queries import organisations_by_codes
from registry.permits.domain.numbers import as_eaeu_number, country_of
from registry.permits.domain.rules import VALIDITY
from registry.permits.queries import permits_by_numbers
from registry.permits.queries.register import find_permits
from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import JUNE, issued, proposed
from tests.world import table_of, take_in

__all__ = ["cheap_hashes", "office"]

COLUMNS = "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity"


def brought(number: str) -> str:
    return f"{number},import,E-IMP,IN,Supplier,2024-02-01,2024-03-01,MOR10,1"


def test_numbers_brought_by_a_file_are_passed_over(stocked: Session) -> None:
    rows = [brought(f"KG-I-2024-{number:06d}") for number in (1, 2, 4)]
    rows += [brought("KG-E-2024-000003"), brought("KG-I-2023-000005"), brought("KG-I-2024-3")]
    assert take_in(stocked, "permits", table_of(COLUMNS, *rows), clock=JUNE).written
    numbers = [issued(stocked, proposed(stocked, f"A-{number}", 10)) for number in range(3)]
    assert numbers == ["KG-I-2024-000003", "KG-I-2024-000005", "KG-I-2024-000006"]


def test_numbers_follow_each_other_without_a_gap(stocked: Session) -> None:
    numbers = [issued(stocked, proposed(stocked, f"A-{number}", 10)) for number in range(3)]
    assert numbers == [f"KG-I-2024-{number:06d}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("212KG26001000017", "212KG26001000017"),
        (" 212 kg 26 001 000017 ", "212KG26001000017"),
        ("KG0123456789", "KG0123456789"),
        ("KG01234ABCDE", "KG01234ABCDE"),
    ],
)
def test_numbers_of_the_eaeu_are_read(typed: str, number: str) -> None:
    assert as_eaeu_number(typed) == number
    assert country_of(number) == "KG"


@pytest.mark.parametrize(
    "typed",
    ["212KG2600100001", "212KG260010000177", "21XKG26001000017", "K10123456789", "KG012345678", "KG01234567890"],
)
def test_anything_else_is_no_number_of_the_eaeu(typed: str) -> None:
    with pytest.raises(BadCell):
        as_eaeu_number(typed)


def test_a_second_number_comes_by_file_and_belongs_to_one_permit(stocked: Session) -> None:
    def send(number: str, second: str) -> Report:
        return take_in(
            stocked, "permits", table_of(f"{COLUMNS},eaeu_number", f"{brought(number)},{second}"), clock=JUNE
        )

    assert send("F-1", "KG0123456789").written
    assert permits_by_numbers(stocked, ["F-1"])["F-1"].eaeu_number == "KG0123456789"
    assert [problem.column for problem in send("F-2", "KG1").problems] == ["eaeu_number"]
    with pytest.raises(Conflict):
        send("F-3", "KG0123456789")


def test_a_second_number_is_recorded_mended_and_taken_back(office: Office) -> None:
    officer, firm = office.browser("asel"), office.browser("imran")
    place = {"data": {"eaeu_number": "212KG26001000017"}}
    assert firm.post("/permits/eaeu/P-6", **place).status_code == 403
    assert officer.post("/permits/eaeu/P-6", **place).status_code == 303
    assert "212KG26001000017" in text_of(firm.get("/permits/P-6"))
    assert "P-6" in text_of(officer.get("/permits?q=212kg26"))
    assert "/permits/P-6" in text_of(officer.get("/search?q=212kg26"))
    assert program(office, "imran").read("/permits/P-6")["eaeu_number"] == "212KG26001000017"
    taken = officer.post("/permits/eaeu/P-1", **place)
    assert taken.status_code == 422
    for wrong in ("212KZ26001000017", "KG1"):
        answer = officer.post("/permits/eaeu/P-1", data={"eaeu_number": wrong})
        assert answer.status_code == 422
        assert wrong in text_of(answer)
    assert officer.post("/permits/eaeu/P-6", data={"eaeu_number": ""}).status_code == 303
    sent = program(office, "asel").post("/permits/P-1/eaeu-number", {"eaeu_number": "kg0123456789"})
    assert (sent.status_code, sent.get_json()["eaeu_number"]) == (200, "KG0123456789")


def test_capitals_of_every_alphabet_are_folded(stocked: Session) -> None:
    text = "КҮКҮРТ Өзгөн ҢЁ-7 ÉÀ"
    assert stocked.scalar(select(folded(literal(text)))) == text.casefold() == search_key(text)
    assert stocked.scalar(select(folded(null()))) is None
    assert take_in(stocked, "permits", table_of(COLUMNS, brought("КГ-ӨҢҮ-1")), clock=JUNE).written
    for words in ("кг-өңү", "КГ-ӨҢҮ", "Кг-Өңү-1"):
        assert [permit.number for permit in find_permits(stocked, JUNE.today(), text=words)[0]] == ["КГ-ӨҢҮ-1"]


def test_flags_of_permits_from_files_say_whose_they_are(stocked: Session) -> None:
    long = "L-1,import,E-IMP,IN,Supplier,2024-02-01,2024-12-01,MOR10,1"
    report = take_in(stocked, "permits", table_of(COLUMNS, long), clock=JUNE)
    holder = organisations_by_codes(stocked, ["E-IMP"])["E-IMP"]
    assert [one.organisation_id for one in report.findings if one.rule is VALIDITY] == [holder]
