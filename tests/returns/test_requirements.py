"""Forms B and B/P from the lines of quotas: what counts, what is only prepared, what was known when, every figure explained."""

from __future__ import annotations

import json
from datetime import date, datetime
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.period import Period
from registry.quotas.service import ProposedLine, draft_line, propose_line
from registry.returns.service.explain import explain
from registry.returns.service.make import as_bytes, make_return
from registry.settings import Settings
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import BISHKEK, CLOCK, load_base, table_of, take_file, take_in

__all__ = ["cheap_hashes", "office"]

OFFICER = Actor(1, "officer", frozenset({"officer"}))
SETTINGS = Settings(secret_key="tests")
G = 10**9
COLUMNS = "year,substance,kind,item,quantity_g,organisation,act,effective_on"


def made(session: Session, form: str, year: int, **asked: object) -> dict[tuple[str, str, str], str]:
    """Return (part, substance, column) -> exact grams of a draft."""
    draft = make_return(session, CLOCK, SETTINGS, form, Period(year), **asked)  # type: ignore[arg-type]
    plain = json.loads(as_bytes(draft, "json", str, "en"))
    assert (plain["form"], plain["unit"], plain["status"]) == (form, "g", "draft")
    return {(one["part"], one["substance"], one["column"]): one["exact_g"] for one in plain["figures"]}


