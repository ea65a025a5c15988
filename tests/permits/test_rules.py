"""The rules of permits, each on both sides: pure facts, no database, but for the two that are about persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from registry.kernel.errors import RuleRefused
from registry.kernel.rules import Severity
from registry.permits.domain.checks import (
    ApplicationFact,
    Case,
    CheckLine,
    check_counterpart,
    check_country,
    check_day,
    check_pending,
    check_product,
    check_purpose,
    check_validity,
)
from registry.permits.service import issue
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.position import position_of
from registry.quotas.service import ProposedLine, approve_line, propose_line
from registry.substances.domain.facts import ComponentFact, RevisionFact, SubstanceFact
from tests.permits.acting import APPROVER, BOTH, JUNE, proposed

G = 10**9
TODAY = date(2026, 6, 15)
MORPHINE = SubstanceFact(1, "NM 009", "morphine", "1961")
PART = ComponentFact(1, "NM 009", "morphine", "1961", frozenset({"1961:I"}), "base", 10**6, 10**6, Fraction(10**6))
TABLETS = RevisionFact(1, 1, "MOR1", 1, date(1900, 1, 1), "Morphine 1 mg", "tablet", "piece", "auto", False, (PART,))
ESTIMATE = LineFact(1, 2026, 1, "estimate", "consumption", None, 100 * G, date(2026, 1, 1))
ASKED = ApplicationFact("A-1", "import", 7, "IN", "Supplier", TODAY, ((1, 10_000),), "IN-1", "medical")


def case_of(
    *,
    revision: RevisionFact = TABLETS,
    pending: int = 0,
    used: bool = False,
    until: date = date(2027, 12, 31),
    **asked: object,
) -> Case:
    """An application for 10 g of morphine where 100 g are free; what differs is named."""
    position = position_of(MORPHINE, 2026, [ESTIMATE], {}, {}, Fraction(0), TODAY)
    return Case(
        replace(ASKED, **asked),  # type: ignore[arg-type]
        "E-IMP",
        {1: revision},
        ((date(2020, 1, 1), until),),
        {1: (MORPHINE, position)},
        TODAY,
        pending={1: Fraction(pending * G)},
        counterpart_used=used,
    )


def found(lines: list[CheckLine], code: str) -> list[str]:
    """Return the severities of what did not pass under `code`; the rule must have been asked."""
    asked = [line for line in lines if line.rule.code == code]
    assert asked, f"{code} was not asked"
    return [line.finding.severity.value for line in asked if line.finding is not None]


@pytest.mark.parametrize(("number", "severities"), [("IN-1", []), (None, ["refuse"])])
def test_prm_02_export_needs_the_other_permit(number: str | None, severities: list[str]) -> None:
    assert found(list(check_counterpart(case_of(kind="export", counterpart_number=number))), "PRM-02") == severities


@pytest.mark.parametrize(("number", "severities"), [("IN-1", []), (None, ["note"])])
def test_prm_03_import_names_it_when_known(number: str | None, severities: list[str]) -> None:
    assert found(list(check_counterpart(case_of(counterpart_number=number))), "PRM-03") == severities


@pytest.mark.parametrize(("country", "severities"), [("IN", []), ("XX", ["refuse"])])
def test_prm_04_partner_country(country: str, severities: list[str]) -> None:
    assert found(list(check_country(case_of(partner_country=country))), "PRM-04") == severities


@pytest.mark.parametrize(("day", "severities"), [(date(2026, 6, 14), ["flag"]), (TODAY, []), (date(2026, 6, 16), [])])
def test_prm_05_planned_ahead(day: date, severities: list[str]) -> None:
    assert found(list(check_day(case_of(planned_on=day))), "PRM-05") == severities


@pytest.mark.parametrize(("pending", "severities"), [(89, []), (90, []), (91, ["flag"])])
def test_prm_06_pending_fit_together(pending: int, severities: list[str]) -> None:
    assert found(list(check_pending(case_of(pending=pending))), "PRM-06") == severities


@pytest.mark.parametrize(("answer", "severities"), [(True, []), (False, []), (None, ["flag"])])
def test_prm_07_schedule_three_decided(answer: bool | None, severities: list[str]) -> None:
    assert found(list(check_product(case_of(revision=replace(TABLETS, schedule_three=answer)))), "PRM-07") == severities


@pytest.mark.parametrize(("answer", "severities"), [(False, []), (None, []), (True, ["note"])])
def test_prm_08_permit_wanted_where_needed(answer: bool | None, severities: list[str]) -> None:
    assert found(list(check_product(case_of(revision=replace(TABLETS, schedule_three=answer)))), "PRM-08") == severities


@pytest.mark.parametrize(("purpose", "passes"), [("medical", True), (None, False)])
def test_prm_09_purpose(purpose: str | None, passes: bool) -> None:
    [line] = check_purpose(case_of(purpose=purpose))
    assert (line.rule.code, line.passed) == ("PRM-09", passes)


@pytest.mark.parametrize(("used", "severities"), [(False, []), (True, ["flag"])])
def test_prm_10_foreign_permit_serves_once(used: bool, severities: list[str]) -> None:
    assert found(list(check_counterpart(case_of(used=used))), "PRM-10") == severities


@pytest.mark.parametrize(("until", "passes"), [(date(2026, 6, 14), False), (TODAY, True), (date(2026, 6, 16), True)])
def test_prm_11_validity_has_a_day_left(until: date, passes: bool) -> None:
    line = check_validity(case_of(until=until))
    assert (line.rule.code, line.passed) == ("PRM-11", passes)


def test_prm_12_second_person(stocked: Session) -> None:
    row = proposed(stocked, "A-1", 40_000, officer=BOTH)
    with pytest.raises(RuleRefused) as refused:
        issue(stocked, BOTH, JUNE, row.id, row.version)
    assert [(f.rule.code, f.severity) for f in refused.value.findings] == [("PRM-12", Severity.REFUSE)]
    assert issue(stocked, APPROVER, JUNE, row.id, row.version)


def test_qta_08_second_person(stocked: Session) -> None:
    line = propose_line(stocked, BOTH, JUNE, ProposedLine(2024, "NM 009", "allocation", 5 * G, organisation="E-IMP"))
    with pytest.raises(RuleRefused) as refused:
        approve_line(stocked, BOTH, JUNE, line)
    assert [f.rule.code for f in refused.value.findings] == ["QTA-08"]
    approve_line(stocked, APPROVER, JUNE, line)
