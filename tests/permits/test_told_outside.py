"""A firm does not read what is proposed before it is decided: not as a state, not in the history, nowhere."""

from __future__ import annotations

import pytest

from registry.permits.domain.transitions import State, states_told_as, told_outside
from registry.permits.queries.cases import application_by_reference
from registry.permits.service import propose_refusal, send_back, take_up
from tests.api.programs import Program, token_of
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import APPROVER, JUNE, OFFICER, apply, case, proposed, row

__all__ = ["cheap_hashes", "office"]


def test_every_state_is_told_and_only_proposals_are_told_as_another() -> None:
    assert {state for state in State if told_outside(state) is not state} == {State.PROPOSED, State.REFUSAL_PROPOSED}
    assert sorted(state for told in State for state in states_told_as(told)) == sorted(State)
    assert states_told_as(State.UNDER_REVIEW) == ("under_review", "proposed", "refusal_proposed")
    assert states_told_as(State.PROPOSED) == ()


@pytest.mark.parametrize("refusal", [False, True])
def test_a_firm_reads_that_its_case_is_under_review(office: Office, refusal: bool) -> None:
    with office.work() as session:
        if refusal:
            assert apply(session, row("F-1", 10)).written
            take_up(session, OFFICER, JUNE, case(session, "F-1").id, 1)
            propose_refusal(session, OFFICER, JUNE, case(session, "F-1").id, 2, "no_licence", "said to nobody yet")
        else:
            proposed(session, "F-1", 10)
    with office.rows() as session:
        found = application_by_reference(session, "F-1")
        assert found is not None
        number = found.id
    inside = "proposed for refusal" if refusal else "proposed for issue"
    firm, officer = office.browser("imran"), office.browser("asel")
    assert inside in text_of(officer.get(f"/cases/{number}"))
    for address in (
        "/",
        "/applications",
        "/applications?state=under_review",
        f"/applications/{number}",
        "/search?q=F-1",
    ):
        told = text_of(firm.get(address))
        assert "nder review" in told, address
        at = told.find("roposed")
        assert at < 0, (address, told[at - 80 : at + 80])
        assert "said to nobody yet" not in told, address
    program = Program(office, token_of(office, "imran"))
    assert program.read("/applications/F-1")["state"] == "under_review"
    assert [each["reference"] for each in program.read("/applications?state=under_review")["items"]] == ["F-1"]
    assert program.read(f"/applications?state={'refusal_proposed' if refusal else 'proposed'}")["items"] == []
    authority = Program(office, token_of(office, "asel"))
    assert authority.read("/applications/F-1")["state"] == ("refusal_proposed" if refusal else "proposed")


def test_what_was_sent_back_stays_between_officers(office: Office) -> None:
    with office.work() as session:
        waiting = proposed(session, "F-2", 10)
        send_back(session, APPROVER, JUNE, waiting.id, waiting.version, "look at the dose again")
    told = text_of(office.browser("imran").get(f"/applications/{waiting.id}"))
    assert "look at the dose again" not in told
    assert "The application was submitted" in told
    assert "sent back" not in told
    assert "look at the dose again" in text_of(office.browser("asel").get(f"/cases/{waiting.id}"))
