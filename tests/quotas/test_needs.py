"""Needs worked out by four methods, exact and shown line by line; the figure picked flows into drafts of lines."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.flags.queries import worklist
from registry.kernel.actor import Actor
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.quotas.domain.needs import (
    LINE,
    MEAN,
    METHODS,
    UNDER_SUPPLY,
    Group,
    Morbidity,
    PerPopulation,
    Service,
    Services,
    Trend,
    by_morbidity,
    by_population,
    by_services,
    by_trend,
    closed_years,
    method_of,
    under_supply,
)
from registry.quotas.queries import calculations_of, choices_of, line_by_id, prepared_lines
from registry.quotas.service import Picked, keep_calculation, kinds_of, pick
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries import substance_by_codes
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import CLOCK, table_of, take_file, take_in

__all__ = ["cheap_hashes", "office"]

OFFICER = Actor(1, "officer", frozenset({"officer"}))
APPROVER = Actor(2, "approver", frozenset({"approver"}))
MORPHINE = SubstanceFact(1, "NM 009", "morphine", "1961")
G = 10**9
PAIN = Morbidity((Group("severe pain", 2800, Fraction("66.7"), 90),))


def grams_of(**years: int) -> dict[int, Fraction]:
    return {int(year[1:]): Fraction(value * G) for year, value in years.items()}


def test_the_worked_example_of_palliative_care() -> None:
    worked = by_morbidity(PAIN)
    assert worked.result_ng == 16_808_400_000_000
    assert str(worked.lines[0].text) == "severe pain: 2800 patients × 66.7 mg a day × 90 days"


def test_groups_add_up() -> None:
    worked = by_morbidity(Morbidity((Group("a", 10, Fraction(1, 2), 3), Group("", 1, Fraction("0.000001"), 1))))
    assert worked.exact == 15 * 10**6 + 1
    assert [line.quantity for line in worked.lines] == [15 * 10**6, 1]


@pytest.mark.parametrize(
    ("years", "rule", "result"),
    [
        (grams_of(y2023=100, y2024=110, y2025=120), LINE, 140 * G),
        (grams_of(y2023=100, y2024=110, y2025=120), MEAN, 110 * G),
        (grams_of(y2023=100, y2025=120), LINE, 140 * G),
        (grams_of(y2025=120), LINE, 120 * G),
        (grams_of(), LINE, 0),
        (grams_of(y2023=300, y2024=100, y2025=0), LINE, 0),
        (grams_of(y2023=1, y2024=0, y2025=0), MEAN, 333_333_334),
    ],
)
def test_a_trend_is_exact_and_rounded_up_once(years: dict[int, Fraction], rule: str, result: int) -> None:
    worked = by_trend(Trend(2027, years, rule))
    assert worked.result_ng == result
    said = " ".join(str(line.text) for line in worked.lines)
    assert all(f"consumed in {year}" in said for year in years)


@given(st.integers(0, 10**12), st.integers(0, 10**9))
def test_a_straight_line_is_carried_on_as_it_is(first: int, step: int) -> None:
    years = {year: Fraction(first + step * (year - 2023)) for year in (2023, 2024, 2025)}
    assert by_trend(Trend(2027, years)).exact == first + step * 4


def test_a_norm_for_people_and_for_services() -> None:
    worked = by_population(PerPopulation(7_037_590, Fraction("2.5")))
    assert worked.exact == Fraction("17593.975") * G
    services = by_services(Services((Service("oncology beds", 120, Fraction("1.5")), Service("teams", 7, Fraction(3)))))
    assert services.exact == 201 * G
    assert str(services.lines[0].text) == "oncology beds: 120 × 1.5 g a year"


@pytest.mark.parametrize(
    "inputs",
    [
        PAIN,
        Trend(2027, grams_of(y2024=3, y2025=7) | {2023: Fraction(1, 3)}, MEAN),
        PerPopulation(7, Fraction(1, 8)),
        Services((Service("beds", 2, Fraction("0.1")),)),
    ],
)
def test_inputs_come_back_as_they_were_kept(inputs: object) -> None:
    method = method_of(inputs)  # type: ignore[arg-type]
    assert method.unpack(json.loads(json.dumps(method.pack(inputs)))) == inputs


@pytest.mark.parametrize(
    ("year", "today", "found"),
    [
        (2027, date(2026, 11, 22), [2023, 2024, 2025]),
        (2025, date(2026, 11, 22), [2022, 2023, 2024]),
        (2027, date(2027, 1, 1), [2024, 2025, 2026]),
        (2030, date(2024, 1, 1), [2021, 2022, 2023]),
    ],
)
def test_only_closed_years_are_looked_at(year: int, today: date, found: list[int]) -> None:
    ledger = {each: {"consumed": Fraction(each)} for each in range(2015, 2031)}
    assert closed_years(ledger, year, today) == {each: Fraction(each) for each in found}


@pytest.mark.parametrize(("chosen", "flagged"), [(750 * G - 1, True), (750 * G, False), (750 * G + 1, False)])
def test_qta_11_less_than_was_consumed_is_flagged(chosen: int, flagged: bool) -> None:
    found = under_supply(MORPHINE, 2027, chosen, Fraction(750 * G), 2025)
    assert (found is not None) is flagged
    if found is not None:
        assert (found.rule, found.limit) == (UNDER_SUPPLY, "750")
    assert under_supply(MORPHINE, 2027, 0, None, 0) is None


def test_a_calculation_is_kept_and_never_changed(stocked: Session) -> None:
    keep_calculation(stocked, OFFICER, CLOCK, 2027, "NM 009", PAIN, " WHO estimate ")
    [kept] = calculations_of(stocked, 2027)
    assert (kept.method, kept.result_ng, kept.note, kept.made_by) == (
        "morbidity", 16_808_400_000_000, "WHO estimate", "officer",
    )  # fmt: skip
    assert kept.worked == by_morbidity(PAIN)
    for table in ("need_calculation",):
        with pytest.raises(DBAPIError, match="never changed"), stocked.begin_nested():
            stocked.execute(text(f"UPDATE {table} SET result_ng = 1"))
    with pytest.raises(Forbidden):
        keep_calculation(stocked, APPROVER, CLOCK, 2027, "NM 009", PAIN)
    with pytest.raises(NotFound):
        keep_calculation(stocked, OFFICER, CLOCK, 2027, "NX 999", PAIN)
    huge = Morbidity((Group("", 10**15, Fraction(10**9), 365),))
    with pytest.raises(Invalid, match="too large"):
        keep_calculation(stocked, OFFICER, CLOCK, 2027, "NM 009", huge)


def test_kinds_by_treaty(stocked: Session) -> None:
    facts = substance_by_codes(stocked, ["NM 009", "PD 006", "1988:acetic-anhydride"], CLOCK.today())
    assert {code: kinds_of(fact) for code, fact in facts.items()} == {
        "NM 009": ("estimate", "state_quota"),
        "PD 006": ("assessment", "state_quota"),
        "1988:acetic-anhydride": ("alr", "state_quota"),
    }


def test_a_figure_picked_flows_into_drafts(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    number = keep_calculation(stocked, OFFICER, CLOCK, 2025, "NM 009", PAIN)
    command = Picked(2025, "NM 009", 16_808_400_000_000, "need, not use", ("estimate", "state_quota"), number)
    ids, finding = pick(stocked, OFFICER, CLOCK, command)
    assert finding is None
    lines = [line_by_id(stocked, each) for each in ids]
    assert [(line.kind, line.item, line.state, line.note) for line in lines if line] == [
        ("estimate", "consumption", "draft", "need, not use"),
        ("state_quota", None, "draft", "need, not use"),
    ]
    [choice] = choices_of(stocked, 2025)
    assert (choice.calculation_id, choice.line_ids, choice.used_before_ng) == (number, tuple(ids), 750 * G)
    with pytest.raises(Conflict):
        pick(stocked, OFFICER, CLOCK, command)


def test_qta_11_stands_in_the_worklist(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    _, finding = pick(stocked, OFFICER, CLOCK, Picked(2025, "NM 009", 700 * G, "savings", ("estimate",)))
    assert finding is not None
    assert [flag.rule for flag in worklist(stocked, rule="QTA-11")] == ["QTA-11"]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"justification": "  "}, "justification"),
        ({"kinds": ()}, "kinds"),
        ({"kinds": ("assessment",)}, "kinds"),
        ({"calculation_id": 999}, "calculation"),
    ],
)
def test_what_cannot_be_picked(stocked: Session, change: dict[str, object], column: str) -> None:
    asked: dict[str, object] = {"justification": "x", "kinds": ("estimate",)} | change
    with pytest.raises(Invalid) as refused:
        pick(stocked, OFFICER, CLOCK, Picked(2027, "NM 009", G, **asked))  # type: ignore[arg-type]
    assert [problem.column for problem in refused.value.problems] == [column]
    assert prepared_lines(stocked) == []


def test_the_methods_side_by_side_on_a_page(office: Office) -> None:
    office.at(office.clock.moment.replace(year=2025))
    officer = office.browser("asel")
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
        row = table_of("country,year,population", "KG,2023,7000000")
        assert take_in(session, "population", row).written
    place = "/quotas/needs/2026/NM 009"
    page = officer.get(place)
    assert 'value="7000000"' in page.text
    assert "2,800 patients in severe pain" in text_of(page)
    typed = {"morbidity-patients_1": "2800", "morbidity-mg_per_day_1": "66,7", "morbidity-days_1": "90"}
    assert officer.post("/quotas/work-out/morbidity/2026/NM 009", data=typed).status_code == 303
    people = {"population-people": "7000000", "population-g_per_thousand": "2.5"}
    assert officer.post("/quotas/work-out/population/2026/NM 009", data=people).status_code == 303
    beds = {"services-name_2": "beds", "services-units_2": "10", "services-g_per_unit_2": "1.5"}
    assert officer.post("/quotas/work-out/services/2026/NM 009", data=beds).status_code == 303
    assert officer.post("/quotas/work-out/trend/2026/NM 009", data={"trend-rule": "mean"}).status_code == 303
    page = text_of(officer.get(place))
    for part in (
        "16,808.4 g",
        "2800 patients × 66.7 mg a day × 90 days",
        "17,500 g",
        "15 g",
        "consumed in 2024",
        "750 g",
    ):
        assert part in page, part
    listed = text_of(officer.get("/quotas/needs/2026"))
    for part in ("NM 009 morphine", "16,808.4 g", "17,500 g"):
        assert part in listed
    assert officer.get("/quotas/needs").location == "/quotas/needs/2026"


@pytest.mark.parametrize(
    ("method", "typed", "said"),
    [
        ("morbidity", {}, "fill in at least one row"),
        ("morbidity", {"morbidity-patients_1": "5"}, "fill in the whole row"),
        ("morbidity", {"morbidity-patients_1": "5.5", "morbidity-mg_per_day_1": "1", "morbidity-days_1": "1"}, "not a whole"),
        ("population", {"population-people": "7"}, "This field is required"),
        ("services", {"services-units_1": "x", "services-g_per_unit_1": "1"}, "not a number"),
        ("services", {"services-units_1": "1", "services-g_per_unit_1": "1", "services-note": "=1"}, "formula"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out(office: Office, method: str, typed: dict[str, str], said: str) -> None:
    answer = office.browser("asel").post(f"/quotas/work-out/{method}/2025/NM 009", data=typed)
    assert answer.status_code == 422
    assert said in text_of(answer)
    with office.rows() as session:
        assert calculations_of(session, 2025) == []


def test_the_officer_picks_and_says_why(office: Office) -> None:
    office.at(office.clock.moment.replace(year=2025))
    officer = office.browser("asel")
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
    typed = {"morbidity-patients_1": "10", "morbidity-mg_per_day_1": "10", "morbidity-days_1": "90"}
    officer.post("/quotas/work-out/morbidity/2026/NM 009", data=typed)
    with office.rows() as session:
        [kept] = calculations_of(session, 2026)
    asked = {"calculation": str(kept.id), "kinds": ["estimate", "state_quota"]}
    mute = officer.post("/quotas/pick/2026/NM 009", data=asked)
    assert mute.status_code == 422
    sent = officer.post("/quotas/pick/2026/NM 009", data=asked | {"justification": "few patients"})
    assert sent.status_code == 303
    page = text_of(officer.get("/quotas/needs/2026/NM 009"))
    with office.rows() as session:
        drafted = prepared_lines(session, 2026)
    assert all("QTA-11" in text_of(officer.get(f"/quotas/lines/{line.id}")) for line in drafted)
    for part in (
        "The methods side by side",
        "1.2 %",
        "Less than was consumed",
        "QTA-11",
        "750 g consumed in 2024",
        "few patients",
        "Patients and doses",
    ):
        assert part in page, part
    with office.rows() as session:
        assert [(line.kind, line.quantity_ng) for line in prepared_lines(session, 2026)] == [
            ("estimate", 9 * G),
            ("state_quota", 9 * G),
        ]
    own = {"calculation": "", "quantity_g": "800", "justification": "agreed", "kinds": ["state_quota"]}
    again = officer.post("/quotas/pick/2026/NM 009", data=own)
    assert again.status_code == 422
    assert "recorded already" in text_of(again)


@pytest.mark.parametrize("username", ["bakyt", "chinara", "imran"])
def test_only_officers_work_needs_out(office: Office, username: str) -> None:
    client = office.browser(username)
    for method in METHODS:
        assert client.post(f"/quotas/work-out/{method}/2025/NM 009").status_code == 403
    assert client.post("/quotas/pick/2025/NM 009").status_code == 403
