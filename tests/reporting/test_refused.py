"""A refused file is not lost: it stays with its firm, names nobody, and is settled by its rows or discarded with a reason."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from registry.db import unit_of_work
from registry.exchange.service import SentFile, take_in
from registry.kernel.actor import SYSTEM
from registry.mail.domain import MASK
from registry.reporting.models import RefusedFile
from registry.reporting.service.refusals import settle
from registry.reporting.watches import refused
from tests.intake.tables import counted
from tests.live import actor_of
from tests.pages import Office, cheap_hashes, office, text_of
from tests.reporting.world import STOCK, on
from tests.world import move

__all__ = ["cheap_hashes", "office"]
NUMBER = "21406198000123"
HEAD = "reference,occurred_on,kind,site,product,batch,quantity,prescription,note"
GOOD = "D-1,2024-06-01,dispense,E-PH1,MOR10,A0,10,R-1,"
BAD = "D-2,2024-06-02,dispense,E-PH1,MOR10,A0,ten,R-2,"
NAMING = f"D-3,2024-06-03,dispense,E-PH1,MOR10,A0,1,R-3,for Asan {NUMBER}"


def send(pharmacy: FlaskClient, *rows: str, head: str = HEAD, name: str = "june.csv") -> str:
    """Send a file on the pages, look at it, and return where."""
    data = "\n".join((head, *rows)).encode()
    sent = pharmacy.post(
        "/files/movements", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data"
    )
    assert sent.status_code == 303, sent.text
    assert pharmacy.get(sent.headers["Location"]).status_code == 200
    return sent.headers["Location"]


def kept(office: Office) -> list[RefusedFile]:
    with office.rows() as session:
        return list(session.query(RefusedFile).order_by(RefusedFile.id))


@pytest.fixture
def country(office: Office) -> Office:
    with office.rows() as session:
        assert move(session, STOCK, clock=office.clock).written
    return office


def test_a_refused_file_stays_with_its_site_and_names_nobody(country: Office) -> None:
    pharmacy = country.browser("polina")
    look = send(pharmacy, GOOD, BAD, NAMING)
    pharmacy.get(look)
    [one] = kept(country)
    assert (one.rows, one.unnamed, one.sent_by, one.closed_at) == (3, 0, "polina", None)
    assert one.problems >= 2
    assert one.site_id is not None
    for text in (one.content or "", one.findings, one.name):
        assert NUMBER not in text
        assert "Asan" not in text, "a cell that named a person is kept as the mask alone"
    assert MASK in (one.content or "")
    page = text_of(pharmacy.get(f"/reports/refused/{one.id}"))
    assert "ten" in page
    assert one.digest in page
    assert "1 refused file waits" in text_of(pharmacy.get("/"))
    rows = pharmacy.get(f"/reports/refused/{one.id}/rows.csv").data.decode("utf-8-sig").splitlines()
    assert rows[:2] == [HEAD, GOOD]


def test_rows_that_a_spreadsheet_would_compute_are_handed_out_as_text(country: Office) -> None:
    pharmacy = country.browser("polina")
    send(pharmacy, BAD + "=1+1")
    [one] = kept(country)
    assert ",'=1+1" in pharmacy.get(f"/reports/refused/{one.id}/rows.csv").data.decode()


def test_it_is_settled_when_its_rows_are_posted(country: Office) -> None:
    pharmacy = country.browser("polina")
    send(pharmacy, GOOD, BAD)
    with country.rows() as session:
        assert move(session, "D-1,2024-06-01,dispense,E-PH1,,MOR10,A0,10,,,,R-1,", clock=country.clock).written
    assert "1 refused file waits" in text_of(pharmacy.get("/"))
    mended = send(pharmacy, GOOD, BAD.replace("ten", "12"), name="mended.csv")
    assert pharmacy.post(f"{mended}/confirm").status_code == 303
    [one] = kept(country)
    assert one.closed_at is not None
    assert one.reason is None
    assert "refused file" not in text_of(pharmacy.get("/"))
    assert "settled: its rows are recorded" in text_of(pharmacy.get(f"/reports/refused/{one.id}"))


def test_rows_without_a_reference_are_never_settled_by_others(country: Office) -> None:
    pharmacy = country.browser("polina")
    send(pharmacy, GOOD, "," + BAD.partition(",")[2])
    with country.rows() as session:
        assert move(session, "D-1,2024-06-01,dispense,E-PH1,,MOR10,A0,10,,,,R-1,", clock=country.clock).written
        with unit_of_work(session):
            assert settle(session, country.clock) == 0
    assert kept(country)[0].closed_at is None


def test_it_is_discarded_once_and_with_a_reason_that_names_nobody(country: Office) -> None:
    pharmacy = country.browser("polina")
    send(pharmacy, BAD)
    place = f"/reports/refused/{kept(country)[0].id}"
    assert pharmacy.post(place, data={"reason": " "}).status_code == 422
    assert pharmacy.post(place, data={"reason": f"of {NUMBER}"}).status_code == 422
    assert country.browser("asel").post(place, data={"reason": "test"}).status_code == 403
    assert pharmacy.post(place, data={"reason": "entered by hand"}).status_code == 303
    assert pharmacy.post(place, data={"reason": "again"}).status_code == 422
    assert kept(country)[0].reason == "entered by hand"
    send(pharmacy, BAD)
    [one] = kept(country)
    assert (one.closed_at, one.reason) == (None, None), "sent and refused again, it waits again"


def test_only_its_firm_and_the_authority_see_it(country: Office) -> None:
    send(country.browser("polina"), BAD)
    place = f"/reports/refused/{kept(country)[0].id}"
    for address in (place, f"{place}/rows.csv"):
        assert country.browser("imran").get(address).status_code == 404
        assert country.browser("asel").get(address).status_code == 200
    assert "june.csv" not in country.browser("imran").get("/reports/refused").text
    assert "june.csv" in country.browser("asel").get("/reports/refused").text
    assert "Refused files" in country.browser("asel").get("/reports/").text


def test_a_file_nobody_can_read_is_kept_by_its_digest(country: Office) -> None:
    pharmacy = country.browser("polina")
    send(pharmacy, "x", head="\xff\xfe".encode("latin-1").decode("latin-1") + "nonsense", name="broken.csv")
    [one] = kept(country)
    assert one.name == "broken.csv"
    assert pharmacy.get(f"/reports/refused/{one.id}").status_code == 200


def test_what_comes_by_the_command_line_is_kept_too_and_a_trial_is_not(country: Office) -> None:
    country.hire("polina")
    file = SentFile("movements", f"{HEAD}\n{BAD}\n".encode(), "night.csv")
    with country.app.app_context(), country.rows() as session:
        take_in(session, actor_of(country, "polina"), country.clock, file, dry_run=True)
        assert kept(country) == []
        take_in(session, SYSTEM, country.clock, file)
        assert kept(country) == [], "nobody's firm"
        take_in(session, actor_of(country, "polina"), country.clock, file)
    assert [one.name for one in kept(country)] == ["night.csv"]


def test_rpt_05_a_refused_file_that_waits_too_long_is_a_flag(country: Office) -> None:
    send(country.browser("polina"), BAD)
    with country.rows() as session:
        assert refused(session, on(2024, 6, 20)) == []
        [one] = refused(session, on(2024, 6, 21))
        assert (one.rule.code, one.subject) == ("RPT-05", "organisation E-PH1")


def test_the_statements_of_the_list_do_not_grow_with_the_files(country: Office) -> None:
    pharmacy = country.browser("polina")
    send(pharmacy, BAD)
    with country.rows() as session, counted(session) as few:
        refused(session, on(2024, 6, 21))
    country.later(minutes=timedelta(minutes=1).seconds // 60)
    for n in range(4):
        send(pharmacy, BAD.replace("D-2", f"D-{n}9"), name=f"{n}.csv")
    with country.rows() as session, counted(session) as many:
        refused(session, on(2024, 6, 21))
    assert len(few) == len(many)


def typed(token: str, quantity: str, references: str = "") -> dict[str, str]:
    """Return a page of the journal with one row."""
    return {
        "site": "E-PH1",
        "token": token,
        "row": "1",
        "occurred_on": "01.06.2024",
        "kind": "dispense",
        "product": "MOR10",
        "batch": "A0",
        "quantity": quantity,
        "counterparty": "",
        "expires_on": "",
        "permit": "",
        "country": "",
        "document": "",
        "prescription": "R-1",
        "note": "",
        "reference": references,
    }


def test_a_page_of_the_journal_that_was_refused_is_kept_once_until_it_is_recorded(country: Office) -> None:
    pharmacy = country.browser("polina")
    token = "20240615-0123456789"
    for quantity in ("ten", "eleven"):
        assert pharmacy.post("/stock/journal", data=typed(token, quantity)).status_code == 422
    [one] = kept(country)
    assert (one.name, one.rows, one.unnamed, one.closed_at) == (f"E-PH1 {token}", 1, 0, None)
    assert "eleven" in (one.content or "")
    assert "ten" not in (one.content or "")
    assert pharmacy.post("/stock/journal", data=typed(token, "12")).status_code == 303
    [one] = kept(country)
    assert one.closed_at is not None
    assert "refused file" not in text_of(pharmacy.get("/"))
