"""The pages on which a firm applies: eleven kinds, several lines, drafts, one application made like another."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from registry.kernel.errors import Problem
from registry.kernel.text import Message
from registry.permits import queries
from registry.permits.apply_form import SECTIONS, cells_of, form_for, line_count, with_line, without_line
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.particulars import PARTICULARS
from registry.permits.queries.drafts import draft_by_id, drafts_of
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.test_pages import ASKED, FITS, TOO_MUCH, step, submit

__all__ = ["cheap_hashes", "office"]

EXPORT = {
    "reference": "X-1",
    "kind": "export",
    "product": "MOR10",
    "quantity": "100",
    "product-2": "DIA5",
    "quantity-2": "50",
    "partner_country": "IN",
    "partner": "Buyer",
    "planned_on": "01.08.2024",
    "counterpart_number": "IN-88",
    "purpose": "medical",
    "consignee": "Buyer",
    "consignee_place": "premises",
    "transport": "air",
    "route": "KZ",
}


def words_of(answer: object) -> str:
    """Return the words of a page without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split())


def saved(client: FlaskClient, address: str = "/applications/new", **typed: str) -> int:
    """Save a draft; return its id."""
    answer = client.post(address, data={"kind": "import", "save": "1", **typed})
    assert answer.status_code == 303, text_of(answer)
    return int(re.fullmatch(r"/applications/drafts/(\d+)\?saved=1", answer.location)[1])


def test_every_particular_stands_in_one_part_of_the_page() -> None:
    shown = [name for _, names in SECTIONS for name in names]
    assert len(shown) == len(set(shown))
    assert set(PARTICULARS) <= set(shown)


def test_lines_are_added_and_taken_away() -> None:
    cells = {"product": "A", "quantity": "1", "partner": "P"}
    two = with_line(cells)
    assert line_count(two) == 2
    two |= {"product-2": "B", "quantity-2": "2"}
    assert without_line(two, 1) == {"product": "B", "quantity": "2", "partner": "P"}
    assert without_line(two, 2) == cells
    assert without_line(cells, 1) == {"product": "", "quantity": "", "partner": "P"}
    many = cells
    for _ in range(120):
        many = with_line(many)
    assert line_count(many) == 100
    assert line_count({"product-9999": "A", "quantity-0": "1"}) == 1


def test_problems_of_a_line_stand_beside_it(office: Office) -> None:
    with office.app.test_request_context():
        cells = {"product-2": "A", "quantity-2": "1", "product-3": "B", "quantity-3": "2"}
        form = form_for(PERMIT_KINDS["import"], cells, [("A", "A"), ("B", "B")])
        # The first line is empty: what the service calls its second line is the third of the page.
        form.validate()
        assert form.add_problems([Problem("lines.1.quantity", "bad", Message("no"))]) == []
        assert form["quantity-3"].errors == ["no"]


def test_the_kind_is_chosen_first(office: Office) -> None:
    client = office.browser("imran")
    page = text_of(client.get("/applications/new"))
    shown = [kind for kind in PERMIT_KINDS.values() if kind.use in page]
    assert {kind.code for kind in PERMIT_KINDS.values() if not kind.several} == {kind.code for kind in shown}
    assert "Export declaration (1971, Schedule III)" in page
    assert "Periodic permits for several consignments are not issued at present" in page
    assert client.get("/applications/new?kind=nonsense").status_code == 404
    assert client.post("/applications/new", data={"kind": "nonsense"}).status_code == 404


@pytest.mark.parametrize("code", list(PERMIT_KINDS))
def test_each_kind_asks_its_own_particulars_and_no_others(office: Office, code: str) -> None:
    client = office.browser("imran")
    kind = PERMIT_KINDS[code]
    html = client.get(f"/applications/new?kind={code}").text
    asked = {each for each in PARTICULARS if f'name="{each}"' in html}
    assert asked == set(kind.asks)
    answer = client.post("/applications/new", data={"kind": code, "reference": "K-1"})
    assert answer.status_code == 422
    for each in kind.needs:
        assert f'href="#{each}"' in answer.text, each
    for each in ("product", "quantity", "planned_on"):
        assert f'href="#{each}"' in answer.text
    for each in set(kind.asks) - kind.needs:
        assert f'href="#{each}"' not in answer.text


