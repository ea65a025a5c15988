"""Steps of a case: two persons, two officers at once, the quota under the lock, the register number."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RuleRefused, TransitionRefused
from registry.permits.domain.kinds import expiry_of
from registry.permits.domain.rules import SECOND_PERSON, VALIDITY
from registry.permits.domain.transitions import PENDING, TRANSITIONS, State, steps_from
from registry.permits.queries import (
    applications_of,
    case_events,
    pending_counts,
    permits_by_numbers,
    permits_of,
    positions,
    work_queue,
)
from registry.permits.service import (
    answer,
    issue,
    propose,
    propose_refusal,
    refuse,
    request_information,
    send_back,
    take_up,
    withdraw,
)
from registry.quotas.domain.rules import WITHIN_QUOTA
from tests.permits.acting import APPROVER, BOTH, JUNE, OFFICER, apply, case, importer, issued, proposed, row
from tests.world import BISHKEK


def reserved(session: Session, day: date) -> object:
    return next(
        position.reserved for substance, position in positions(session, 2024, day) if substance.code == "NM 009"
    )


def test_a_case_goes_its_way_and_the_permit_reserves(stocked: Session) -> None:
    row_ = proposed(stocked, "A-1", 40_000)
    number = issue(stocked, APPROVER, JUNE, row_.id, 3)
    assert number == "KG-I-2024-000001"
    permit = permits_by_numbers(stocked, [number])[number]
    assert (permit.issued_on, permit.expires_on, permit.quota_year) == (date(2024, 6, 15), date(2024, 9, 13), 2024)
    assert [line.units for line in permit.lines.values()] == [40_000]
    found = case(stocked, "A-1")
    assert (found.state, found.proposed_by, found.decided_by) == ("issued", "officer", "approver")
    assert found.permit_id == permit.id
    assert [event.transition for event in case_events(stocked, found.id)] == ["submit", "take_up", "propose", "issue"]
    assert case_events(stocked, found.id)[-1].checks
    assert reserved(stocked, date(2024, 9, 13)) == 1_200_000_000_000 + 1_500_000_000_000
    assert reserved(stocked, date(2024, 9, 14)) == 900_000_000_000 + 1_500_000_000_000
    assert reserved(stocked, date(2024, 6, 14)) == 900_000_000_000 + 1_500_000_000_000


def test_nobody_issues_or_refuses_what_he_proposed(stocked: Session) -> None:
    apply(stocked, row("A-1", 10))
    number = case(stocked, "A-1").id
    take_up(stocked, BOTH, JUNE, number, 1)
    propose(stocked, BOTH, JUNE, number, 2)
    for step in (
        lambda: issue(stocked, BOTH, JUNE, number, 3),
        lambda: refuse(stocked, BOTH, JUNE, number, 3, "false_data", "no"),
    ):
        with pytest.raises(RuleRefused) as refused:
            step()
        assert [finding.rule for finding in refused.value.findings] == [SECOND_PERSON]
    assert issue(stocked, APPROVER, JUNE, number, 3)


def test_two_officers_on_one_case(stocked: Session) -> None:
    apply(stocked, row("A-1", 10))
    number = case(stocked, "A-1").id
    take_up(stocked, OFFICER, JUNE, number, 1)
    propose(stocked, OFFICER, JUNE, number, 2)
    send_back(stocked, APPROVER, JUNE, number, 3, "look again")
    with pytest.raises(Conflict):
        propose(stocked, BOTH, JUNE, number, 2)
    propose(stocked, BOTH, JUNE, number, 4)
    with pytest.raises(Conflict):
        issue(stocked, APPROVER, JUNE, number, 3)
    assert issue(stocked, APPROVER, JUNE, number, 5)
    with pytest.raises(TransitionRefused):
        issue(stocked, APPROVER, JUNE, number, 6)


def test_the_quota_is_judged_again_at_issue(stocked: Session) -> None:
    first = proposed(stocked, "A-1", 30_000)
    second = proposed(stocked, "A-2", 23_334)
    third = proposed(stocked, "A-3", 23_333)
    issued(stocked, first)
    with pytest.raises(RuleRefused) as refused:
        issue(stocked, APPROVER, JUNE, second.id, 3)
    [finding] = [each for each in refused.value.findings if each.rule is WITHIN_QUOTA]
    assert (finding.limit, finding.largest_quantity) == ("175", "23333")
    assert issue(stocked, APPROVER, JUNE, third.id, 3) == "KG-I-2024-000002"


def test_an_expired_permit_frees_its_share(stocked: Session) -> None:
    issued(stocked, proposed(stocked, "A-1", 53_333))
    last = FixedClock(datetime(2024, 9, 13, 12, 0, tzinfo=BISHKEK), BISHKEK)
    after = FixedClock(datetime(2024, 9, 14, 12, 0, tzinfo=BISHKEK), BISHKEK)
    assert not apply(stocked, row("A-2", 1, planned_on="2024-10-01"), clock=last).written
    again = proposed(stocked, "A-2", 53_333, after, planned_on="2024-10-01")
    assert issue(stocked, APPROVER, after, again.id, 3) == "KG-I-2024-000002"


def test_series_that_use_the_quota_exactly_are_never_refused(stocked: Session) -> None:
    for count, quantity in enumerate((17_777, 17_778, 17_778), start=1):
        issued(stocked, proposed(stocked, f"A-{count}", quantity))
    rest = next(
        position for substance, position in positions(stocked, 2024, JUNE.today()) if substance.code == "NM 009"
    )
    assert rest.headroom == 2_500_000
    assert not apply(stocked, row("A-9", 1)).written


def test_no_permit_after_its_year(stocked: Session) -> None:
    found = proposed(stocked, "A-1", 10, planned_on="2024-12-30")
    january = FixedClock(datetime(2025, 1, 2, 9, 0, tzinfo=BISHKEK), BISHKEK)
    with pytest.raises(RuleRefused) as refused:
        issue(stocked, APPROVER, january, found.id, 3)
    assert VALIDITY in [finding.rule for finding in refused.value.findings]
    eve = FixedClock(datetime(2024, 12, 31, 9, 0, tzinfo=BISHKEK), BISHKEK)
    assert issue(stocked, APPROVER, eve, found.id, 3)


def test_expiry_is_the_earliest_of_three() -> None:
    assert expiry_of(date(2024, 6, 15), 2024, None) == date(2024, 9, 13)
    assert expiry_of(date(2024, 11, 1), 2024, None) == date(2024, 12, 31)
    assert expiry_of(date(2024, 6, 15), 2024, date(2024, 9, 12)) == date(2024, 9, 12)


def test_information_refusal_and_withdrawal(stocked: Session) -> None:
    apply(stocked, row("A-1", 10), row("A-2", 10))
    one, two = case(stocked, "A-1").id, case(stocked, "A-2").id
    take_up(stocked, OFFICER, JUNE, one, 1)
    with pytest.raises(Invalid):
        request_information(stocked, OFFICER, JUNE, one, 2, "  ")
    request_information(stocked, OFFICER, JUNE, one, 2, "which site?")
    answer(stocked, importer(stocked), JUNE, one, 3, "the main one")
    with pytest.raises(TransitionRefused):
        refuse(stocked, APPROVER, JUNE, one, 4, "data_mismatch", "the site is another")
    with pytest.raises(Invalid):
        propose_refusal(stocked, OFFICER, JUNE, one, 4, "whim", "no")
    propose_refusal(stocked, OFFICER, JUNE, one, 4, "data_mismatch", "the site is another")
    assert case(stocked, "A-1").state == "refusal_proposed"
    refuse(stocked, APPROVER, JUNE, one, 5, "data_mismatch", "the site is another")
    found = case(stocked, "A-1")
    assert (found.state, found.refusal_ground, found.refusal_text) == (
        "refused",
        "data_mismatch",
        "the site is another",
    )
    withdraw(stocked, importer(stocked), JUNE, two, 1)
    assert case(stocked, "A-2").state == "withdrawn"
    assert pending_counts(stocked) == {"refused": 1, "withdrawn": 1}
    assert work_queue(stocked) == []
    assert [each.asked.reference for each in applications_of(stocked, found.asked.organisation_id)] == ["A-2", "A-1"]


def test_who_may_do_what(stocked: Session) -> None:
    apply(stocked, row("A-1", 10))
    number = case(stocked, "A-1").id
    with pytest.raises(Forbidden):
        take_up(stocked, APPROVER, JUNE, number, 1)
    with pytest.raises(Forbidden):
        withdraw(stocked, importer(stocked, "E-MAK"), JUNE, number, 1)
    with pytest.raises(NotFound):
        take_up(stocked, OFFICER, JUNE, number + 1000, 1)
    take_up(stocked, OFFICER, JUNE, number, 1)
    propose(stocked, OFFICER, JUNE, number, 2)
    with pytest.raises(Forbidden):
        issue(stocked, OFFICER, JUNE, number, 3)


def test_the_table_of_steps_is_closed() -> None:
    reached = {transition.target for transition in TRANSITIONS.values()}
    assert reached == set(State)
    for state in State:
        assert bool(steps_from(state)) is (state in PENDING)
    assert {each.step for each in TRANSITIONS.values() if each.second_person} == {"issue", "refuse"}


def test_permits_are_found_open_on_a_day(stocked: Session) -> None:
    assert len(permits_of(stocked, kind="import")) == 6
    assert len(permits_of(stocked, open_on=date(2024, 5, 31))) == 5
    assert permits_of(stocked, open_on=date(2025, 1, 1)) == []
