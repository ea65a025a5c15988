"""The daily sheet: its arithmetic, what it does to the ledger, its corrections, and every rule on both sides."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.intake.check import Report
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.parameters import NOT_SET, Parameter
from registry.parameters.service import NewValue, set_value
from registry.parties.queries import sites_by_codes
from registry.stock.queries.days import day_shelves
from registry.stock.queries.verify import verify
from registry.substances.queries.products import revisions_for_products
from registry.therapy.domain.parameters import METHADONE_DOSE, TAKE_HOME_DAYS
from registry.therapy.queries.sheets import versions_of
from tests.intake.tables import counted
from tests.stock.test_rules import severities
from tests.therapy.sheets import DAY, keep, open_site, sheet
from tests.world import CLOCK, move, table_of, take_in

GIVEN = {"observed_doses": "20", "observed_quantity": "240", "closing": "1260"}
DILUTED = {
    "product": "MET1",
    "concentrate": "MET5",
    "concentrate_batch": "K1",
    "concentrate_quantity": "100",
    "closing": "500",
}


@pytest.fixture
def site(stocked: Session) -> Session:
    open_site(stocked)
    return stocked


def codes(report: Report) -> list[tuple[str, str]]:
    return [(problem.column, problem.code) for problem in report.problems]


def told(report: Report) -> list[tuple[str, str]]:
    """Return what the rules of sheets say."""
    found = [(finding.rule.code, finding.severity.value) for finding in report.findings]
    return [each for each in found if each[0].startswith("OST-")]


def held(session: Session, product: str, day: str = DAY) -> dict[str, int]:
    """Return label -> what the ledger holds at the close of a day, in thousandths of a millilitre or in pieces."""
    number = sites_by_codes(session, ["E-OST"])["E-OST"].id
    product_id = revisions_for_products(session, [product], CLOCK.today())[product][0].product_id
    place = (number, product_id, date.fromisoformat(day))
    return {shelf.label: shelf.closing for shelf in day_shelves(session, [place]).get(place, ())}


def limit(session: Session, parameter: Parameter, value: str) -> None:
    with unit_of_work(session):
        set_value(session, SYSTEM, CLOCK, NewValue(parameter, value, date(2024, 1, 1), "No. 1"))


def test_a_sheet_gives_from_what_expires_first_and_moves_the_ledger(site: Session) -> None:
    report = keep(site, sheet(**GIVEN | {"observed_quantity": "600", "spill": "1.5", "closing": "898.5"}), entered=True)
    assert report.written, report.as_json()
    assert held(site, "MET5") == {"K2": 0, "K1": 898_500}
    rows = site.execute(
        text("SELECT kind, units, prescription FROM movement WHERE reference LIKE 'SHEET:%' ORDER BY id")
    ).all()
    assert [tuple(row) for row in rows] == [
        ("dispense", 500_000, "daily-sheet"),
        ("dispense", 100_000, "daily-sheet"),
        ("spoil", 1_500, None),
    ]
    assert not verify(site).faults


def test_a_batch_that_has_expired_is_not_given(site: Session) -> None:
    assert keep(site, sheet(**GIVEN | {"sheet_on": "2024-07-01"}), entered=True).written
    assert held(site, "MET5", "2024-07-01") == {"K2": 500_000, "K1": 760_000}


def test_the_same_sheet_again_changes_nothing_and_another_needs_to_say_what_it_corrects(site: Session) -> None:
    assert keep(site, sheet(**GIVEN)).written
    again = keep(site, sheet(**GIVEN))
    assert (again.duplicates, again.accepted, again.written) == (1, 0, True)
    other = GIVEN | {"observed_quantity": "250", "closing": "1250"}
    assert codes(keep(site, sheet(**other))) == [("corrects", "sheet-kept")]
    assert codes(keep(site, sheet(**other, corrects="1"))) == [("reason", "missing")]
    assert codes(keep(site, sheet(**other, corrects="2", reason="misread"))) == [("corrects", "sheet-kept")]
    assert held(site, "MET5") == {"K2": 260_000, "K1": 1_000_000}
    mended = keep(site, sheet(**other, corrects="1", reason="misread"))
    assert mended.written, mended.as_json()
    assert held(site, "MET5") == {"K2": 250_000, "K1": 1_000_000}
    assert keep(site, sheet(**other, corrects="1", reason="misread")).duplicates == 1
    (versions,) = versions_of(site, _places(site)).values()
    assert [(kept.version, kept.sheet.observed_units, kept.reason) for kept in versions] == [
        (1, 240_000, None),
        (2, 250_000, "misread"),
    ]
    assert not verify(site).faults


def _places(session: Session) -> list[tuple[int, int, date]]:
    rows = session.execute(text("SELECT site_id, product_id FROM therapy_sheet")).all()
    return [(row[0], row[1], date.fromisoformat(DAY)) for row in rows]


def test_a_correction_to_nothing_gives_everything_back(site: Session) -> None:
    assert keep(site, sheet(**GIVEN)).written
    assert keep(site, sheet(closing="1500", corrects="1", reason="another site")).written
    assert held(site, "MET5") == {"K2": 500_000, "K1": 1_000_000}


def test_entries_of_a_sheet_are_not_reversed_or_written_by_hand(site: Session) -> None:
    assert keep(site, sheet(**GIVEN)).written
    reference = site.execute(text("SELECT reference FROM movement WHERE reference LIKE 'SHEET:%'")).scalar_one()
    by_hand = move(site, f"R-1,{DAY},reverse,E-OST,,MET5,K2,240,,,{reference},,")
    assert codes(by_hand) == [("document", "entry-of-a-sheet")]
    assert codes(move(site, f"SHEET:9,{DAY},dispense,E-OST,,MET5,K2,1,,,,1/24,")) == [
        ("reference", "reserved-reference")
    ]


def test_prison_units_keep_the_same_sheets(site: Session) -> None:
    rows = ("code,name,kind,region", "E-OST,Пункт ОЗТ № 3,prison_medical_unit,KG-GB")
    assert take_in(site, "organisations", table_of(*rows)).written
    assert told(keep(site, sheet(**GIVEN), entered=True)) == []


def test_a_firm_writes_sheets_of_its_own_sites_only(site: Session) -> None:
    number = sites_by_codes(site, ["E-PH1"])["E-PH1"].organisation_id
    refused = keep(site, sheet(**GIVEN), actor=Actor(1, "polina", frozenset({"pharmacy"}), number))
    assert codes(refused) == [("site", "not-your-site")]


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ({"observed_doses": "1"}, ("observed_quantity", "doses-without-quantity")),
        ({"observed_quantity": "1"}, ("observed_quantity", "doses-without-quantity")),
        ({"home_doses": "2", "home_handouts": "1", "home_longest": "2"}, ("home_quantity", "doses-without-quantity")),
        ({"home_doses": "5", "home_handouts": "2", "home_longest": "2", "home_quantity": "9"}, ("home_doses", "not-so-many-days")),
        ({"home_doses": "1", "home_handouts": "2", "home_longest": "2", "home_quantity": "9"}, ("home_doses", "not-so-many-days")),
        ({"sheet_on": "2027-01-01"}, ("sheet_on", "in-the-future")),
        ({"product": "MOR10"}, ("product", "not-of-the-therapy")),
        ({"product": "NONE"}, ("product", "unknown-product")),
        ({"site": "NONE"}, ("site", "unknown-site")),
        ({"spill": "0.0001"}, ("spill", "too-many-decimals")),
        ({"spill": "-1"}, ("spill", "not-a-quantity")),
        ({"observed_doses": "1.5"}, ("observed_doses", "not-a-number")),
        ({"note": "21212199012345 was late"}, ("note", "personal-number")),
        ({"concentrate": "MET5", "concentrate_quantity": "1"}, ("concentrate", "same-product")),
        ({"concentrate_quantity": "1"}, ("concentrate", "missing")),
        ({"concentrate": "BUP8", "concentrate_quantity": "1"}, ("obtained", "not-exact")),
        ({"corrects": "1"}, ("corrects", "nothing-to-correct")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_cell(site: Session, cells: dict[str, str], wrong: tuple[str, str]) -> None:
    assert wrong in codes(keep(site, sheet(closing="1500") | cells))


def test_ost_01_closes(site: Session) -> None:
    assert told(keep(site, sheet(**GIVEN), entered=True)) == []
    for closing in ("1259.999", "1260.001"):
        off = keep(site, sheet(**GIVEN | {"sheet_on": "2024-03-02", "closing": closing}), entered=True)
        assert severities(off, "OST-01") == ["refuse"]
    [finding] = [each for each in off.findings if each.rule.code == "OST-01"]
    assert (finding.observed, finding.limit, finding.unit) == ("1260.001", "1020", "ml")
    reported = keep(site, sheet(**GIVEN | {"sheet_on": "2024-03-02", "closing": "1019"}))
    assert (reported.written, severities(reported, "OST-01")) == (True, ["flag"])


def test_ost_01_counts_the_other_sheets_of_a_file_and_what_came_that_day(site: Session) -> None:
    assert move(site, "O-9,2024-03-02,opening_stock,E-OST,,MET5,K3,40,,,,,").written
    report = keep(
        site,
        sheet(**GIVEN | {"sheet_on": "2024-03-02", "closing": "960"}),
        sheet(**GIVEN | {"closing": "1160"}),
        sheet(**DILUTED),
        entered=True,
    )
    assert told(report) == []
    assert report.written


def test_ost_02_dilution_keeps_the_base(site: Session) -> None:
    worked_out = keep(site, sheet(**DILUTED), entered=True)
    assert worked_out.written, worked_out.as_json()
    assert held(site, "MET1") == {"K1": 500_000}
    assert held(site, "MET5") == {"K2": 500_000, "K1": 900_000}
    base = site.execute(text("SELECT kind, units FROM movement WHERE kind LIKE 'process%' ORDER BY id")).all()
    assert [tuple(row) for row in base] == [("process_out", 100_000), ("process_in", 500_000)]
    again = DILUTED | {"sheet_on": "2024-03-02"}
    exact = keep(site, sheet(**again | {"obtained": "500", "closing": "1000"}), entered=True)
    assert severities(exact, "OST-02") == []
    for obtained, closing in (("499.999", "1499.999"), ("500.001", "1500.001")):
        cells = {"obtained": obtained, "closing": closing, "sheet_on": "2024-03-03"}
        off = keep(site, sheet(**DILUTED | cells), entered=True)
        assert severities(off, "OST-02") == ["refuse"], obtained


def test_ost_03_residue(site: Session) -> None:
    assert told(keep(site, sheet(**GIVEN, residue="1260"), entered=True)) == []
    more = keep(
        site, sheet(**GIVEN | {"sheet_on": "2024-03-02", "closing": "1020", "residue": "1020.001"}), entered=True
    )
    assert severities(more, "OST-03") == ["refuse"]


def test_ost_04_take_home(site: Session) -> None:
    home = {"home_handouts": "2", "home_doses": "9", "home_quantity": "90", "home_longest": "5", "closing": "1410"}
    assert told(keep(site, sheet(**home), entered=True)) == [], "no limit until one is set"
    correct = home | {"reason": "counted anew", "note": "again"}
    for number, (days, found) in enumerate((("5", []), ("4", ["flag"]), (NOT_SET, [])), 1):
        limit(site, TAKE_HOME_DAYS, days)
        report = keep(site, sheet(**correct | {"corrects": str(number), "note": days}), entered=True)
        assert severities(report, "OST-04") == found, days
        assert report.written


def test_ost_05_largest_dose(site: Session) -> None:
    """12 ml of 5 mg/ml are 60 mg of the hydrochloride: 54 mg of base by the printed factor of 90 percent."""
    for number, (most, found) in enumerate(((NOT_SET, []), ("54", []), ("53", ["flag"]))):
        if most != NOT_SET:
            limit(site, METHADONE_DOSE, most)
        cells = GIVEN | {"largest_dose": "12", "note": most, "reason": "anew", "corrects": str(number or "")}
        report = keep(site, sheet(**cells), entered=True)
        assert severities(report, "OST-05") == found, most
        assert report.written
    [finding] = [each for each in report.findings if each.rule.code == "OST-05"]
    assert (finding.observed, finding.limit, finding.unit) == ("54", "53", "mg")


@pytest.mark.parametrize(("kind", "found"), [("clinic", []), ("hospital", []), ("pharmacy", ["flag"])])
def test_ost_06_place(site: Session, kind: str, found: list[str]) -> None:
    rows = ("code,name,kind,region", f"E-OST,Пункт ОЗТ № 3,{kind},KG-GB")
    assert take_in(site, "organisations", table_of(*rows)).written
    later = {"sheet_on": CLOCK.today().isoformat(), "closing": "1500"}
    assert severities(keep(site, sheet(**later)), "OST-06") == found


def test_the_statements_do_not_grow_with_the_sheets(site: Session) -> None:
    def statements(*rows: dict[str, str]) -> int:
        with counted(site) as seen:
            assert keep(site, *rows).written
        return len(seen)

    days = [sheet(**GIVEN | {"sheet_on": f"2024-03-{day:02d}", "observed_quantity": "1"}) for day in range(1, 13)]
    assert keep(site, days[0]).written
    assert statements(*days[2:]) <= statements(days[1])
