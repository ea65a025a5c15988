"""Applications: what fits, what is told when it does not, what is kept."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from registry.flags.queries import worklist
from registry.kernel.errors import Invalid, RuleRefused
from registry.kernel.rules import Severity
from registry.permits.domain import rules
from registry.permits.queries import application_by_reference, case_events, positions
from registry.permits.service import Submission, preview, submit_application
from registry.quotas.domain import rules as quota_rules
from registry.quotas.domain.rules import WITHIN_QUOTA
from tests.permits.acting import APPROVER, JUNE, apply, case, importer, row
from tests.world import table_of, take_in


def broken(report: object, rule: object) -> list[object]:
    return [finding for finding in report.findings if finding.rule is rule]  # type: ignore[attr-defined]


def test_what_does_not_fit_is_answered_with_the_most_that_would(stocked: Session) -> None:
    report = apply(stocked, row("A-1", 53_334))
    assert not report.written
    [finding] = broken(report, WITHIN_QUOTA)
    assert finding.severity is Severity.REFUSE
    assert (finding.observed, finding.limit, finding.unit) == ("400.005", "400", "g")
    assert (finding.largest_g, finding.largest_quantity, finding.row) == ("400", "53333", 2)
    assert application_by_reference(stocked, "A-1") is None
    body = report.as_json()["findings"]
    assert any(each.get("largest_quantity") == "53333" for each in body)  # type: ignore[union-attr]


def test_exactly_the_largest_quantity_is_accepted(stocked: Session) -> None:
    report = apply(stocked, row("A-1", 53_333))
    assert report.written
    assert (report.accepted, report.problems) == (1, [])
    assert not broken(report, WITHIN_QUOTA)
    found = case(stocked, "A-1")
    assert (found.state, [units for _, units in found.asked.lines], found.version) == ("submitted", [53_333], 1)


def test_checks_are_kept_with_the_step_passed_ones_too(stocked: Session) -> None:
    apply(stocked, row("A-1", 10))
    [event] = case_events(stocked, case(stocked, "A-1").id)
    assert event.transition == "submit"
    kept = {check["rule"]: check for check in event.checks}
    assert kept[WITHIN_QUOTA.code]["passed"]
    assert kept[WITHIN_QUOTA.code]["observed"] == "0.075"
    assert kept[WITHIN_QUOTA.code]["limit"] == "400"
    assert not kept[rules.COUNTERPART_KNOWN.code]["passed"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.integers(1, 2_000_000_000), product=st.sampled_from(["MOR10", "FEN01", "MET5", "CODRAW", "DIA5"]))
def test_the_largest_told_fits_and_one_more_does_not(stocked: Session, asked: int, product: str) -> None:
    def check(quantity: object) -> list[object]:
        command = Submission("X", "import", "E-IMP", "IN", "S", ((product, str(quantity)),), date(2024, 7, 1))
        lines = preview(stocked, importer(stocked), JUNE, command)
        return [line.finding for line in lines if line.rule is WITHIN_QUOTA and line.finding]

    found = check(asked)
    if not found:
        return
    largest = Fraction(found[0].largest_quantity)  # type: ignore[attr-defined]
    assert largest < asked
    smallest = Fraction(1, 1000 if product == "MET5" else 10**6 if product == "CODRAW" else 1)
    places = len(str(smallest.denominator)) - 1
    spelt = f"{int(largest * 10**places)}".rjust(places + 1, "0")
    more = f"{int((largest + smallest) * 10**places)}".rjust(places + 1, "0")
    dotted = (lambda text: f"{text[:-places]}.{text[-places:]}") if places else (lambda text: text)
    if largest:
        assert not check(dotted(spelt))
    assert check(dotted(more))


def test_schedule_three_reserves_nothing_and_needs_no_permit(stocked: Session) -> None:
    report = apply(stocked, row("A-1", 100_000_000, product="CODPAR"))
    assert report.written
    assert [finding.rule for finding in broken(report, rules.PERMIT_WANTED)] == [rules.PERMIT_WANTED]


def test_a_licence_must_cover_the_planned_day(stocked: Session) -> None:
    from registry.licences.domain import LICENCE_COVERS

    assert apply(stocked, row("A-1", 1, planned_on="2025-12-31", product="DIA5")).written
    late = apply(stocked, row("A-2", 1, planned_on="2026-01-01", product="DIA5"))
    assert not late.written
    assert broken(late, LICENCE_COVERS)
    pharmacy = importer(stocked, "E-PH1")
    assert broken(apply(stocked, row("A-3", 1, organisation="E-PH1"), actor=pharmacy), LICENCE_COVERS)


@pytest.mark.parametrize(("day", "flagged"), [("2024-06-14", True), ("2024-06-15", False), ("2024-06-16", False)])
def test_a_past_day_is_a_flag(stocked: Session, day: str, flagged: bool) -> None:
    report = apply(stocked, row("A-1", 1, planned_on=day))
    assert report.written
    assert bool(broken(report, rules.PLANNED_AHEAD)) is flagged


def test_each_fits_but_not_together(stocked: Session) -> None:
    first = apply(stocked, row("A-1", 30_000))
    assert not broken(first, rules.PENDING_FIT)
    assert not broken(apply(stocked, row("A-2", 23_333)), rules.PENDING_FIT)
    third = apply(stocked, row("A-3", 1))
    assert third.written
    assert broken(third, rules.PENDING_FIT)
    assert any(flag.rule == rules.PENDING_FIT.code for flag in worklist(stocked))


def test_an_export_rests_on_the_foreign_permit(stocked: Session) -> None:
    report = apply(stocked, row("A-1", 1, kind="export"))
    assert broken(report, rules.COUNTERPART)
    assert not report.written


def test_no_state_quota_does_not_bind_and_is_flagged(stocked: Session) -> None:
    table = table_of("year,substance,kind,item,quantity_g", "2025,NM 009,estimate,consumption,1000")
    assert take_in(stocked, "quotas", table).written
    report = apply(stocked, row("A-1", 133_333, planned_on="2025-02-01"))
    assert report.written
    assert broken(report, quota_rules.STATE_QUOTA_SET)
    assert not apply(stocked, row("A-2", 133_334, planned_on="2025-02-01")).written


def test_a_foreign_permit_serves_once(stocked: Session) -> None:
    assert broken(apply(stocked, row("A-1", 1, counterpart="IN-P-1")), rules.COUNTERPART_ONCE)
    assert not broken(apply(stocked, row("A-2", 1, counterpart="IN-77")), rules.COUNTERPART_ONCE)
    assert broken(apply(stocked, row("A-3", 1, counterpart="IN-77")), rules.COUNTERPART_ONCE)


def test_repeating_a_file_changes_nothing_other_content_is_an_error(stocked: Session) -> None:
    apply(stocked, row("A-1", 10))
    again = apply(stocked, row("A-1", 10), row("A-2", 5))
    assert (again.accepted, again.duplicates, again.written) == (1, 1, True)
    other = apply(stocked, row("A-1", 11))
    assert [problem.code for problem in other.problems] == ["reference-reused"]
    twice = apply(stocked, row("A-9", 1), row("A-9", 2))
    assert [(problem.row, problem.code) for problem in twice.problems] == [(3, "reference-reused")]


def test_every_problem_of_a_file_comes_at_once(stocked: Session) -> None:
    report = apply(
        stocked,
        row("A-1", 1, organisation="E-XXX"),
        row("A-2", 1, product="NOPE"),
        row("A-3", "1.5"),
        row("A-4", 99_999_999),
        row("A-5", 1, organisation="E-MAK"),
    )
    assert {(problem.row, problem.column) for problem in report.problems} == {
        (2, "organisation"),
        (3, "product"),
        (4, "quantity"),
        (6, "organisation"),
    }
    assert [finding.row for finding in broken(report, WITHIN_QUOTA)] == [5]
    assert not report.written


def test_a_page_takes_the_same_path(stocked: Session) -> None:
    command = Submission("A-1", "import", "E-IMP", "IN", "S", (("MOR10", "53334"),), date(2024, 7, 1))
    with pytest.raises(RuleRefused) as refused:
        submit_application(stocked, importer(stocked), JUNE, command)
    assert any(finding.largest_quantity == "53333" for finding in refused.value.findings)
    with pytest.raises(Invalid):
        submit_application(stocked, APPROVER, JUNE, command)
    fine = Submission("A-1", "import", "E-IMP", "IN", "S", (("MOR10", "53333"),), date(2024, 7, 1))
    number = submit_application(stocked, importer(stocked), JUNE, fine)
    assert case(stocked, "A-1").id == number


def test_waiting_reserves_nothing(stocked: Session) -> None:
    before = {s.code: p.reserved for s, p in positions(stocked, 2024, JUNE.today())}
    apply(stocked, row("A-1", 53_333))
    assert {s.code: p.reserved for s, p in positions(stocked, 2024, JUNE.today())} == before


def test_near_codes_of_products_are_offered(stocked: Session) -> None:
    report = apply(stocked, row("A-1", 10, product="MOR11"), row("A-2", 10, product="MOR11"))
    said = [(problem.column, problem.row, str(problem.message)) for problem in report.problems]
    assert [(column, number) for column, number, _ in said] == [("product", 2), ("product", 3)]
    assert said[0][2].startswith("there is no product with the code “MOR11”. Near to it: MOR10")
