"""Values of parameters: proposed, decided by a second person, counted from their day; nothing is ever changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.accounts.service import NewAccount, create_account
from registry.audit.models import AuditEvent
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, Invalid, NotFound, RuleRefused
from registry.kernel.parameters import Parameter, ParameterKind
from registry.parameters import catalogue, queries, service
from registry.parameters.domain import Decision
from tests.conftest import BISHKEK
from tests.databases import engine_for

DAYS = Parameter("x.days", "days of a test", ParameterKind.DAYS, "90", "group", ("T",), minimum=1, maximum=365)
ASEL = Actor(1, "asel", frozenset({"officer"}))
BAKYT = Actor(2, "bakyt", frozenset({"approver"}))
TODAY = date(2026, 11, 22)
"""The day of the fixture `clock`."""


def wanted(value: str = "60", on: date = TODAY, act: str = "No. 7") -> service.NewValue:
    return service.NewValue(DAYS, value, on, act, date(2026, 11, 1), " why ")


def propose(session: Session, clock: FixedClock, command: service.NewValue) -> int:
    with unit_of_work(session):
        return service.propose(session, ASEL, clock, command)


def approve(session: Session, clock: FixedClock, value_id: int) -> None:
    with unit_of_work(session):
        service.approve(session, BAKYT, clock, value_id)


def in_force(session: Session, day: date = TODAY, known_at: datetime | None = None) -> int:
    return queries.parameters_on(session, day, known_at).number(DAYS)


def test_a_value_counts_once_a_second_person_approved_it(session: Session, clock: FixedClock) -> None:
    value_id = propose(session, clock, wanted())
    assert in_force(session) == 90
    assert [fact.id for fact in queries.waiting_values(session)] == [value_id]
    approve(session, clock, value_id)
    assert (in_force(session), in_force(session, TODAY - timedelta(days=1))) == (60, 90)
    fact = queries.value_by_id(session, value_id)
    assert fact is not None
    assert (fact.act, fact.act_date, fact.note) == ("No. 7", date(2026, 11, 1), "why")
    assert (fact.proposed_by, fact.decided_by, fact.decision) == ("asel", "bakyt", Decision.APPROVED)
    assert queries.waiting_values(session) == []


def test_par_01_whoever_proposes_does_not_approve(session: Session, clock: FixedClock) -> None:
    value_id = propose(session, clock, wanted())
    with pytest.raises(RuleRefused) as refused, unit_of_work(session):
        service.approve(session, ASEL, clock, value_id)
    assert [finding.rule.code for finding in refused.value.findings] == ["PAR-01"]
    assert in_force(session) == 90
    approve(session, clock, value_id)
    assert in_force(session) == 60


def test_a_late_approval_never_reaches_back(session: Session, clock: FixedClock) -> None:
    value_id = propose(session, clock, wanted(on=TODAY + timedelta(days=1)))
    later = FixedClock(clock.moment + timedelta(days=10), BISHKEK)
    approve(session, later, value_id)
    ninth, tenth = TODAY + timedelta(days=9), TODAY + timedelta(days=10)
    assert (in_force(session, ninth), in_force(session, tenth)) == (90, 60)
    fact = queries.value_by_id(session, value_id)
    assert fact is not None
    assert (fact.effective_on, fact.counts_from) == (TODAY + timedelta(days=1), tenth)


def test_what_was_known_at_a_moment_can_be_asked(session: Session, clock: FixedClock) -> None:
    value_id = propose(session, clock, wanted())
    later = FixedClock(clock.moment + timedelta(hours=2), BISHKEK)
    approve(session, later, value_id)
    hour = timedelta(hours=1)
    assert in_force(session, TODAY, clock.now() + hour) == 90
    assert in_force(session, TODAY, clock.now() + 2 * hour) == 60


def test_a_rejected_or_withdrawn_value_never_counts(session: Session, clock: FixedClock) -> None:
    rejected, withdrawn = propose(session, clock, wanted("61")), propose(session, clock, wanted("62"))
    with pytest.raises(Invalid), unit_of_work(session):
        service.reject(session, BAKYT, clock, rejected, "  ")
    with unit_of_work(session):
        service.reject(session, BAKYT, clock, rejected, "no ground")
        service.withdraw(session, ASEL, clock, withdrawn)
    assert in_force(session) == 90
    facts = queries.values_of(session, DAYS.code)
    assert [(fact.decision, fact.reason) for fact in facts] == [
        (Decision.REJECTED, "no ground"),
        (Decision.WITHDRAWN, None),
    ]
    for value_id in (rejected, withdrawn):
        with pytest.raises(Conflict), unit_of_work(session):
            service.approve(session, BAKYT, clock, value_id)
    with pytest.raises(NotFound), unit_of_work(session):
        service.approve(session, BAKYT, clock, 10**6)


@pytest.mark.parametrize(
    ("command", "column", "code"),
    [
        (wanted("0"), "value", "too-small"),
        (wanted("90"), "value", "unchanged"),
        (wanted(on=TODAY - timedelta(days=1)), "effective_on", "in-the-past"),
        (wanted(act=" "), "act", "missing"),
    ],
)
def test_what_cannot_be_proposed(
    session: Session, clock: FixedClock, command: service.NewValue, column: str, code: str
) -> None:
    with pytest.raises(Invalid) as bad:
        propose(session, clock, command)
    assert [(problem.column, problem.code) for problem in bad.value.problems] == [(column, code)]


def test_the_administrator_takes_over_what_has_long_been_in_force(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        service.set_value(session, ASEL, clock, wanted("45", date(2020, 1, 1)))
    assert (in_force(session, date(2019, 12, 31)), in_force(session, date(2020, 1, 1))) == (90, 45)
    kept = session.query(AuditEvent).filter(AuditEvent.action == "parameters.set").one()
    assert (kept.actor, kept.subject) == ("asel", "parameter x.days")


@pytest.mark.parametrize("table", ["parameter_value", "parameter_decision"])
@pytest.mark.parametrize("deed", ["DELETE FROM {}", "UPDATE {} SET note = 'x'"])
def test_the_database_refuses_to_change_what_was_decided(
    session: Session, clock: FixedClock, table: str, deed: str
) -> None:
    approve(session, clock, propose(session, clock, wanted()))
    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(text(deed.format(table)))


def test_two_officers_cannot_both_decide(database_url: str, clock: FixedClock) -> None:
    """The lock aside, the key of the decision stands: here it is taken before the second one writes."""
    engine = engine_for(database_url)
    with Session(engine) as session:
        value_id = propose(session, clock, wanted())
        approve(session, clock, value_id)
        with pytest.raises(Conflict), unit_of_work(session):
            service._decide(session, BAKYT, clock, value_id, Decision.REJECTED, None, "x")
    engine.dispose()


def test_reading_takes_one_statement_however_much_was_set(session: Session, clock: FixedClock) -> None:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "BEGIN")):
            seen.append(statement)

    with unit_of_work(session):
        for days in range(1, 40):
            service.set_value(session, ASEL, clock, wanted(str(days), TODAY + timedelta(days=days)))
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert in_force(session, TODAY + timedelta(days=39)) == 39
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 1


def test_everything_that_may_be_set_is_found_once() -> None:
    found = catalogue.all_parameters()
    assert "severity.STK-10" in found
    assert not {f"severity.{rule.code}" for rule in catalogue.all_rules().values() if rule.fixed} & found.keys()
    fixed = {rule.code for rule in catalogue.all_rules().values() if rule.fixed}
    assert {"QTA-08", "PRM-12", "PRM-13", "STK-03", "STK-04", "LIC-01", "PAR-01"} <= fixed
    assert all(code == parameter.code for code, parameter in found.items())


def test_a_code_that_is_mistyped_is_answered_with_what_is_near() -> None:
    assert catalogue.parameter_named("severity.STK-10").default == "flag"
    with pytest.raises(NotFound, match=r"severity\.STK-1"):
        catalogue.parameter_named("severity.STK-1O")
    with pytest.raises(NotFound):
        catalogue.parameter_named("\u0444\u0444\u0444")


def test_par_01_two_accounts_of_one_employee_are_one_person(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        for name, role in (("asel", "officer"), ("asel.2", "approver"), ("bakyt", "approver")):
            person = "T-17" if name.startswith("asel") else "T-18"
            new = NewAccount(name, name.title(), frozenset({role}), person=person)
            create_account(session, SYSTEM, clock, new)
    value_id = propose(session, clock, wanted())
    with pytest.raises(RuleRefused), unit_of_work(session):
        service.approve(session, Actor(3, "asel.2", frozenset({"approver"})), clock, value_id)
    approve(session, clock, value_id)
    assert in_force(session) == 60
