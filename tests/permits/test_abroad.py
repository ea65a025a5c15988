"""Estimates of other countries: taken in by file, counted down by our export permits; stock on a day; re-exports."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.permits.domain.checks import Original
from registry.permits.domain.rules import ISSUER_KNOWN
from registry.permits.queries.abroad import foreign_estimates, originals
from registry.permits.queries.permits import permits_by_numbers
from registry.permits.service import Submission, preview
from registry.stock.queries.on_day import stock_on_day
from registry.substances.queries.lists import substance_by_codes
from tests.permits.acting import JUNE, OFFICER, apply, importer, row
from tests.world import move, table_of, take_in

G = 10**9
COLUMNS = "country,year,substance,quantity_g,published_on"
PERMITS = "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity,counterpart_number"


def estimates(session: Session, *rows: str) -> Report:
    return take_in(session, "foreign_estimates", table_of(COLUMNS, *rows), OFFICER, JUNE)


def morphine(session: Session) -> int:
    return substance_by_codes(session, ["NM 009"], date(2024, 6, 15))["NM 009"].id


def test_the_latest_publication_counts_from_its_day(stocked: Session) -> None:
    assert estimates(stocked, "KZ,2024,NM 009,100,2024-01-10", "KZ,2024,NM 009,80,2024-06-15").written
    assert estimates(stocked, "KZ,2024,NM 009,60,2024-06-16").written
    key = ("KZ", 2024, morphine(stocked))
    found = foreign_estimates(stocked, JUNE, [key])[key]
    assert (found.quantity, found.published_on, found.taken) == (80 * G, date(2024, 6, 15), Fraction(0))


def test_the_same_figure_again_is_a_duplicate_and_another_one_an_error(stocked: Session) -> None:
    assert estimates(stocked, "KZ,2024,NM 009,100,2024-01-10").written
    again = estimates(stocked, "KZ,2024,NM 009,100,2024-01-10")
    assert (again.duplicates, again.accepted) == (1, 0)
    other = estimates(stocked, "KZ,2024,NM 009,101,2024-01-10", "KZ,2024,XX 999,1,2024-01-10")
    assert not other.written
    assert [(problem.row, problem.column, problem.code) for problem in other.problems] == [
        (2, "quantity_g", "reference-reused"),
        (3, "substance", "unknown-substance"),
    ]


def test_export_permits_count_the_estimate_down(stocked: Session) -> None:
    assert estimates(stocked, "KZ,2024,NM 009,100,2024-01-10").written
    permit = "X-1,export,E-IMP,KZ,Buyer,2024-06-01,2024-08-30,MOR10,2000,KZ-1"
    assert take_in(stocked, "permits", table_of(PERMITS, permit), clock=JUNE).written
    key = ("KZ", 2024, morphine(stocked))
    taken = foreign_estimates(stocked, JUNE, [key])[key].taken
    line = next(iter(permits_by_numbers(stocked, ["X-1"])["X-1"].lines.values()))
    assert line.units == 2000
    assert taken == 15 * G

    def export(quantity: int) -> Report:
        text = row("A-1", quantity, kind="export", counterpart="KZ-2").replace(",IN,", ",KZ,")
        return apply(stocked, text, actor=importer(stocked))

    limits = [finding for finding in export(11_334).findings if finding.rule.code == "PRM-14"]
    assert [(finding.limit, finding.largest_quantity) for finding in limits] == [("85", "11333")]
    assert not [finding for finding in export(11_333).findings if finding.rule.code == "PRM-14"]


def test_stock_on_a_day_is_what_the_movements_say(stocked: Session) -> None:
    organisation = importer(stocked).organisation_id
    assert organisation is not None
    move(
        stocked,
        "O-1,2024-02-01,opening_stock,E-IMP,,MOR10,B1,500,,,,,",
        "S-1,2024-02-10,supply,E-IMP,E-WHO,MOR10,B1,200,,,,,",
    )
    product = next(iter(permits_by_numbers(stocked, ["P-6"])["P-6"].lines))
    days = (date(2024, 1, 31), date(2024, 2, 9), date(2024, 2, 10))
    found = stock_on_day(stocked, [(organisation, product, day) for day in days])
    assert {day: found.get((organisation, product, day)) for day in days} == dict(
        zip(days, (None, 500, 300), strict=True)
    )


def test_an_original_is_an_import_permit_of_the_same_organisation(stocked: Session) -> None:
    organisation = importer(stocked).organisation_id
    assert organisation is not None
    found = originals(stocked, {"P-6": organisation, "P-NONE": organisation})
    assert found["P-6"].found
    assert found["P-NONE"] == Original(found=False)
    assert not originals(stocked, {"P-6": organisation + 1})["P-6"].found


def test_the_authority_known_abroad_is_read_for_the_day_of_its_permit(stocked: Session) -> None:
    head = "country,name,valid_from"
    for line in ("IN,Drug Control,2024-01-01", "IN,New Drug Control,2024-06-01"):
        assert take_in(stocked, "authorities", table_of(head, line), clock=JUNE).written

    def judged(day: str) -> list[bool]:
        given = {"counterpart_issuer": "Drug Control", "counterpart_issued_on": day}
        command = Submission(
            f"A-{day}",
            "import",
            "E-IMP",
            "IN",
            "S",
            (("MOR10", "1"),),
            date(2024, 7, 1),
            "IN-7",
            "medical",
            None,
            given,
        )
        lines = preview(stocked, importer(stocked), JUNE, command)
        return [line.passed for line in lines if line.rule is ISSUER_KNOWN]

    assert [judged("2024-05-31"), judged("2024-06-01")] == [[True], [False]]
