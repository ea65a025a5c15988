"""Every state x every step x everybody, generated from the table: through the page and through the interface.

What the table and the policy allow works in both, everything else is refused and leaves the case as it was.
"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import Role
from registry.kernel.actor import Actor
from registry.parties.queries import organisations_by_codes
from registry.permits import service
from registry.permits.domain.transitions import SUBMIT, TRANSITIONS, State
from registry.permits.models import Application
from registry.permits.queries import application_by_id
from tests.api.programs import Program, token_of
from tests.pages import PEOPLE, Office, cheap_hashes, office

__all__ = ["cheap_hashes", "office"]

STEPS = [name for name in TRANSITIONS if name != SUBMIT.step]
DONE, REFUSED = {200, 303}, {403, 404, 409, 412, 422}
TYPED = {"note": "a text", "ground": "false_data", "appeal": "to the court within a month"}


def submitted(office: Office, reference: str) -> int:
    with office.work() as session:
        applicant = actor(session, "imran")
        command = service.Submission(
            reference, "import", "E-IMP", "IN", "S", (("MOR10", "10"),), date(2024, 7, 1), purpose="medical"
        )
        return service.submit_application(session, applicant, office.clock, command)


def actor(session: Session, username: str) -> Actor:
    role, code = PEOPLE[username]
    found = policy_organisation(session, code)
    return Actor(None, username, frozenset({role}), found)


def policy_organisation(session: Session, code: str | None) -> int | None:
    return organisations_by_codes(session, [code])[code] if code else None


def put(office: Office, case_id: int, state: State) -> int:
    """Bring the case into a state, proposed by an officer where somebody must have; return its version."""
    proposer = "asel" if state in (State.PROPOSED, State.REFUSAL_PROPOSED, State.ISSUED, State.REFUSED) else None
    with office.work() as session:
        session.execute(
            update(Application)
            .where(Application.id == case_id)
            .values(
                state=state.value,
                proposed_by=proposer,
                decided_by=None,
                permit_id=None,
                version=Application.version + 1,
            )
        )
        return application_by_id(session, case_id).version  # type: ignore[union-attr]


def standing(office: Office, case_id: int) -> tuple[str, int]:
    with office.rows() as session:
        row = application_by_id(session, case_id)
        assert row is not None
        return row.state, row.version


@pytest.mark.parametrize("way", ["page", "interface"])
def test_every_state_step_and_role(office: Office, way: str) -> None:
    people = {name: office.browser(name) for name in PEOPLE}
    programs = {name: Program(office, token_of(office, name)) for name in PEOPLE} if way == "interface" else {}
    wrong, allowed_ones = [], 0
    for state in State:
        for name in STEPS:
            # A case is decided once, for good: each step has one of its own.
            reference = f"{state.value}-{name}"
            case_id = submitted(office, reference)
            for username in PEOPLE:
                version = put(office, case_id, state)
                transition = TRANSITIONS[name]
                with office.rows() as session:
                    who = actor(session, username)
                    owner = application_by_id(session, case_id).asked.organisation_id  # type: ignore[union-attr]
                allowed = state in transition.sources and policy.allows(who, transition.action, owner)
                if way == "page":
                    typed = TYPED | {"version": str(version)}
                    status = people[username].post(f"/cases/{case_id}/steps/{name}", data=typed).status_code
                else:
                    body = {key: TYPED[key] for key in ("note", "ground")}
                    address = f"/applications/{reference}/steps/{name}"
                    status = programs[username].post(address, body, If_Match=f'"{version}"').status_code
                now = standing(office, case_id)
                fits = (
                    status in DONE and now == (transition.target.value, version + 1)
                    if allowed
                    else status in REFUSED and now == (state.value, version)
                )
                allowed_ones += allowed
                if not fits:
                    wrong.append((state.value, name, username, status, now))
    assert wrong == []
    assert allowed_ones >= len(STEPS)


def test_the_people_of_the_test_hold_every_role_that_acts() -> None:
    acting = {role for step in TRANSITIONS.values() for role in policy.ACTIONS[step.action].roles}
    assert acting <= {Role(role) for role, _ in PEOPLE.values()} | {Role.SYSTEM}
