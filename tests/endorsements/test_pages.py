"""Pages and endpoints of endorsements, of what is waited for, and the section on the page of a permit."""

from __future__ import annotations

from datetime import datetime

import pytest

from registry.permits.queries import permits_by_numbers
from tests.api.programs import program
from tests.conftest import BISHKEK
from tests.endorsements.acting import arrive, asked, certify, leave, passed, stated
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import OFFICER

__all__ = ["cheap_hashes", "office"]

TYPED = {
    "number": "E-1",
    "foreign_number": "IN-P-6",
    "arrived_on": "12.06.2024",
    "endorsed_on": "14.06.2024",
    "customs_office": "Bishkek",
}


@pytest.fixture
def line(office: Office) -> str:
    """The number of the only line of P-6, after 119,000 tablets came."""
    with office.rows() as session:
        passed(session, 119_500)
        arrive(session, 119_000)
        return str(next(iter(permits_by_numbers(session, ["P-6"])["P-6"].lines.values())).id)


def test_an_officer_records_and_corrects_and_the_permit_shows_all_four_figures(office: Office, line: str) -> None:
    client = office.browser("asel")
    form = client.get("/endorsements/record/P-6")
    for offered in ('value="119000"', 'value="IN-P-6"', 'value="P-6-E1"', 'value="12.06.2024"'):
        assert offered in form.text
    refused = client.post("/endorsements/record/P-6", data=TYPED | {f"quantity_{line}": "119000", "endorsed_on": ""})
    assert refused.status_code == 422
    assert "This field is required" in text_of(refused)
    silent = TYPED | {f"quantity_{line}": "119000", f"reason_{line}": ""}
    refused = client.post("/endorsements/record/P-6", data=silent)
    assert "the quantity differs from what was expected: say why" in text_of(refused)
    assert f'id="reason_{line}-error"' in refused.text
    typed = TYPED | {f"quantity_{line}": "119000", f"reason_{line}": "short_shipment"}
    for _ in range(2):
        done = client.post("/endorsements/record/P-6", data=typed)
        assert done.status_code == 303, text_of(done)
    shown = text_of(client.get(done.location))
    for part in ("119,000 pcs", "less was shipped", "Bishkek", "Replace it by a corrected one", "Documents"):
        assert part in shown
    permit = text_of(client.get("/permits/P-6"))
    for figure in ("120,000 pcs", "119,500 pcs", "119,000 pcs", "500 pcs"):
        assert figure in permit
    assert "Record an endorsement" not in permit
    corrected = client.post("/endorsements/record/P-6?replaces=E-1", data=typed | {"number": "E-2"})
    assert corrected.status_code == 303, text_of(corrected)
    assert "It is replaced by" in text_of(client.get(done.location))
    assert "Replace it by a corrected one" not in text_of(client.get(done.location))
    listed = text_of(client.get("/endorsements?q=P-6&direction=sent"))
    assert "replaced" in listed
    assert "E-2" in listed
    assert "No endorsement fits" in text_of(client.get("/endorsements?direction=received"))


def test_who_sees_and_who_records(office: Office, line: str) -> None:
    with office.rows() as session:
        one = certify(session, asked("E-1", stated(119_000, "short_shipment")))
    place = f"/endorsements/{one.id}"
    holder, other, approver = office.browser("imran"), office.browser("maksat"), office.browser("bakyt")
    read = text_of(holder.get(place))
    assert "less was shipped" in read
    assert "authority" in read
    assert OFFICER.username not in read
    assert OFFICER.username in text_of(approver.get(place))
    assert "E-1" in text_of(holder.get("/endorsements"))
    assert "E-1" in text_of(holder.get("/permits/P-6"))
    assert other.get(place).status_code == 404
    assert "E-1" not in text_of(other.get("/endorsements"))
    for client in (holder, approver):
        assert client.get("/endorsements/record/P-6").status_code == 403
    assert holder.get("/waiting").status_code == 403
    assert approver.get("/waiting?sent=" + "9" * 400).status_code == 200
    assert approver.post("/waiting/reminders").status_code == 403
    assert office.browser("asel").get("/endorsements/record/NO-SUCH").status_code == 404


def test_a_correction_of_what_no_longer_stands_is_refused_and_adds_nothing(office: Office, line: str) -> None:
    client = office.browser("asel")
    typed = TYPED | {f"quantity_{line}": "119000", f"reason_{line}": "short_shipment"}
    told = client.post("/endorsements/record/P-6?replaces=E-9", data=typed)
    assert told.status_code == 422
    assert "there is no endorsement E-9 of this permit to be replaced" in text_of(told)
    assert "No endorsement fits" in text_of(client.get("/endorsements"))