def test_form_b_of_the_example_year(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    assert made(stocked, "B", 2024) == {
        ("II", "NM 009", "consumption"): "3000",
        ("II", "NM 009", "stocks"): "800",
        ("II", "NM 009", "total"): "3650",
        ("II", "NF 001", "consumption"): "20",
        ("II", "NF 001", "stocks"): "5",
        ("II", "NF 001", "total"): "25",
        ("II", "NM 002", "consumption"): "30000",
        ("II", "NM 002", "stocks"): "8000",
        ("II", "NM 002", "total"): "38000",
        ("II", "NC 005", "manufacture_schedule_iii"): "5000",
        ("II", "NC 005", "stocks"): "1000",
        ("II", "NC 005", "total"): "6000",
    }
    assert made(stocked, "BP", 2024) == {("I", "PD 006", "assessment"): "50000"}
    assert made(stocked, "BP", 2026) == {("I", "PD 006", "assessment"): "50000"}
    assert made(stocked, "BP", 2023) == {}


def test_items_supplements_synthetic_drugs_and_opium(stocked: Session) -> None:
    rows = [
        "2027,NM 009,estimate,consumption,100,,,",
        "2027,NM 009,estimate,special,7,,,",
        "2027,NM 009,estimate,manufacture_other,1,,,",
        "2027,NM 009,estimate,manufacture_not_covered,2,,,",
        "2027,NM 009,supplement,consumption,20,,s1,2027-05-01",
        "2027,NM 002,estimate,consumption,10,,,",
        "2027,NM 002,estimate,synthetic_manufacture,40,E-IMP,,",
        "2027,NM 002,estimate,synthetic_manufacture,60,E-MAK,,",
        "2027,PD 006,supplement,,5,,s2,2027-02-01",
    ]
    assert take_in(stocked, "quotas", table_of(COLUMNS, *rows)).written
    figures = made(stocked, "B", 2027)
    assert figures["II", "NM 009", "consumption"] == "120"
    assert figures["II", "NM 009", "total"] == "130"
    assert figures["III", "NM 002", "synthetic_manufacture"] == "100"
    assert figures["II", "NM 002", "total"] == "100"
    assert made(stocked, "BP", 2027) == {("I", "PD 006", "assessment"): "50005"}
    notes = [str(note) for note in make_return(stocked, CLOCK, SETTINGS, "B", Period(2027)).notes]
    assert any("stock of 1 January 2027 is not known yet" in note for note in notes)
    assert any("printed grid of this edition is not known" in note for note in notes)


@pytest.mark.parametrize("keep", [draft_line, propose_line])
def test_prepared_lines_count_only_where_they_are_asked_for(stocked: Session, keep: object) -> None:
    keep(stocked, OFFICER, CLOCK, ProposedLine(2027, "NM 009", "estimate", 9 * G, "consumption"))  # type: ignore[operator]
    assert made(stocked, "B", 2027) == {}
    assert made(stocked, "B", 2027, with_prepared=True)["II", "NM 009", "consumption"] == "9"
    notes = make_return(stocked, CLOCK, SETTINGS, "B", Period(2027), with_prepared=True).notes
    assert "not what was approved" in str(notes[0])


def test_what_was_decided_later_was_not_known_before(session: Session) -> None:
    early = FixedClock(datetime(2026, 5, 1, 9, 0, tzinfo=BISHKEK), BISHKEK)
    load_base(session, early)
    row = "2027,NM 009,estimate,consumption,100,,,"
    assert take_in(session, "quotas", table_of(COLUMNS, row), clock=early).written
    late = "2027,NM 009,supplement,consumption,20,,s1,"
    assert take_in(session, "quotas", table_of(COLUMNS, late), clock=CLOCK).written
    assert made(session, "B", 2027)["II", "NM 009", "consumption"] == "120"
    assert made(session, "B", 2027, as_of=date(2026, 5, 1))["II", "NM 009", "consumption"] == "100"
    assert made(session, "B", 2027, as_of=date(2026, 4, 30)) == {}


def test_every_figure_is_explained(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    rows = [
        "2024,NM 009,supplement,consumption,20,,s1,2024-05-01",
        "2024,PD 006,assessment,,60000,,a2,2024-03-01",
        "2024,PD 006,supplement,,5,,s2,2024-04-01",
    ]
    assert take_in(stocked, "quotas", table_of(COLUMNS, *rows)).written
    for form in ("B", "BP"):
        for (_, code, column), exact in made(stocked, form, 2024).items():
            told = explain(stocked, CLOCK, form, Period(2024), code, column)
            assert told.total_ng == Fraction(exact) * G, (form, code, column)
            assert sum((step.amount_ng for step in told.steps), Fraction(0)) == told.total_ng
    said = explain(stocked, CLOCK, "BP", Period(2024), "PD 006", "assessment")
    assert [str(step.amount_ng // G) for step in said.steps] == ["60000", "5"]
    assert "supplementary estimate, act s2" in str(said.steps[1].label)


def test_statements_do_not_grow_with_the_substances(stocked: Session) -> None:
    counts = []
    for year, codes in ((2030, ["NM 009"]), (2031, ["NM 009", "NF 001", "NM 002", "NC 005"])):
        rows = [f"{year},{code},estimate,consumption,1,,," for code in codes]
        assert take_in(stocked, "quotas", table_of(COLUMNS, *rows)).written
        with counted(stocked) as sent:
            made(stocked, "B", year)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_pages_of_form_b(office: Office) -> None:
    officer = office.browser("asel")
    page = text_of(officer.get("/returns/B/2024"))
    for part in ("3,000", "Consumption for medical and scientific purposes", "No check applies", "no. 23 of 2014-12"):
        assert part in page
    asked = {"year": "2025", "substance": "NM 009", "kind": "estimate", "item": "consumption", "quantity_g": "77"}
    assert officer.post("/quotas/new", data=asked).status_code == 303
    assert "77" not in text_of(officer.get("/returns/B/2025")).partition("Part II")[2].partition("Part III")[0]
    prepared = officer.get("/returns/B/2025?prepared=1")
    assert "77" in text_of(prepared).partition("Part II")[2].partition("Part III")[0]
    assert "not what was approved" in text_of(prepared)
    assert "/returns/B/2025.xlsx?prepared=1" in prepared.text
    told = officer.get("/returns/B/2025.json?prepared=1").json
    assert [one["exact_g"] for one in told["figures"] if one["column"] == "consumption"] == ["77"]
    for name in ("xlsx", "pdf", "csv", "xml"):
        assert officer.get(f"/returns/B/2024.{name}").status_code == 200
        assert officer.get(f"/returns/BP/2024.{name}").status_code == 200
    why = text_of(officer.get("/returns/B/2024/explain?substance=NM%20009&column=total"))
    assert "(a) consumption" in why
    listed = text_of(officer.get("/returns/"))
    assert "Annual estimates of requirements for narcotic drugs" in listed
    assert "/returns/B/2025" in officer.get("/returns/").text
