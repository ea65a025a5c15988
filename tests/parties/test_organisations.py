"""Organisations and sites: taken in, repeated, changed, refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.flags.queries import worklist
from registry.intake.check import Report
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.parties.domain import (
    ENTITY_CHANGED,
    FIRST_DAY,
    KIND_CHANGED,
    ORGANISATION_KINDS,
    Level,
    SiteFact,
    SiteRevisionFact,
)
from registry.parties.files import COLUMNS
from registry.parties.models import SiteRevision
from registry.parties.queries import (
    find_sites,
    main_sites,
    near_codes,
    organisations_by_codes,
    sites_by_codes,
    sites_by_ids,
    sites_of,
)
from registry.parties.service import record_organisations
from tests.intake.tables import checked, counted

WHOLESALER = {"code": "W", "name": "Central store", "kind": "wholesaler", "region": "KG-GB"}
PHARMACY = {"code": "P", "name": "Дарыкана № 1", "kind": "pharmacy", "name_ky": "Дарыкана № 1 (кырг.)"}
BRANCH = {"code": "P-2", "name": "Дарыкана № 2", "kind": "pharmacy", "parent": "P"}


def take(session: Session, clock: FixedClock, *rows: dict[str, str]) -> Report:
    return record_organisations(session, SYSTEM, clock, checked(COLUMNS, *rows), "file")


def problems(report: Report) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.problems]


def test_row_without_parent_is_an_organisation_with_its_main_site(session: Session, clock: FixedClock) -> None:
    report = take(session, clock, BRANCH, PHARMACY, WHOLESALER)
    assert (report.rows, report.accepted, report.duplicates, report.problems) == (3, 3, 0, [])
    sites = sites_by_codes(session, ["P", "P-2", "W", "nobody"])
    assert set(sites) == {"P", "P-2", "W"}
    assert sites["P"].is_main
    assert not sites["P-2"].is_main
    assert sites["P-2"].organisation_id == sites["P"].organisation_id
    assert sites["P-2"].organisation_code == "P"
    assert organisations_by_codes(session, ["P", "P-2", "W"]).keys() == {"P", "W"}
    assert [site.code for site in sites_of(session, sites["P"].organisation_id)] == ["P", "P-2"]
    assert sites_by_ids(session, [sites["W"].id]) == {sites["W"].id: sites["W"]}
    holder = sites["P"].organisation_id
    assert main_sites(session, [holder, holder]) == {holder: sites["P"]}
    assert sites["W"].on(date(1950, 1, 1)).region == "KG-GB"


def test_same_content_again_changes_nothing(session: Session, clock: FixedClock) -> None:
    take(session, clock, PHARMACY, BRANCH)
    report = take(session, clock, BRANCH, PHARMACY, PHARMACY)
    assert (report.accepted, report.duplicates, report.problems) == (0, 3, [])
    assert session.scalar(select(func.count()).select_from(SiteRevision)) == 2


def test_other_content_counts_from_today(session: Session, clock: FixedClock) -> None:
    take(session, clock, PHARMACY)
    report = take(session, clock, PHARMACY | {"name": "Новое имя"})
    assert (report.accepted, report.findings) == (1, [])
    site = sites_by_codes(session, ["P"])["P"]
    assert site.dated
    assert site.name_in("ru", clock.today() - timedelta(days=1)) == "Дарыкана № 1"
    assert site.name_in("ru", clock.today()) == "Новое имя"
    assert site.name_in("ky", clock.today()) == "Дарыкана № 1 (кырг.)"


def test_pty_01_change_of_kind_is_flagged_each_time(session: Session, clock: FixedClock) -> None:
    take(session, clock, PHARMACY)
    report = take(session, clock, PHARMACY | {"kind": "wholesaler"})
    assert [(finding.rule.code, finding.row) for finding in report.findings] == [(KIND_CHANGED.code, 2)]
    assert not report.refused
    site = sites_by_codes(session, ["P"])["P"]
    assert site.level_on(clock.today() - timedelta(days=1)) is Level.RETAIL
    assert site.level_on(clock.today()).is_wholesale
    take(session, clock, PHARMACY)
    assert [flag.rule for flag in worklist(session)] == [KIND_CHANGED.code] * 2
    # The last revision of a day is the one that counts.
    assert sites_by_codes(session, ["P"])["P"].level_on(clock.today()) is Level.RETAIL


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([BRANCH], [(2, "parent", "unknown-organisation")]),
        ([PHARMACY, BRANCH, {**BRANCH, "code": "P-3", "parent": "P-2"}], [(4, "parent", "parent-is-site")]),
        ([PHARMACY | {"parent": "P"}], [(2, "parent", "own-parent")]),
        ([PHARMACY, PHARMACY | {"name": "Other"}], [(3, "code", "repeated-key")]),
        ([PHARMACY, BRANCH | {"code": "P", "parent": ""}], [(3, "code", "repeated-key")]),
        (
            [WHOLESALER | {"valid_from": "2026-01-02", "valid_to": "2026-01-01"}],
            [(2, "valid_to", "dates-in-wrong-order")],
        ),
        ([WHOLESALER | {"kind": "shop"}], [(2, "kind", "unknown-value")]),
        ([WHOLESALER | {"name": ""}], [(2, "name", "missing")]),
        ([WHOLESALER | {"name": "n" * 301}], [(2, "name", "too-long")]),
        ([PHARMACY | {"kind": "shop"}, BRANCH], [(2, "kind", "unknown-value")]),
    ],
)
def test_refused_rows_are_named_and_nothing_is_written(
    session: Session, clock: FixedClock, rows: list[dict[str, str]], expected: list[tuple[int, str, str]]
) -> None:
    report = take(session, clock, *rows)
    assert problems(report) == expected
    assert report.refused
    assert find_sites(session).total == 0


def test_validity_of_one_day_is_in_order(session: Session, clock: FixedClock) -> None:
    assert not take(session, clock, WHOLESALER | {"valid_from": "2026-01-01", "valid_to": "01.01.2026"}).refused


def test_a_site_never_moves(session: Session, clock: FixedClock) -> None:
    take(session, clock, PHARMACY, BRANCH, WHOLESALER)
    report = take(session, clock, BRANCH | {"parent": "W"}, WHOLESALER | {"parent": "P"}, BRANCH | {"parent": ""})
    assert problems(report) == [(row, "parent", "parent-changed") for row in (2, 3, 4)]


def test_a_later_file_may_add_a_site(session: Session, clock: FixedClock) -> None:
    take(session, clock, PHARMACY)
    assert take(session, clock, BRANCH).accepted == 1
    report = take(session, clock, BRANCH | {"code": "P-3", "parent": "P-2"})
    assert problems(report) == [(2, "parent", "parent-is-site")]


def test_unknown_parent_is_answered_with_what_is_near(session: Session, clock: FixedClock) -> None:
    take(session, clock, PHARMACY | {"code": "PHARM-0001"})
    report = take(session, clock, BRANCH | {"parent": "PHARM-0O01"})
    assert "PHARM-0001" in str(report.problems[0].message)
    assert near_codes(session, ["PHARM-001", "zzz"]) == {"PHARM-001": ("PHARM-0001",), "zzz": ()}


def test_search_finds_by_code_and_name_in_any_case(session: Session, clock: FixedClock) -> None:
    take(session, clock, PHARMACY, BRANCH, WHOLESALER)
    assert [site.code for site in find_sites(session, "дарыкана").sites] == ["P", "P-2"]
    assert find_sites(session, kind="wholesaler").total == 1
    page = find_sites(session, limit=1, offset=1)
    assert ([site.code for site in page.sites], page.total) == (["P-2"], 3)
    assert find_sites(session, "100%").total == 0
    holder = sites_by_codes(session, ["W"])["W"].organisation_id
    assert [site.code for site in find_sites(session, organisation_id=holder).sites] == ["W"]


def test_statements_do_not_grow_with_rows(session: Session, clock: FixedClock) -> None:
    def measure(count: int) -> int:
        rows = [PHARMACY | {"code": f"{count}-{n}"} for n in range(count)]
        sites = [BRANCH | {"code": f"{count}-{n}-b", "parent": f"{count}-{n}"} for n in range(count)]
        with counted(session) as statements:
            assert take(session, clock, *sites, *rows).accepted == 2 * count
        return len(statements)

    assert measure(3) == measure(300)


def test_levels_are_those_of_the_contract() -> None:
    wholesale = {"importer", "wholesaler", "manufacturer", "precursor_operator", "customs", "authority"}
    assert {code for code, kind in ORGANISATION_KINDS.items() if kind.level.is_wholesale} == wholesale
    assert len(ORGANISATION_KINDS) == 14


def test_revision_on_the_day_it_begins_and_the_day_before() -> None:
    old = SiteRevisionFact(FIRST_DAY, "pharmacy", "old", name_ru="старое")
    new = replace(old, effective_on=date(2026, 5, 1), kind="importer", name="new", name_ru=None)
    site = SiteFact(1, "S", 1, "S", is_main=True, revisions=(old, new))
    assert site.on(date(2026, 4, 30)) is old
    assert site.on(date(2026, 5, 1)) is new
    assert site.on(date(1800, 1, 1)) is old
    assert site.latest is new
    assert site.name_in("ru", date(2026, 4, 30)) == "старое"
    assert site.name_in("ru", date(2026, 5, 1)) == "new"


def test_pty_02_another_registration_number_is_another_legal_person(session: Session, clock: FixedClock) -> None:
    def told(number: str) -> list[str | None]:
        report = take(session, clock, WHOLESALER | {"registration_number": number})
        return [each.limit for each in report.findings if each.rule is ENTITY_CHANGED]

    # A number told for the first time is news; the same one again is nothing; another one is another person.
    assert [told(""), told("R-1"), told("R-1"), told("R-2")] == [[], [], [], ["R-1"]]