def test_the_holder_sees_on_the_permit_whose_turn_it_is(office: Office, line: str) -> None:
    holder = office.browser("imran")
    page = text_of(holder.get("/permits/P-6"))
    assert "the export permit abroad is not endorsed. It is the turn of: this office, by 22 Jun 2024" in page
    office.at(datetime(2024, 6, 23, 9, 0, tzinfo=BISHKEK))
    assert "this office, late since 22 Jun 2024" in text_of(office.browser("imran").get("/permits/P-6"))


def test_what_we_wait_for_by_age_and_from_whom(office: Office, line: str) -> None:
    with office.rows() as session:
        leave(session, 1500, "2024-06-13")
    office.at(datetime(2024, 7, 14, 9, 0, tzinfo=BISHKEK))
    client = office.browser("asel")
    page = text_of(client.get("/waiting"))
    for part in ("our endorsement", "endorsement of the importing country", "Kazakhstan: no authority is recorded"):
        assert part in page
    assert page.index("our endorsement") < page.rindex("endorsement of the importing country")
    assert "X-1" not in text_of(client.get("/waiting?country=IN"))
    assert "P-6" not in text_of(client.get("/waiting?of=abroad"))
    assert "X-1" in text_of(client.get("/waiting?kind=foreign_endorsement&late=late"))
    assert "Nothing is waited for" in text_of(client.get("/waiting?kind=return"))
    sent = client.post("/waiting/reminders")
    assert sent.status_code == 303
    # Nobody of the holder has an address, and no authority of Kazakhstan is known.
    assert "Letters queued: 0" in text_of(client.get(sent.location))


@pytest.mark.parametrize("address", ["/endorsements", "/waiting"])
def test_pages_take_no_more_statements_for_more_permits(office: Office, line: str, address: str) -> None:
    office.at(datetime(2024, 7, 20, 9, 0, tzinfo=BISHKEK))
    client = office.browser("asel")
    with office.rows() as session:
        certify(session, asked("E-1", stated(119_000, "short_shipment")))
    few = office.statements(client, address)
    with office.rows() as session:
        leave(session, 1500)
        certify(session, asked("7/24", stated(1400, "damaged"), permit="X-1"))
        certify(session, asked("E-2", stated(200_000), permit="P-1"))
        arrive(session, 5, "2024-06-13", "P-1")
    assert office.statements(client, address) == few


def test_endorsements_by_program(office: Office, line: str) -> None:
    officer, holder = program(office, "asel"), program(office, "imran")
    sent = {
        "number": "E-1",
        "foreign_number": "IN-P-6",
        "arrived_on": "2024-06-12",
        "endorsed_on": "2024-06-14",
        "lines": [{"product": "MOR10", "quantity": "119000", "reason": "short_shipment"}],
    }
    first, second = (officer.post("/permits/P-6/endorsements", sent) for _ in range(2))
    assert (first.status_code, first.get_json()) == (201, second.get_json())
    assert first.get_json()["lines"][0] == {
        "product": "MOR10",
        "permitted": "120000",
        "received": "119000",
        "unit": "piece",
        "reason": "short_shipment",
        "text": None,
    }
    other = officer.post("/permits/P-6/endorsements", sent | {"arrived_on": "2024-06-13"})
    assert other.status_code == 409
    wrong = officer.post("/permits/P-6/endorsements", sent | {"number": "E-2", "lines": []})
    assert wrong.status_code == 422
    assert holder.post("/permits/P-6/endorsements", sent).status_code == 403
    assert [one["number"] for one in holder.read("/endorsements?permit=P-6")["items"]] == ["E-1"]
    compared = holder.read("/permits/P-6/comparison")["lines"][0]
    assert (compared["written_off"], compared["ledger"], compared["endorsed"], compared["difference"]) == (
        "119500", "119000", "119000", "500",
    )  # fmt: skip
    stranger = program(office, "maksat")
    assert stranger.get("/permits/P-6/comparison").status_code == 404
    assert stranger.get("/endorsements?permit=P-6").status_code == 404
    assert stranger.read("/endorsements")["items"] == []
    office.at(datetime(2024, 7, 20, 9, 0, tzinfo=BISHKEK))
    with office.rows() as session:
        leave(session, 1500)
    waiting = program(office, "asel").read("/waiting")["items"]
    assert [
        (one["kind"], one["since"], one["late"], one["reminders"]) for one in waiting if one["permit"] == "X-1"
    ] == [
        ("write_off", "2024-06-12", True, 0),
        ("foreign_endorsement", "2024-06-12", True, 0),
    ]
