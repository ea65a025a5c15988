"""Random lives of many cases and permits, acted by five accounts of four people.

No path may let one person propose and decide, under one account or two; what the tables do not allow is refused
with a reason; what is reserved never passes what may be granted.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.models import Account
from registry.deeds import models as deed_rows
from registry.deeds.service import decide
from registry.kernel.actor import Actor
from registry.kernel.errors import Conflict, RegistryError
from registry.kernel.text import Message
from registry.permits import service
from registry.permits.domain.deeds import PERMIT_DEEDS
from registry.permits.domain.proposals import Cut, Proposal
from registry.permits.domain.transitions import SUBMIT, TRANSITIONS
from registry.permits.models import Application, ApplicationLine, Permit, PermitLine
from registry.permits.queries import application_by_id, permits_by_numbers, positions
from registry.permits.service import stepping, stops
from tests.depth import EXAMPLES, LONG
from tests.permits.acting import JUNE, importer

STEPS = 50
GIVEN = (None, "0", "1", "999", "20000", "60001")
"""What an officer proposes: all that was asked for, nothing, less, about as much, more than anybody asks."""
ASEL, ASEL_TOO, BAKYT, CHYNARA = "asel", "asel-2", "bakyt", "chynara"
PERSON = {ASEL: "p-1", ASEL_TOO: "p-1", BAKYT: None, CHYNARA: None}
ROLES = {
    ASEL: frozenset({"officer"}),
    ASEL_TOO: frozenset({"approver"}),
    BAKYT: frozenset({"approver"}),
    CHYNARA: frozenset({"officer", "approver"}),
}
Step = Callable[[Session, Actor, int, int], object]
TAKES: dict[str, Step] = {
    "take_up": lambda s, a, n, v: service.take_up(s, a, JUNE, n, v),
    "request_information": lambda s, a, n, v: service.request_information(s, a, JUNE, n, v, "which site?"),
    "answer": lambda s, a, n, v: service.answer(s, a, JUNE, n, v, "the main one"),
    "propose": lambda s, a, n, v: service.propose(s, a, JUNE, n, v),
    "propose_refusal": lambda s, a, n, v: service.propose_refusal(s, a, JUNE, n, v, "false_data", "false"),
    "send_back": lambda s, a, n, v: service.send_back(s, a, JUNE, n, v, "look again"),
    "issue": lambda s, a, n, v: service.issue(s, a, JUNE, n, v),
    "refuse": lambda s, a, n, v: service.refuse(s, a, JUNE, n, v, "false_data", "false"),
    "withdraw": lambda s, a, n, v: service.withdraw(s, a, JUNE, n, v),
}


def person(username: str) -> str:
    return PERSON.get(username) or username


class Office(RuleBasedStateMachine):
    """One office in one transaction that is thrown away at the end."""

    session: Session
    steps = tuple(sorted(TAKES))
    acting = tuple(ROLES)
    most_cases = 6

    def __init__(self) -> None:
        super().__init__()
        self.session.rollback()
        for username, code in PERSON.items():
            self.session.add(
                Account(
                    username=username,
                    name=username,
                    person=code,
                    language="en",
                    active=True,
                    is_demo=False,
                    must_change_password=False,
                    created_at=JUNE.now(),
                )
            )
        self.session.flush()
        firm = importer(self.session)
        self.people = [Actor(None, name, ROLES[name]) for name in self.acting] + [firm]
        self.firm = firm
        self.cases: list[int] = []
        self.permits: list[str] = []
        self.deeds: list[int] = []
        self.has_changed = False

    def teardown(self) -> None:
        self.session.rollback()

    def attempt(self, act: Callable[[], object]) -> RegistryError | None:
        """Do one thing; what is refused leaves nothing behind."""
        try:
            with self.session.begin_nested():
                act()
        except RegistryError as error:
            self.session.expire_all()
            return error
        except IntegrityError as error:
            # Outside a unit of work nobody says it: the same deed waits for this subject already.
            if "deed" not in str(error.orig):
                raise
            self.session.expire_all()
            return Conflict(Message("the same deed waits already"))
        self.has_changed = True
        return None

    @precondition(lambda self: len(self.cases) < self.most_cases)
    @rule(quantity=st.sampled_from(["1", "1000", "20000", "53333", "60000"]))
    def apply(self, quantity: str) -> None:
        command = service.Submission(
            f"R-{len(self.cases)}",
            "import",
            "E-IMP",
            "IN",
            "S",
            (("MOR10", quantity),),
            JUNE.today(),
            purpose="medical",
        )
        self.attempt(lambda: self.cases.append(service.submit_application(self.session, self.firm, JUNE, command)))

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), age=st.integers(0, 9))
    def take(self, data: st.DataObject, age: int) -> None:
        stale = age == 1
        step = data.draw(st.sampled_from(self.steps))
        actor = data.draw(st.sampled_from(self.people))
        number = data.draw(st.sampled_from(self.cases))
        row = application_by_id(self.session, number)
        assert row is not None
        transition = TRANSITIONS[step]
        allowed = (
            row.state in transition.sources
            and policy.allows(actor, transition.action, row.asked.organisation_id)
            and not (transition.second_person and person(row.proposed_by or "") == person(actor.username))
            and not stale
        )
        version = row.version - 1 if stale else row.version
        given = data.draw(st.sampled_from(GIVEN)) if step == "propose" else None
        if given is None:
            refused = self.attempt(lambda: TAKES[step](self.session, actor, number, version))
        else:
            less = Proposal((Cut("MOR10", given, "need_not_shown", "half will do"),))
            refused = self.attempt(lambda: service.propose(self.session, actor, JUNE, number, version, proposal=less))
        if not allowed:
            assert refused is not None, (step, row.state, actor.username)
        now = application_by_id(self.session, number)
        assert now is not None
        assert (now.state, now.version) == (
            (row.state, row.version) if refused else (transition.target.value, row.version + 1)
        )
        if refused is None and step == "issue":
            self.permits.append(self.session.scalar(select(Permit.number).where(Permit.id == now.permit_id)) or "")

    @precondition(lambda self: self.permits)
    @rule(data=st.data(), code=st.sampled_from(sorted(PERMIT_DEEDS)))
    def ask(self, data: st.DataObject, code: str) -> None:
        actor, number = data.draw(st.sampled_from(self.people)), data.draw(st.sampled_from(self.permits))
        permit = permits_by_numbers(self.session, [number])[number]
        deed = PERMIT_DEEDS[code]
        allowed = permit.state_on(JUNE.today()) in deed.sources and policy.allows(
            actor, deed.kind.proposes, permit.organisation_id
        )
        asked = stops.Asked(number, code, "because", JUNE.today(), {})
        refused = self.attempt(lambda: self.deeds.append(stops.ask(self.session, actor, JUNE, asked, "KG").id))
        assert allowed or refused is not None

    @precondition(lambda self: self.deeds)
    @rule(data=st.data(), approve=st.booleans())
    def decide(self, data: st.DataObject, approve: bool) -> None:
        actor, number = data.draw(st.sampled_from(self.people)), data.draw(st.sampled_from(self.deeds))
        deed = self.session.get(deed_rows.Deed, number, populate_existing=True)
        if deed is None:
            return
        kind = PERMIT_DEEDS[deed.kind].kind
        waits, proposer = deed.state == "proposed", deed.proposed_by

        def act() -> None:
            done = decide(self.session, actor, JUNE, kind, number, approve=approve, note="why")
            if approve:
                stops.carry_out(self.session, actor, JUNE, done, "KG")

        if not kind.decides:
            return
        refused = self.attempt(act)
        allowed = waits and policy.allows(actor, kind.decides, deed.organisation_id)
        if not allowed or person(proposer) == person(actor.username):
            assert refused is not None

    @invariant()
    def two_persons(self) -> None:
        decided = select(Application.proposed_by, Application.decided_by).where(Application.decided_by.is_not(None))
        mended = select(deed_rows.Deed.proposed_by, deed_rows.Deed.decided_by).where(
            deed_rows.Deed.decided_by.is_not(None)
        )
        for proposer, decider in (*self.session.execute(decided), *self.session.execute(mended)):
            assert person(proposer) != person(decider), (proposer, decider)

    @invariant()
    def nothing_beyond_what_was_asked(self) -> None:
        given = (
            select(PermitLine.units, ApplicationLine.units)
            .join(Application, Application.permit_id == PermitLine.permit_id)
            .join(
                ApplicationLine,
                (ApplicationLine.application_id == Application.id)
                & (ApplicationLine.product_id == PermitLine.product_id),
            )
        )
        for permitted, asked in self.session.execute(given):
            assert 0 < permitted <= asked

    @invariant()
    def nothing_over_quota(self) -> None:
        changed, self.has_changed = self.has_changed, False
        for _, position in positions(self.session, 2024, JUNE.today()) if changed else ():
            if position.binds and position.state_quota is not None:
                assert position.headroom >= 0


class OneWay(Office):
    """The same office where one person with two accounts does little but propose and issue."""

    steps = ("take_up", "propose", "issue")
    acting = (ASEL, ASEL_TOO)
    most_cases = 1


def run(session: Session, examples: int, steps: int = STEPS, machine: type[Office] = Office) -> None:
    machine.session = session
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    asked = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=checks,
        database=None,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine, settings=asked)


@pytest.mark.timeout(7200 if LONG else 1800)
def test_no_path_lets_one_person_propose_and_decide(stocked: Session) -> None:
    run(stocked, EXAMPLES)


def test_the_machine_sees_a_missing_second_person(stocked: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "takes_both_steps", lambda *_: False)
    with pytest.raises(AssertionError):
        run(stocked, 50, machine=OneWay)


def test_every_step_of_the_table_is_taken_by_the_machine() -> None:
    assert set(TAKES) == set(TRANSITIONS) - {SUBMIT.step}
