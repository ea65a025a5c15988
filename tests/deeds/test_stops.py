"""Stops of permits and licences: two persons, the quota freed and taken again, errors mended and still visible."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.deeds.domain import DeedFact, DeedState
from registry.deeds.queries import deeds_of, waiting_deeds
from registry.deeds.service import decide
from registry.kernel.actor import Actor
from registry.kernel.errors import Conflict, Forbidden, Invalid, RuleRefused, TransitionRefused
from registry.licences import service as licences
from registry.licences.domain import DEEDS
from registry.licences.queries import licences_by_numbers
from registry.permits.domain.deeds import PERMIT_DEEDS, QUANTITY
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PermitState
from registry.permits.queries import permits_by_numbers, positions
from registry.permits.service import stops
from registry.permits.watches import standing_again
from tests.permits.acting import APPROVER, BOTH, JUNE, OFFICER, apply, importer, issued, proposed, row

TODAY = JUNE.today()
G = 10**9


def headroom(session: Session, day: date = TODAY) -> int:
    return next(
        int(position.headroom) for substance, position in positions(session, 2024, day) if substance.code == "NM 009"
    )


def permit(session: Session, number: str) -> PermitFact:
    return permits_by_numbers(session, [number])[number]


def ask(session: Session, actor: Actor, number: str, code: str, payload: dict[str, str] | None = None) -> DeedFact:
    asked = stops.Asked(number, f"permits.{code}", "because", TODAY, payload or {})
    done = stops.ask(session, actor, JUNE, asked, "KG")
    session.commit()
    return done


def decided(session: Session, deed: DeedFact, actor: Actor = APPROVER) -> None:
    done = decide(session, actor, JUNE, PERMIT_DEEDS[deed.kind].kind, deed.id, approve=True)
    stops.carry_out(session, actor, JUNE, done, "KG")


def test_a_suspended_permit_frees_its_quota_that_day_and_takes_it_again(stocked: Session) -> None:
    before = headroom(stocked)
    number = issued(stocked, proposed(stocked, "A-1", 40_000))
    assert headroom(stocked) == before - 300 * G
    ask(stocked, OFFICER, number, "suspend")
    assert permit(stocked, number).state_on(TODAY) is PermitState.SUSPENDED
    assert headroom(stocked) == before
    assert headroom(stocked, TODAY - timedelta(1)) == before
    with pytest.raises(TransitionRefused):
        ask(stocked, OFFICER, number, "suspend")
    deed = ask(stocked, OFFICER, number, "reinstate")
    assert deed.state is DeedState.PROPOSED
    assert permit(stocked, number).state_on(TODAY) is PermitState.SUSPENDED
    decided(stocked, deed)
    assert permit(stocked, number).state_on(TODAY) is PermitState.VALID
    assert headroom(stocked) == before - 300 * G


def test_a_permit_is_not_reinstated_into_a_quota_that_is_gone(stocked: Session) -> None:
    number = issued(stocked, proposed(stocked, "A-1", 40_000))
    ask(stocked, OFFICER, number, "suspend")
    issued(stocked, proposed(stocked, "A-2", 20_000))
    deed = ask(stocked, OFFICER, number, "reinstate")
    with pytest.raises(RuleRefused) as refused:
        decided(stocked, deed)
    assert [finding.rule.code for finding in refused.value.findings] == ["QTA-01"]


def test_ded_01_nobody_decides_on_what_he_proposed(stocked: Session) -> None:
    number = issued(stocked, proposed(stocked, "A-1", 100))
    deed = ask(stocked, BOTH, number, "revoke")
    with pytest.raises(RuleRefused) as refused:
        decided(stocked, deed, BOTH)
    assert [finding.rule.code for finding in refused.value.findings] == ["DED-01"]
    decided(stocked, deed)
    assert permit(stocked, number).state_on(TODAY) is PermitState.REVOKED
    with pytest.raises(Conflict):
        decide(stocked, APPROVER, JUNE, PERMIT_DEEDS[deed.kind].kind, deed.id, approve=True)


def test_a_deed_waits_once_and_needs_a_reason(stocked: Session) -> None:
    number = issued(stocked, proposed(stocked, "A-1", 100))
    with pytest.raises(Invalid):
        stops.ask(stocked, OFFICER, JUNE, stops.Asked(number, "permits.revoke", "  ", TODAY, {}), "KG")
    early = stops.Asked(number, "permits.suspend", "x", TODAY - timedelta(1), {})
    with pytest.raises(Invalid):
        stops.ask(stocked, OFFICER, JUNE, early, "KG")
    with pytest.raises(Forbidden):
        ask(stocked, importer(stocked), number, "suspend")
    deed = ask(stocked, OFFICER, number, "revoke")
    assert [each.id for each in waiting_deeds(stocked)] == [deed.id]
    with pytest.raises(Invalid):
        decide(stocked, APPROVER, JUNE, PERMIT_DEEDS[deed.kind].kind, deed.id, approve=False)
    decide(stocked, APPROVER, JUNE, PERMIT_DEEDS[deed.kind].kind, deed.id, approve=False, note="no ground")
    assert permit(stocked, number).state_on(TODAY) is PermitState.VALID


def test_what_was_recorded_in_error_is_mended_by_a_new_permit_and_stays_visible(stocked: Session) -> None:
    before = headroom(stocked)
    number = issued(stocked, proposed(stocked, "A-1", 40_000))
    with pytest.raises(Invalid) as wrong:
        ask(stocked, OFFICER, number, "correct", {f"{QUANTITY}MOR10": "1,5", "partner_country": "XX", "stars": "1"})
    assert sorted(problem.column for problem in wrong.value.problems) == [
        "partner_country",
        f"{QUANTITY}MOR10",
        "stars",
    ]
    deed = ask(stocked, OFFICER, number, "correct", {f"{QUANTITY}MOR10": "4000", "partner": "Other Supplier"})
    decided(stocked, deed)
    old = permit(stocked, number)
    assert (old.state_on(TODAY), [line.units for line in old.lines.values()]) == (PermitState.REVOKED, [40_000])
    new = permit(stocked, "KG-I-2024-000002")
    assert (new.replaces_id, new.partner, [line.units for line in new.lines.values()]) == (
        old.id,
        "Other Supplier",
        [4_000],
    )
    assert headroom(stocked) == before - 30 * G
    assert [each.kind for each in deeds_of(stocked, number, "permits.")] == ["permits.correct"]


def test_a_duplicate_takes_the_place_of_a_lost_paper(stocked: Session) -> None:
    number = issued(stocked, proposed(stocked, "A-1", 100))
    decided(stocked, ask(stocked, OFFICER, number, "duplicate"))
    assert permit(stocked, number).state_on(TODAY) is PermitState.LOST
    again = permit(stocked, "KG-I-2024-000002")
    assert (again.expires_on, again.state_on(TODAY)) == (permit(stocked, number).expires_on, PermitState.VALID)


def licence_deed(session: Session, code: str, day: date = TODAY) -> DeedFact:
    [number] = [each for each in ("LIC-E-IMP",) if licences_by_numbers(session, [each])]
    done = licences.ask(session, OFFICER, JUNE, number, f"licences.{code}", "inspection", day)
    session.commit()
    return done


def decide_licence(session: Session, deed: DeedFact) -> None:
    done = decide(session, APPROVER, JUNE, DEEDS[deed.kind], deed.id, approve=True)
    licences.EFFECTS[deed.kind](session, APPROVER, JUNE, done)


def test_a_suspended_licence_stops_the_permits_that_rest_on_it(stocked: Session) -> None:
    before = headroom(stocked)
    number = issued(stocked, proposed(stocked, "A-1", 40_000))
    licence_deed(stocked, "suspend")
    assert permit(stocked, number).state_on(TODAY) is PermitState.SUSPENDED
    assert permit(stocked, number).stopped_on(TODAY).cause == "licence"  # type: ignore[union-attr]
    assert headroom(stocked) >= before
    report = apply(stocked, row("A-2", 10))
    assert any(finding.rule.code == "LIC-01" for finding in report.findings)
    with pytest.raises(RuleRefused):
        decided(stocked, ask(stocked, OFFICER, number, "reinstate"))
    stocked.rollback()


def test_a_licence_back_in_force_lets_the_officer_reinstate(stocked: Session) -> None:
    number = issued(stocked, proposed(stocked, "A-1", 40_000))
    licence_deed(stocked, "suspend")
    decide_licence(stocked, licence_deed(stocked, "reinstate"))
    assert permit(stocked, number).state_on(TODAY) is PermitState.SUSPENDED
    decided(stocked, ask(stocked, OFFICER, number, "reinstate"))
    assert permit(stocked, number).state_on(TODAY) is PermitState.VALID


def test_prm_36_a_permit_that_could_stand_again_is_not_forgotten(stocked: Session) -> None:
    number = issued(stocked, proposed(stocked, "A-1", 40_000))
    assert standing_again(stocked, JUNE) == []
    licence_deed(stocked, "suspend")
    assert standing_again(stocked, JUNE) == []
    decide_licence(stocked, licence_deed(stocked, "reinstate"))
    found = standing_again(stocked, JUNE)
    assert {(one.rule.code, one.subject) for one in found} >= {("PRM-36", f"permit {number}")}
    assert all(one.organisation_id is not None for one in found)
    decided(stocked, ask(stocked, OFFICER, number, "reinstate"))
    assert f"permit {number}" not in {one.subject for one in standing_again(stocked, JUNE)}


def test_a_licence_recorded_in_error_counts_on_no_day_from_then_and_stays_visible(stocked: Session) -> None:
    decide_licence(stocked, licence_deed(stocked, "error"))
    licence = licences_by_numbers(stocked, ["LIC-E-IMP"])["LIC-E-IMP"][-1]
    assert licence.is_in_force(TODAY - timedelta(1))
    assert not licence.is_in_force(TODAY)
    with pytest.raises(TransitionRefused):
        licence_deed(stocked, "suspend")


def test_a_suspension_in_between_leaves_the_days_around_it(stocked: Session) -> None:
    licence_deed(stocked, "suspend", TODAY + timedelta(5))
    licence = licences_by_numbers(stocked, ["LIC-E-IMP"])["LIC-E-IMP"][-1]
    assert licence.is_in_force(TODAY + timedelta(4))
    assert not licence.is_in_force(TODAY + timedelta(5))
