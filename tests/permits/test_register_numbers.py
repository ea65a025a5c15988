"""The register goes on although a file brought numbers that look like its own."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.permits.acting import JUNE, issued, proposed
from tests.world import table_of, take_in

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
