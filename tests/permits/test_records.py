"""Permits from files: recorded as facts, several rows one permit, flags instead of refusals."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.flags.queries import worklist
from registry.intake.check import Report
from registry.kernel.rules import Severity
from registry.permits.domain.kinds import PermitState
from registry.permits.domain.rules import ARTICLE_13, VALIDITY
from registry.permits.queries import permits_by_numbers, positions
from registry.quotas.domain.rules import WITHIN_QUOTA
from tests.intake.tables import counted
from tests.permits.acting import apply, row
from tests.world import table_of, take_in

COLUMNS = "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity,counterpart_number"


def line(number: str, product: str, quantity: object, *, expires: str = "2024-08-30", kind: str = "import") -> str:
    return f"{number},{kind},E-IMP,IN,Supplier,2024-06-01,{expires},{product},{quantity},C-1"


def record(session: Session, *rows: str) -> Report:
    return take_in(session, "permits", table_of(COLUMNS, *rows))


def headroom(session: Session, code: str = "NM 009", day: date = date(2024, 6, 30)) -> object:
    return next(position.headroom for substance, position in positions(session, 2024, day) if substance.code == code)


def test_rows_of_one_number_are_lines_of_one_permit(stocked: Session) -> None:
    report = record(stocked, line("P-9", "MOR10", 100), line("P-9", "MET5", "12.5"))
    assert (report.accepted, report.written, report.findings) == (2, True, [])
    permit = permits_by_numbers(stocked, ["P-9", "nothing"])["P-9"]
    assert sorted(each.units for each in permit.lines.values()) == [100, 12_500]
    assert permit.quota_year == 2024
    again = record(stocked, line("P-9", "MOR10", 100), line("P-9", "FEN01", 7))
    assert (again.accepted, again.duplicates, again.written) == (1, 1, True)
    assert len(permits_by_numbers(stocked, ["P-9"])["P-9"].lines) == 3


def test_a_number_with_other_content_is_an_error(stocked: Session) -> None:
    record(stocked, line("P-9", "MOR10", 100))
    quantity = record(stocked, line("P-9", "MOR10", 101))
    header = record(stocked, line("P-9", "FEN01", 1, expires="2024-08-29"))
    inside = record(stocked, line("P-8", "FEN01", 1), line("P-8", "MOR10", 1, expires="2024-08-29"))
    for report, column in ((quantity, "quantity"), (header, "number"), (inside, "number")):
        assert [(each.column, each.code) for each in report.problems] == [(column, "reference-reused")]
        assert not report.written
    assert "P-8" not in permits_by_numbers(stocked, ["P-8"])


def test_dates_in_the_wrong_order_refuse(stocked: Session) -> None:
    report = record(stocked, line("P-9", "MOR10", 1, expires="2024-05-31"))
    assert [(each.column, each.code) for each in report.problems] == [("expires_on", "dates-in-wrong-order")]
    assert record(stocked, line("P-9", "MOR10", 1, expires="2024-06-01")).written


def test_a_permit_beyond_the_quota_is_a_fact_and_a_flag(stocked: Session) -> None:
    assert not any(
        each.rule is WITHIN_QUOTA
        for each in record(stocked, line("P-8", "MOR10", 53_333, expires="2024-12-31")).findings
    )
    report = record(stocked, line("P-9", "MOR10", 1, expires="2024-12-31"))
    assert report.written
    [finding] = [each for each in report.findings if each.rule is WITHIN_QUOTA]
    assert (finding.severity, finding.observed, finding.limit) == (Severity.FLAG, "2800.005", "2800")
    assert headroom(stocked) == -5_000_000
    assert any(flag.rule == WITHIN_QUOTA.code for flag in worklist(stocked))
    assert not apply(stocked, row("A-1", 1)).written


@pytest.mark.parametrize(("expires", "flagged"), [("2024-08-29", False), ("2024-08-30", False), ("2024-08-31", True)])
def test_a_long_validity_is_flagged(stocked: Session, expires: str, flagged: bool) -> None:
    report = record(stocked, line("P-9", "MOR10", 1, expires=expires))
    assert report.written
    assert bool([each for each in report.findings if each.rule is VALIDITY]) is flagged


def test_only_imports_reserve(stocked: Session) -> None:
    before = headroom(stocked)
    assert record(stocked, line("P-9", "MOR10", 10_000, kind="export")).written
    assert record(stocked, line("P-8", "CODPAR", 10_000)).written
    assert headroom(stocked) == before


def test_a_permit_of_last_year_still_open_counts_this_year(stocked: Session) -> None:
    rows = ["P-9,import,E-IMP,IN,S,2024-12-01,2025-01-31,DIA5,1000,"]
    assert record(stocked, *rows).written

    def reserved(year: int, day: date) -> object:
        return {s.code: p.reserved for s, p in positions(stocked, year, day)}.get("PD 006", 0)

    assert reserved(2025, date(2025, 1, 31)) == 5 * 10**9
    assert reserved(2025, date(2025, 2, 1)) == 0
    assert reserved(2024, date(2024, 12, 31)) == 5 * 10**9 + 5000 * 10**9
    assert reserved(2025, date(2024, 12, 31)) == 0


def test_states_of_a_permit(stocked: Session) -> None:
    permit = permits_by_numbers(stocked, ["P-6"])["P-6"]
    assert permit.state_on(date(2024, 12, 31)) is PermitState.VALID
    assert permit.state_on(date(2025, 1, 1)) is PermitState.EXPIRED


def test_statements_do_not_grow_with_the_rows(stocked: Session) -> None:
    counts = []
    for first, size in ((0, 10), (1000, 200)):
        with counted(stocked) as sent:
            assert record(stocked, *(line(f"R-{first + n}", "MOR10", 1) for n in range(size))).written
        counts.append(len(sent))
        with counted(stocked) as sent:
            assert apply(stocked, *(row(f"A-{first + n}", 1) for n in range(size))).written
        counts.append(len(sent))
    assert counts[:2] == counts[2:]


def test_an_unknown_kind_of_cell_is_named(stocked: Session) -> None:
    report = record(stocked, "P-9,import,E-XXX,IN,S,2024-06-01,2024-06-30,NOPE,1,")
    assert {(each.column, each.code) for each in report.problems} == {
        ("organisation", "unknown-organisation"),
        ("product", "unknown-product"),
    }


def test_prm_13_an_export_against_a_prohibition_is_flagged(stocked: Session) -> None:
    take_in(stocked, "products", table_of("code,name,form,unit", "SEC,Secobarbital,tablet,piece"))
    assert take_in(stocked, "components", table_of("product,substance,salt,amount_mg", "SEC,PS 001,base,5")).written
    rows = [
        f"P-{country},{kind},E-IMP,{country},Buyer,2024-06-01,2024-06-30,SEC,10,C-{country}"
        for country, kind in (("BZ", "export"), ("CH", "export"), ("NG", "import"))
    ]
    report = record(stocked, *rows)
    assert report.written
    found = [each for each in report.findings if each.rule is ARTICLE_13]
    assert [(each.severity, each.row) for each in found] == [(Severity.FLAG, 2)]
