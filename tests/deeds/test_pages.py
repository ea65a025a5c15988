"""Deeds through the pages: proposed on the permit, decided on the page of the second person, shown ever after."""

from __future__ import annotations

import re
from datetime import date

from flask.testing import FlaskClient

from registry.deeds.domain import Deed
from registry.deeds.queries import waiting_deeds
from registry.deeds.service import begin
from registry.deputies.domain import NAME
from registry.kernel.actor import SYSTEM
from registry.licences.domain import DEEDS as LICENCE_DEEDS
from registry.mergers.domain import MERGE
from registry.permits.domain.deeds import CORRECT
from registry.quotas.domain.deeds import CORRECT as CORRECT_LINE
from registry.quotas.domain.deeds import subject_of
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]

P_6 = "/permits/P-6"


def propose(client: FlaskClient, code: str, **typed: str) -> object:
    return client.post(
        f"/permits/deeds/permits.{code}/P-6", data={"reason": "an error of ours", "effective_on": "15.06.2024", **typed}
    )


def waiting(office: Office) -> int:
    with office.rows() as session:
        [deed] = waiting_deeds(session)
        return deed.id


def test_an_error_is_mended_by_two_persons_and_stays_visible(office: Office) -> None:
    officer, approver = office.browser("asel"), office.browser("bakyt")
    page = text_of(officer.get("/permits/deeds/permits.correct/P-6"))
    assert 'name="quantity:MOR10" value="120000"' in page
    assert propose(officer, "correct", **{"quantity:MOR10": "12000"}).status_code == 303
    assert "waits for a second person" in text_of(officer.get(P_6))
    assert "Approve" not in text_of(officer.get("/deeds"))
    assert "120000 → 12000" in text_of(approver.get("/deeds"))
    own = officer.post(f"/deeds/{waiting(office)}", data={"decision": "approve"})
    assert own.status_code in (403, 422)
    answer = approver.post(f"/deeds/{waiting(office)}", data={"decision": "approve", "note": ""})
    assert (answer.status_code, answer.location) == (303, P_6)
    old = text_of(approver.get(P_6))
    assert "recorded in error" in old
    [new] = re.findall(r"KG-I-2024-\d{6}", old)[:1]
    assert "It stands in place of" in text_of(approver.get(f"/permits/{new}"))
    assert "12,000 pcs" in text_of(approver.get(f"/permits/{new}")).replace("\u00a0", " ")


def test_a_suspended_licence_stops_the_permit_on_every_page(office: Office) -> None:
    officer = office.browser("asel")
    typed = {"reason": "inspection of 14 June", "effective_on": "15.06.2024"}
    assert officer.post("/licences/deeds/licences.suspend/LIC-E-IMP", data=typed).status_code == 303
    assert "suspended" in text_of(officer.get("/licences/LIC-E-IMP"))
    page = text_of(office.browser("imran").get(P_6))
    assert "suspended" in page
    assert "The licence it rests on no longer covers it" in page
    assert "P-6" in text_of(officer.get("/permits?state=suspended"))
    home = text_of(office.browser("imran").get("/"))
    for part in (
        "LIC-E-IMP",
        "licence suspended",
        "From 15 Jun 2024: inspection of 14 June",
        "Permits that stopped",
        "P-6",
    ):
        assert part in home
    assert "Permits that stopped" not in text_of(office.browser("maksat").get("/"))
    officer.post("/licences/deeds/licences.withdraw/LIC-E-IMP", data=typed)
    page = text_of(office.browser("bakyt").get("/deeds"))
    assert "licence suspended → licence withdrawn" in page
    assert "E-IMP" in page


def test_wrong_input_is_told_and_kept(office: Office) -> None:
    officer = office.browser("asel")
    answer = propose(officer, "correct", **{"quantity:MOR10": "1,5", "reason": "why not"})
    assert answer.status_code == 422
    assert 'value="1,5"' in text_of(answer)
    assert propose(officer, "suspend", reason="").status_code == 422
    assert propose(officer, "suspend", effective_on="31.02.2024").status_code == 422
    assert officer.get("/permits/deeds/permits.fly/P-6").status_code == 404


def test_firms_and_auditors_do_not_ask(office: Office) -> None:
    for name in ("imran", "chinara"):
        assert office.browser(name).get("/permits/deeds/permits.suspend/P-6").status_code == 403
    assert office.browser("imran").get("/deeds").status_code == 403


def of_every_room(line: int, permit: str, licence: str, pair: tuple[str, str], away: str) -> list[Deed]:
    """Return a proposed deed of every room whose deeds say more than their reason."""
    day = date(2024, 6, 15)
    named = {"deputy": "dinara", "act": "Order 1", "act_date": "2024-06-01", "to_on": "2024-07-01"}
    return [
        Deed(CORRECT.kind, permit, "why", day, None, {"partner": "Another", "quantity:MOR10": "1"}),
        Deed(LICENCE_DEEDS["licences.withdraw"], licence, "why", day, None, {}),
        Deed(CORRECT_LINE, subject_of(line), "why", day, None, {"quantity_g": "1"}),
        Deed(MERGE, f"site {pair[0]}", "why", day, None, {"survivor": pair[1]}),
        Deed(NAME, away, "why", day, None, named),
    ]


def test_the_page_takes_no_more_statements_for_more_deeds(office: Office) -> None:
    client = office.browser("bakyt")
    office.hire("asel", "dinara", "chinara")

    def begun(*deeds: Deed) -> int:
        with office.work() as session:
            for deed in deeds:
                begin(session, SYSTEM, office.clock, deed)
        return office.statements(client, "/deeds")

    one = begun(*of_every_room(1, "P-1", "LIC-E-IMP", ("E-PH1", "E-PH2"), "asel"))
    more = begun(
        *of_every_room(2, "P-2", "LIC-E-WHO", ("E-MAK", "E-WHO"), "chinara"),
        *of_every_room(3, "P-3", "LIC-E-MAK", ("E-IMP", "E-MAK"), "dinara"),
    )
    assert more == one
    page = text_of(client.get("/deeds"))
    for said in ("Another", "LIC-E-MAK", "Code of the record that stays", "Order 1"):
        assert page.count(said) >= 3 or said == "LIC-E-MAK", said
