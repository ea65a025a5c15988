"""Needs by API: the same workings as on the page, kept and listed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]

ABOUT = {"year": 2025, "substance": "NM 009"}


@pytest.mark.parametrize(
    ("method", "more", "result"),
    [
        # The example of the national context: 2,800 patients x 66.7 mg x 90 days.
        ("morbidity", {"groups": [{"name": "severe pain", "patients": "2800", "mg_per_day": "66.7", "days": "90"}]}, "16808.4"),
        ("population", {"people": "7000000", "g_per_thousand": "1.5"}, "10500"),
        ("services", {"services": [{"units": 12, "g_per_unit": "2.5"}, {"name": "theatre", "units": "3", "g_per_unit": "1"}]}, "33"),
    ],
)  # fmt: skip
def test_a_need_is_worked_out_and_kept(office: Office, method: str, more: dict[str, Any], result: str) -> None:
    asking = program(office, "asel")
    done = asking.post(f"/needs/{method}", ABOUT | more | {"note": "from the ministry"})
    assert done.status_code == 201, done.text
    body = done.get_json()
    assert (body["method"], body["result_g"], body["note"], body["made_by"]) == (
        method,
        result,
        "from the ministry",
        "asel",
    )
    assert body["working"]
    assert asking.read("/needs?year=2025&substance=NM%20009")["items"] == [body]
    assert "from the ministry" in text_of(office.browser("asel").get("/quotas/needs/2025/NM 009"))


def test_the_trend_is_that_of_the_ledger(office: Office) -> None:
    asking = program(office, "asel")
    done = asking.post("/needs/trend", ABOUT | {"rule": "mean"})
    assert (done.status_code, done.get_json()["result_g"]) == (201, "0"), done.text
    assert asking.post("/needs/trend", ABOUT | {"rule": "curve"}).status_code == 422


def test_what_cannot_be_worked_out_is_refused(office: Office) -> None:
    asking = program(office, "asel")
    assert asking.post("/needs/services", ABOUT | {"services": []}).status_code == 422
    assert asking.post("/needs/population", ABOUT | {"people": "many", "g_per_thousand": "1"}).status_code == 422
    assert asking.post(
        "/needs/population", {"year": 2025, "substance": "XX 999", "people": "1", "g_per_thousand": "1"}
    ).status_code in (404, 422)
    assert (
        program(office, "bakyt").post("/needs/population", ABOUT | {"people": "1", "g_per_thousand": "1"}).status_code
        == 403
    )
    assert program(office, "imran").get("/needs?year=2025&substance=NM%20009").status_code == 403
