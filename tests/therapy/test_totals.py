"""What may be told above the site: no count of a few people, not even by subtraction."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from registry.therapy.domain.totals import Told, told
from registry.therapy.service.totals import TotalRow, month_totals
from tests.intake.tables import counted
from tests.therapy.sheets import keep, open_site, sheet
from tests.world import move, table_of, take_in

LEAST = 5
COUNTS = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 12).map(Fraction), max_size=7)


def of(**counts: int) -> Told[str]:
    return told({key: Fraction(number) for key, number in counts.items()}, LEAST)


def test_a_small_count_is_hidden_and_the_next_smallest_with_it() -> None:
    assert of(a=5, b=9) == Told(frozenset(), total_hidden=False)
    assert of(a=4, b=9, c=20) == Told(frozenset("ab"), total_hidden=False)
    assert of(a=4, b=3, c=20) == Told(frozenset("ab"), total_hidden=False)
    assert of(a=1, b=2, c=20) == Told(frozenset("abc"), total_hidden=False), "one and two are three: still too few"
    assert of(a=0, b=9) == Told(frozenset(), total_hidden=False), "nobody is nobody"


def test_where_nothing_is_left_to_hide_with_the_total_goes_too() -> None:
    assert of(a=4) == Told(frozenset("a"), total_hidden=True)
    assert of(a=1, b=2) == Told(frozenset("ab"), total_hidden=True)
    assert of(a=3, b=4) == Told(frozenset("ab"), total_hidden=False)


@given(COUNTS)
def test_no_small_count_can_be_worked_out(counts: dict[str, Fraction]) -> None:
    """What a reader can add up: everything shown, and the total less everything shown."""
    answer = told(counts, LEAST)
    shown = {key: number for key, number in counts.items() if key not in answer.hidden and number}
    assert all(number >= LEAST for number in shown.values())
    if answer.hidden and not answer.total_hidden:
        rest = sum(counts.values()) - sum(shown.values())
        assert len(answer.hidden) > 1
        assert rest >= LEAST
    assert bool(answer.hidden) == any(0 < number < LEAST for number in counts.values())


REGIONS = {"E-OST": ("KG-GB", 10), "E-PR": ("KG-C", 6), "E-SM": ("KG-O", 4)}


def _country(session: Session, *codes: str) -> None:
    """Let sites in three regions keep a sheet on two days: ten, six and four doses a day."""
    open_site(session)
    rows = [f"{code},{code},ost_site,{REGIONS[code][0]}" for code in codes if code != "E-OST"]
    assert take_in(session, "organisations", table_of("code,name,kind,region", *rows)).written
    columns = "number,organisation,acts,substances,valid_from,valid_to"
    licences = [f"L-{code},{code},dispensing;storage,narcotic,2023-01-01,2026-12-31" for code in codes]
    assert take_in(session, "licences", table_of(columns, *licences)).written
    for code in codes:
        if code != "E-OST":
            assert move(session, f"O-{code},2024-02-01,opening_stock,{code},,MET5,K1,1000,,,,,").written
    kept = keep(session, *(_day(code, day) for code in codes for day in ("2024-03-01", "2024-03-31")))
    assert kept.written, kept.as_json()


def _day(code: str, day: str) -> dict[str, str]:
    doses = REGIONS[code][1]
    cells = {"site": code, "sheet_on": day, "observed_doses": str(doses - 1), "observed_quantity": str(2 * doses - 2)}
    home = {"home_handouts": "1", "home_doses": "1", "home_longest": "1", "home_quantity": "2", "spill": "1"}
    return sheet(**cells, **home, closing="0")


def _shown(rows: list[TotalRow]) -> dict[str | None, tuple[int, int | None]]:
    return {row.region: (row.sites, row.doses) for row in rows}


def test_totals_of_a_month_hide_the_small_region_and_the_next(stocked: Session) -> None:
    _country(stocked, "E-OST", "E-PR", "E-SM")
    with counted(stocked) as seen:
        rows = month_totals(stocked, date(2024, 3, 1))
    assert len(seen) < 12
    assert _shown(rows) == {"KG-C": (1, None), "KG-GB": (1, 20), "KG-O": (1, None), None: (3, 40)}
    whole = rows[-1]
    # 40 doses of 2 ml of 5 mg/ml: 400 mg of the hydrochloride, of which 90 percent are base; 6 ml were spilt.
    assert (whole.given_ng, whole.spilt_ng, whole.home_doses) == (360 * 10**6, 27 * 10**6, 6)
    hidden = next(row for row in rows if row.region == "KG-O")
    assert (hidden.doses, hidden.home_doses, hidden.given_ng, hidden.spilt_ng) == (None, None, None, None)
    assert month_totals(stocked, date(2024, 4, 1)) == []


def test_a_country_with_one_small_site_tells_nothing(stocked: Session) -> None:
    _country(stocked, "E-SM")
    assert _shown(month_totals(stocked, date(2024, 3, 1))) == {"KG-O": (1, None), None: (1, None)}


def test_a_corrected_sheet_counts_as_it_stands(stocked: Session) -> None:
    _country(stocked, "E-OST")
    mended = _day("E-OST", "2024-03-01") | {"observed_doses": "19", "corrects": "1", "reason": "counted anew"}
    assert keep(stocked, mended).written
    assert _shown(month_totals(stocked, date(2024, 3, 1)))[None] == (1, 30)