def test_an_export_of_two_lines_with_particulars(office: Office) -> None:
    client = office.browser("imran")
    grown = client.post("/applications/new", data=ASKED | {"kind": "export", "add_line": "1"})
    assert grown.status_code == 200
    assert 'id="product-2"' in grown.text
    assert "Remove line 2" in text_of(grown)
    shrunk = client.post("/applications/new", data=EXPORT | {"remove_line": "1"})
    assert 'id="product-2"' not in shrunk.text
    assert re.search(r'<option value="DIA5" selected', shrunk.text)
    wrong = client.post("/applications/new", data=EXPORT | {"quantity-2": "0.5", "route": "XX", "transport": "mule"})
    assert wrong.status_code == 422
    for field in ("route", "transport"):
        assert f'href="#{field}"' in wrong.text
    twice = client.post("/applications/new", data=EXPORT | {"product-2": "MOR10", "check": "1"})
    assert 'href="#product-2"' in twice.text
    assert "stands on this application twice" in text_of(twice)
    part = client.post("/applications/new", data=EXPORT | {"quantity-2": "0.5", "check": "1"})
    assert 'href="#quantity-2"' in part.text


def test_taking_over_fills_the_line_it_stands_by(office: Office) -> None:
    client = office.browser("imran")
    typed = {**ASKED, "product": "DIA5", "quantity": "1", "product-2": "MOR10", "quantity-2": TOO_MUCH}
    checked = client.post("/applications/new", data=typed | {"check": "1"})
    assert 'name="take_over-2"' in checked.text
    assert 'name="take_over"' not in checked.text
    taken = client.post("/applications/new", data=typed | {"take_over-2": FITS})
    assert f'value="{FITS}"' in taken.text
    assert TOO_MUCH not in taken.text


def test_industrial_use_asks_for_no_partner_abroad(office: Office) -> None:
    client = office.browser("maksat")
    html = client.get("/applications/new?kind=industrial_use").text
    assert 'name="partner"' not in html
    assert 'name="partner_country"' not in html


def test_a_draft_is_saved_resumed_and_submitted(office: Office) -> None:
    client = office.browser("imran")
    draft_id = saved(client, reference="D-1", quantity="half a ton", partner="Sup")
    page = client.get(f"/applications/drafts/{draft_id}?saved=1")
    assert "The draft is saved" in text_of(page)
    assert 'value="half a ton"' in page.text
    office.later(days=3)
    client = office.browser("imran")
    listed = words_of(client.get("/applications"))
    assert "import permit D-1" in listed
    assert re.search(r"Imran \(importer\) 3", listed)
    address = f"/applications/drafts/{draft_id}"
    assert client.post(address, data=ASKED | {"version": "1", "quantity": "much"}).status_code == 422
    with office.rows() as session:
        assert draft_by_id(session, draft_id).version == 1
    assert client.post(address, data=ASKED | {"version": "1"}).status_code == 303
    with office.rows() as session:
        assert draft_by_id(session, draft_id) is None
        assert queries.application_by_reference(session, "A-1").state == "submitted"
    assert client.get(address).status_code == 404


def test_a_refused_submission_keeps_the_draft(office: Office) -> None:
    client = office.browser("imran")
    draft_id = saved(client, **{name: text for name, text in ASKED.items() if name != "kind"})
    answer = client.post(f"/applications/drafts/{draft_id}", data=ASKED | {"version": "1", "quantity": TOO_MUCH})
    assert answer.status_code == 422
    assert "QTA-01" in text_of(answer)
    with office.rows() as session:
        assert draft_by_id(session, draft_id).version == 1


