"""What a hostile or hasty person could try with the ledger, and what must then still hold."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.mass import NG_PER_G
from registry.kernel.period import Period
from registry.kernel.rules import Severity
from registry.parties.queries import organisations_by_codes
from registry.permits.queries import positions
from registry.quotas.domain.position import Position
from registry.returns.service.make import make_return
from registry.settings import Settings
from registry.stock.domain.rules import PERMIT_NEEDED
from registry.stock.queries.verify import verify
from tests.world import BISHKEK, CLOCK, move, table_of, take_file, take_in

PERMITS = "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity"
BOTH_YEARS = FixedClock(datetime(2025, 1, 20, 9, 0, tzinfo=BISHKEK), BISHKEK)


def figures(session: Session, year: int, substance: str = "NM 009") -> dict[str, Fraction]:
    """Return Form C of one substance in grams, by column; its stock check must hold."""
    made = make_return(session, CLOCK, Settings(), "C", Period(year))
    assert {str(check.status) for check in made.checks if (check.code, check.substance) == ("C-02", substance)} <= {
        "pass"
    }
    return {figure.column: figure.exact for figure in made.figures if figure.substance == substance}


def position(session: Session, year: int, day: date) -> Position:
    return next(found for substance, found in positions(session, year, day) if substance.code == "NM 009")


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems]


def refusing(report: Report) -> list[str]:
    return [finding.rule.code for finding in report.findings if finding.severity is Severity.REFUSE]


def firm(session: Session, code: str) -> Actor:
    return Actor(9, "stranger", frozenset({"importer"}), organisations_by_codes(session, [code])[code])


def test_a_stranger_learns_nothing_of_a_reversal(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    assert move(stocked, "R-SECRET,2025-01-10,reverse,E-WHO,,MOR10,A1,500,,,M-014,,").written
    for row, code in (
        ("X-1,2025-01-11,reverse,E-MAK,,MOR10,A1,500,,,M-014,,", "not-the-same"),
        ("X-1,2025-01-11,reverse,E-WHO,,MOR10,A1,500,,,M-014,,", "not-your-site"),
    ):
        report = move(stocked, row, actor=firm(stocked, "E-MAK"))
        assert codes(report) == [code]
        assert "R-SECRET" not in str(report.problems[0].message)
    own = move(stocked, "X-1,2025-01-11,reverse,E-WHO,,MOR10,A1,500,,,M-014,,", actor=firm(stocked, "E-WHO"))
    assert codes(own) == ["already-reversed"]


def test_a_reversal_in_the_next_year_leaves_the_closed_year_alone(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    before = figures(stocked, 2024)
    assert move(stocked, "R-1,2025-01-10,reverse,E-WHO,,MOR10,A1,500,,,M-014,,").written
    assert figures(stocked, 2024) == before
    after = figures(stocked, 2025)
    assert after["lost"] == -before["lost"] == Fraction(-15, 4)
    assert after["closing_stock"] == before["closing_stock"] + Fraction(15, 4)


def test_an_entry_of_last_year_moves_the_position_of_the_next_in_the_same_transaction(stocked: Session) -> None:
    """S0 of 2024 rises by what is taken on in 2023, so the total of estimates falls by as much."""
    before = position(stocked, 2024, date(2024, 6, 15))
    assert not move(stocked, "B-0,2023-12-31,opening_stock,E-IMP,,MOR10,OLD,0,,,,,").written
    assert position(stocked, 2024, date(2024, 6, 15)) == before
    assert move(stocked, "B-1,2023-12-31,opening_stock,E-IMP,,MOR10,OLD,10000,,,,,").written
    after = position(stocked, 2024, date(2024, 6, 15))
    assert figures(stocked, 2024)["opening_stock"] == 75
    assert before.estimate_total - after.estimate_total == 75 * NG_PER_G
    assert verify(stocked).faults == ()


@pytest.mark.parametrize(("day", "written"), [("2025-01-20", True), ("2025-01-21", False), ("2199-12-31", False)])
def test_nothing_is_entered_before_it_happens(stocked: Session, day: str, *, written: bool) -> None:
    row = f"F-1,{day},opening_stock,E-IMP,,MOR10,Z,10,,,,,"
    assert move(stocked, row, clock=BOTH_YEARS).written is written


def test_a_later_decision_on_control_changes_no_past_figure(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    before = {year: figures(stocked, year) for year in (2023, 2024, 2025)}
    columns = "code,name,form,unit,control"
    row = "MOR10,Morphine sulfate 10 mg tablets,tablet,piece,none"
    assert take_in(stocked, "products", table_of(columns, row)).written
    assert {year: figures(stocked, year) for year in (2023, 2024, 2025)} == before
    # What comes late of a day before the decision still counts as it did then.
    assert move(stocked, "L-1,2024-06-01,supply,E-IMP,E-PH1,MOR10,A1,100,,,,,").written
    assert figures(stocked, 2024)["consumed"] == before[2024]["consumed"] + Fraction(3, 4)
    assert verify(stocked).faults == ()


def test_a_permit_serves_its_own_kind_only(stocked: Session) -> None:
    rows = [f"T-{kind},{kind},E-IMP,IN,S,2024-01-05,2024-12-31,MOR10,1000" for kind in ("transit", "export", "import")]
    assert take_in(stocked, "permits", table_of(PERMITS, *rows)).written
    assert move(stocked, "O-1,2024-01-01,opening_stock,E-IMP,,MOR10,Z,5000,,,,,").written
    for kind in ("import", "export"):
        for permit in ("transit", "import", "export"):
            report = move(stocked, f"{kind}-{permit},2024-02-01,{kind},E-IMP,,MOR10,Z,10,T-{permit},IN,,,")
            assert report.written is (permit == kind), (kind, permit)
            assert refusing(report) == ([] if permit == kind else [PERMIT_NEEDED.code])
    after = figures(stocked, 2024)
    assert (after["imported"], after["exported"]) == (Fraction(75, 1000), Fraction(75, 1000))


@pytest.mark.parametrize(
    ("code", "kind"), [("E-WHO", "pharmacy"), ("E-PH1", "wholesaler")], ids=["to retail", "to wholesale"]
)
def test_a_change_of_level_changes_no_past_figure_and_is_flagged(stocked: Session, code: str, kind: str) -> None:
    take_file(stocked, "07-movements")
    before = figures(stocked, 2024)
    report = take_in(stocked, "organisations", table_of("code,name,kind", f"{code},Another name,{kind}"))
    assert report.written
    assert [finding.rule.code for finding in report.findings] == ["PTY-01"]
    assert figures(stocked, 2024) == before
    assert verify(stocked).faults == ()


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE balance SET units = units + 1 WHERE units = (SELECT MAX(units) FROM balance)",
        "UPDATE national_total SET units = units - 1 WHERE units = (SELECT MAX(units) FROM national_total)",
        "DELETE FROM national_total WHERE units = (SELECT MAX(units) FROM national_total)",
    ],
)
def test_verification_notices_a_figure_changed_behind_its_back(stocked: Session, fault: str) -> None:
    take_file(stocked, "07-movements")
    assert verify(stocked).faults == ()
    assert stocked.execute(text(fault)).rowcount >= 1  # type: ignore[attr-defined]
    assert verify(stocked).faults != ()
