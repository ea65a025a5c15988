"""Quota lines for programs."""

from __future__ import annotations

from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office

__all__ = ["cheap_hashes", "office"]


def test_lines_are_narrowed_by_year_substance_kind_and_state(office: Office) -> None:
    asking = program(office, "asel")
    [line] = asking.read("/quota-lines?year=2024&substance=nm-009&kind=state_quota")["items"]
    assert (line["quantity_g"], line["act"], line["act_date"]) == ("2800", "100", "2023-12-20")
    assert asking.read("/quota-lines?year=2023")["items"] == []
    assert asking.read("/quota-lines?state=draft")["items"] == []
    whole = asking.read("/quota-lines")["items"]
    first = asking.read("/quota-lines?limit=3")
    rest = asking.read(f"/quota-lines?limit=500&cursor={first['next']}")
    assert first["items"] + rest["items"] == whole
    assert {"estimate", "assessment", "state_quota"} <= {each["kind"] for each in whole}
    assert asking.get("/quota-lines?substance=ZZ+999").status_code == 404
    assert program(office, "imran").get("/quota-lines").status_code == 403


def test_permits_are_narrowed_by_what_they_are_today(office: Office) -> None:
    asking = program(office, "imran")
    valid = {one["number"] for one in asking.read("/permits?state=valid")["items"]}
    assert valid
    assert {one["state"] for one in asking.read("/permits?state=valid")["items"]} == {"valid"}
    assert valid < {one["number"] for one in asking.read("/permits")["items"]} | {"none"}
    assert asking.read("/permits?state=revoked")["items"] == []
