"""Drafts of applications by API: begun, read, changed, submitted; the same drafts as on the pages."""

from __future__ import annotations

from typing import Any

from tests.api.programs import program
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]

TYPED: dict[str, Any] = {
    "reference": "D-1",
    "partner_country": "IN",
    "partner": "Supplier",
    "planned_on": "01.07.2024",
    "purpose": "medical",
    "lines": [{"product": "MOR10", "quantity": "1,5x"}, {"product": "", "quantity": ""}],
    "particulars": {"contract_number": "C-7"},
}


def test_a_draft_is_begun_changed_and_submitted(office: Office) -> None:
    asking = program(office, "imran")
    begun = asking.post("/application-drafts", TYPED | {"kind": "import"})
    assert begun.status_code == 201, begun.text
    place = begun.headers["Location"].removeprefix("/api/v1")
    told = asking.get(place)
    assert told.headers["ETag"] == '"1"'
    body = told.get_json()
    assert (body["kind"], body["organisation"], body["planned_on"]) == ("import", "E-IMP", "01.07.2024")
    assert body["lines"] == [{"product": "MOR10", "quantity": "1,5x"}]
    assert body["particulars"] == [{"code": "contract_number", "value": "C-7"}]
    assert [one["id"] for one in asking.read("/application-drafts")["items"]] == [body["id"]]
    assert "D-1" in text_of(office.browser("imran").get(f"/applications/drafts/{body['id']}"))

    unread = asking.post(f"{place}/submission", {}, If_Match='"1"')
    assert unread.status_code == 422
    assert [error["column"] for error in unread.get_json()["errors"]] == ["lines.0.quantity"]
    assert asking.get(place).status_code == 200, "what cannot be read stays a draft"

    better = TYPED | {"lines": [{"product": "MOR10", "quantity": "100"}]}
    assert asking.post(place, better).status_code == 428
    changed = asking.post(place, better, If_Match='"1"')
    assert (changed.status_code, changed.get_json()["version"]) == (200, 2)
    assert asking.post(place, TYPED, If_Match='"1"').status_code == 412
    assert asking.post(f"{place}/submission", {}, If_Match='"1"').status_code == 412
    done = asking.post(f"{place}/submission", {}, If_Match='"2"')
    assert done.status_code == 201, done.text
    assert done.headers["Location"] == "/api/v1/applications/D-1"
    assert (done.get_json()["state"], done.get_json()["lines"][0]["quantity"]) == ("submitted", "100")
    assert asking.get(place).status_code == 404
    assert asking.read("/application-drafts")["items"] == []


def test_drafts_are_the_firms_own(office: Office) -> None:
    place = program(office, "imran").post("/application-drafts", TYPED | {"kind": "import"}).headers["Location"]
    place = place.removeprefix("/api/v1")
    other = program(office, "maksat")
    assert other.get(place).status_code == 404
    assert other.post(place, TYPED, If_Match='"1"').status_code == 404
    assert other.post(f"{place}/submission", {}, If_Match='"1"').status_code == 404
    assert other.read("/application-drafts")["items"] == []
    assert program(office, "asel").get(place).status_code == 403


def test_a_draft_is_thrown_away_once(office: Office) -> None:
    asking = program(office, "imran")
    place = asking.post("/application-drafts", TYPED | {"kind": "import"}).headers["Location"].removeprefix("/api/v1")
    assert program(office, "maksat").post(f"{place}/discard", {}, If_Match='"1"').status_code == 404
    assert asking.post(f"{place}/discard", {}).status_code == 428
    assert asking.post(f"{place}/discard", {}, If_Match='"2"').status_code == 412
    gone = asking.post(f"{place}/discard", {}, If_Match='"1"')
    assert (gone.status_code, gone.get_json()["reference"]) == (200, "D-1")
    assert asking.post(f"{place}/discard", {}, If_Match='"1"').status_code == 404
    assert asking.read("/application-drafts")["items"] == []


def test_a_personal_number_is_refused_where_it_stands(office: Office) -> None:
    lines = [{"product": "MOR10", "quantity": "1"}, {"product": "2 15031990 01234", "quantity": "1"}]
    told = program(office, "imran").post("/application-drafts", TYPED | {"kind": "import", "lines": lines})
    assert told.status_code == 422
    assert [(error["column"], error["code"]) for error in told.get_json()["errors"]] == [
        ("lines.1.product", "personal-number")
    ]


def test_what_no_draft_of_the_kind_holds_is_refused(office: Office) -> None:
    asking = program(office, "imran")
    assert asking.post("/application-drafts", TYPED | {"kind": "gift"}).status_code == 422
    assert asking.post("/application-drafts", TYPED | {"kind": "industrial_use"}).status_code == 422
    assert asking.post("/application-drafts", {"kind": "import", "colour": "red"}).status_code == 422
    many = {"kind": "import", "lines": [{"product": "MOR10", "quantity": "1"}] * 101}
    assert asking.post("/application-drafts", many).status_code == 422
    assert asking.post("/application-drafts", {"kind": "import"}).status_code == 201, "a draft may be empty"


def test_the_list_goes_page_by_page(office: Office) -> None:
    asking = program(office, "imran")
    for number in range(3):
        assert asking.post("/application-drafts", {"kind": "import", "reference": f"D-{number}"}).status_code == 201
    first = asking.read("/application-drafts?limit=2")
    second = asking.read(f"/application-drafts?limit=2&cursor={first['next']}")
    assert [one["reference"] for one in (*first["items"], *second["items"])] == ["D-2", "D-1", "D-0"]
    assert second["next"] is None


def test_the_statements_of_the_list_do_not_grow_with_the_drafts(office: Office) -> None:
    asking = program(office, "imran")
    asking.post("/application-drafts", TYPED | {"kind": "import"})
    seen = []
    for _ in range(2):
        with office.rows() as session, counted(session) as statements:
            asking.read("/application-drafts")
        seen.append(len(statements))
        for _more in range(4):
            asking.post("/application-drafts", TYPED | {"kind": "import"})
    assert seen[0] > 0
    assert seen[0] == seen[1]