def test_two_people_of_one_firm_on_one_draft(office: Office) -> None:
    client = office.browser("imran")
    draft_id = saved(client, partner="first")
    address = f"/applications/drafts/{draft_id}"
    assert client.post(address, data={"save": "1", "version": "1", "partner": "faster"}).status_code == 303
    late = client.post(address, data={"save": "1", "version": "1", "partner": "slower"})
    page = text_of(late)
    assert late.status_code == 409
    for part in ("A colleague was faster", "Nothing was overwritten", "Imran (importer)", "Save as a draft of its own"):
        assert part in page
    assert 'value="slower"' in late.text
    with office.rows() as session:
        assert draft_by_id(session, draft_id).cells["partner"] == "faster"
    assert client.post(address, data=ASKED | {"version": "1"}).status_code == 409
    assert client.post(f"{address}/discard", data={"version": "1"}).status_code == 409
    own = client.post(address, data={"save_as_new": "1", "version": "1", "partner": "slower"})
    assert own.status_code == 303
    with office.rows() as session:
        texts = [draft.cells["partner"] for draft in drafts_of(session, draft_by_id(session, draft_id).organisation_id)]
        assert sorted(texts) == ["faster", "slower"]
        assert queries.application_by_reference(session, "A-1") is None
    assert client.post(f"{address}/discard", data={"version": "2"}).status_code == 303
    gone = client.post(address, data={"kind": "import", "save": "1", "version": "2", "partner": "last"})
    assert gone.status_code == 409
    assert 'value="last"' in gone.text


def test_drafts_are_the_firm_s_own(office: Office) -> None:
    draft_id = saved(office.browser("imran"), partner="mine")
    address = f"/applications/drafts/{draft_id}"
    other = office.browser("maksat")
    assert other.get(address).status_code == 403
    assert other.post(address, data={"save": "1", "version": "1", "partner": "theirs"}).status_code == 403
    assert other.post(f"{address}/discard", data={"version": "1"}).status_code == 403
    officer = office.browser("asel")
    assert officer.get(address).status_code == 403
    with office.rows() as session:
        assert draft_by_id(session, draft_id).cells["partner"] == "mine"


def test_a_draft_has_an_end(office: Office) -> None:
    client = office.browser("imran")
    answer = client.post("/applications/new", data={"kind": "import", "save": "1", "justification": "x" * 100_001})
    assert answer.status_code == 422
    assert "the draft is longer than" in text_of(answer)


def test_an_application_is_made_again_like_an_earlier_one(office: Office) -> None:
    client = office.browser("imran")
    case_id = submit(client, transport="air", customs_office="Ak-Tilek")
    assert f"/applications/new?like={case_id}" in client.get(f"/applications/{case_id}").text
    again = client.get(f"/applications/new?like={case_id}")
    for part in ('value="1000"', 'value="Supplier"', 'value="Ak-Tilek"', "need of hospitals"):
        assert part in again.text
    for part in ("IN-77", "01.08.2024", 'value="A-1"'):
        assert part not in again.text
    assert re.search(r'<option value="MOR10" selected', again.text)
    assert office.browser("maksat").get(f"/applications/new?like={case_id}").status_code == 403
    assert "Apply again" not in text_of(office.browser("asel").get(f"/cases/{case_id}"))


def test_the_case_shows_the_particulars(office: Office) -> None:
    case_id = submit(office.browser("imran"), transport="air", planned_arrival="30.07.2024")
    page = words_of(office.browser("asel").get(f"/cases/{case_id}"))
    assert "Transport by air" in page
    assert "Expected arrival 30 Jul 2024" in page
    assert step(office.browser("asel"), case_id, "take_up", 1).status_code == 303


def test_cells_of_another_kind_are_left_out() -> None:
    typed = {"process": "tabletting", "partner": "P", "csrf_token": "t", "save": "1", "product-2": "A"}
    assert cells_of(typed, PERMIT_KINDS["import"]) == {"partner": "P", "product-2": "A"}


def test_two_drafts_are_offered_two_references(office: Office) -> None:
    browser = office.browser("imran")
    first = browser.get("/applications/new?kind=import").text
    offered = re.search(r'name="reference"[^>]*value="([^"]+)"', first)
    assert offered is not None
    saved(browser, reference=offered[1])
    again = re.search(r'name="reference"[^>]*value="([^"]+)"', browser.get("/applications/new?kind=import").text)
    assert again is not None
    assert again[1] != offered[1]
