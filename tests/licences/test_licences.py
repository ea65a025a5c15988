"""Licences: taken in, repeated, changed, refused, found."""

from __future__ import annotations

from dataclasses import replace as with_changes
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.parameters import DEFAULTS
from registry.kernel.rules import Severity
from registry.licences.domain import AMOUNT_STATED, ENDING_SOON, LICENCE_ENDS, SCOPE_KEPT
from registry.licences.files import COLUMNS
from registry.licences.queries import find_licences, licences_by_numbers, licences_of
from registry.licences.service import record_licences
from registry.parties.files import COLUMNS as PARTY_COLUMNS
from registry.parties.queries import sites_by_codes
from registry.parties.service import record_organisations
from registry.substances.service import load_reference
from tests.intake.tables import checked, counted

ENDING_SOON_DAYS = DEFAULTS.number(ENDING_SOON)
LICENCE = {
    "number": "L-1",
    "organisation": "IMP",
    "acts": "import;export;storage",
    "substances": "narcotic;psychotropic",
    "valid_from": "2025-01-01",
    "valid_to": "2027-12-31",
}


@pytest.fixture
def firms(session: Session, clock: FixedClock) -> Session:
    load_reference(session, clock)
    rows = [
        {"code": "IMP", "name": "Importer", "kind": "importer"},
        {"code": "IMP-2", "name": "Its store", "kind": "importer", "parent": "IMP"},
        {"code": "WHO", "name": "Store", "kind": "wholesaler"},
    ]
    assert not record_organisations(session, SYSTEM, clock, checked(PARTY_COLUMNS, *rows), "f").refused
    return session


def take(session: Session, clock: FixedClock, *rows: dict[str, str]) -> Report:
    return record_licences(session, SYSTEM, clock, checked(COLUMNS, *rows), "file")


def test_a_licence_is_read_back_as_written(firms: Session, clock: FixedClock) -> None:
    row = LICENCE | {"site": "IMP-2", "limit_g": "12,5", "authority": "Authority", "conditions": "two keys"}
    report = take(firms, clock, row | {"substances": "nm-009; 1961 : i;narcotic;NM 009;1988:Acetic anhydride"})
    assert (report.accepted, report.problems, report.findings) == (1, [], [])
    sites = sites_by_codes(firms, ["IMP-2"])
    [fact] = licences_of(firms, [sites["IMP-2"].organisation_id, 999])[sites["IMP-2"].organisation_id]
    assert fact.scope == ("1961:I", "1988:acetic-anhydride", "NM 009", "narcotic")
    assert fact.acts == {"import", "export", "storage"}
    assert (fact.site_id, fact.limit_ng) == (sites["IMP-2"].id, 12_500_000_000)
    assert (fact.valid_from, fact.valid_to) == (date(2025, 1, 1), date(2027, 12, 31))
    assert (fact.authority, fact.conditions) == ("Authority", "two keys")
    assert fact.in_force == (date(2025, 1, 1), date(2027, 12, 31))


def test_same_content_in_any_order_is_a_duplicate(firms: Session, clock: FixedClock) -> None:
    take(firms, clock, LICENCE)
    again = LICENCE | {"acts": "storage; export;import;import", "substances": "psychotropic;Narcotic"}
    report = take(firms, clock, again, LICENCE)
    assert (report.accepted, report.duplicates, report.problems) == (0, 2, [])
    assert len(licences_by_numbers(firms, ["L-1"])["L-1"]) == 1


def test_other_content_counts_from_today(firms: Session, clock: FixedClock) -> None:
    take(firms, clock, LICENCE)
    assert take(firms, clock, LICENCE | {"acts": "storage"}).accepted == 1
    old, new = licences_by_numbers(firms, ["L-1"])["L-1"]
    assert old.in_force == (date(2025, 1, 1), clock.today() - timedelta(days=1))
    assert new.in_force == (clock.today(), date(2027, 12, 31))
    assert new.acts == {"storage"}


def test_a_licence_that_changes_hands_ends_for_the_first_holder(firms: Session, clock: FixedClock) -> None:
    take(firms, clock, LICENCE)
    take(firms, clock, LICENCE | {"organisation": "WHO"})
    sites = sites_by_codes(firms, ["IMP", "WHO"])
    held = licences_of(firms, [site.organisation_id for site in sites.values()])
    [old] = held[sites["IMP"].organisation_id]
    [new] = held[sites["WHO"].organisation_id]
    assert (old.superseded_on, new.superseded_on) == (clock.today(), None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"acts": "import;eat"}, ("acts", "unknown-value")),
        ({"acts": " ; "}, ("acts", "missing")),
        ({"acts": ""}, ("acts", "missing")),
        ({"substances": "narcotics"}, ("substances", "unknown-scope")),
        ({"substances": ";"}, ("substances", "missing")),
        ({"substances": "narcotic;NM 999"}, ("substances", "unknown-substance")),
        ({"substances": "1961:V"}, ("substances", "unknown-substance")),
        ({"organisation": "NOBODY"}, ("organisation", "unknown-organisation")),
        ({"organisation": "IMP-2"}, ("organisation", "not-an-organisation")),
        ({"site": "NOWHERE"}, ("site", "unknown-site")),
        ({"site": "WHO"}, ("site", "site-of-another")),
        ({"valid_to": "2024-12-31"}, ("valid_to", "dates-in-wrong-order")),
        ({"limit_g": "0.0000001"}, ("limit_g", "too-many-decimals")),
        ({"limit_g": "-1"}, ("limit_g", "not-a-quantity")),
        ({"valid_to": "31.13.2025"}, ("valid_to", "not-a-date")),
    ],
)
def test_bad_cells_are_named_and_nothing_is_written(
    firms: Session, clock: FixedClock, changes: dict[str, str], expected: tuple[str, str]
) -> None:
    report = take(firms, clock, LICENCE | {"number": "GOOD"}, LICENCE | changes)
    assert [(p.row, p.column, p.code) for p in report.problems] == [(3, *expected)]
    assert find_licences(firms).total == 0


def test_a_licence_of_one_day_is_in_order(firms: Session, clock: FixedClock) -> None:
    assert not take(firms, clock, LICENCE | {"valid_to": LICENCE["valid_from"]}).refused


def test_an_unknown_code_is_answered_with_what_is_near(firms: Session, clock: FixedClock) -> None:
    report = take(firms, clock, LICENCE | {"substances": "NM 909", "organisation": "IMPP"})
    said = {problem.column: str(problem.message) for problem in report.problems}
    assert "NM 009" in said["substances"]
    assert "IMP" in said["organisation"].split("Near to it")[1]


def test_same_number_with_other_content_in_one_file(firms: Session, clock: FixedClock) -> None:
    report = take(firms, clock, LICENCE, LICENCE | {"acts": "sale"})
    assert [(p.row, p.column, p.code) for p in report.problems] == [(3, "number", "repeated-key")]


def test_lic_02_notes_what_ends_within_thirty_days(firms: Session, clock: FixedClock) -> None:
    today = clock.today()
    days = {"gone": -1, "today": 0, "last": ENDING_SOON_DAYS, "later": ENDING_SOON_DAYS + 1}
    rows = [LICENCE | {"number": name, "valid_to": (today + timedelta(days=n)).isoformat()} for name, n in days.items()]
    report = take(firms, clock, *rows)
    assert [(f.rule, f.row) for f in report.findings] == [(LICENCE_ENDS, 3), (LICENCE_ENDS, 4)]
    assert not report.refused


def test_licences_are_found_by_number_holder_and_day(firms: Session, clock: FixedClock) -> None:
    take(firms, clock, LICENCE, LICENCE | {"number": "K-2", "organisation": "WHO", "valid_to": "2025-12-31"})
    take(firms, clock, LICENCE | {"acts": "storage"})
    assert [(fact.number, fact.acts) for fact in find_licences(firms, "l-").licences] == [("L-1", {"storage"})]
    holder = sites_by_codes(firms, ["WHO"])["WHO"].organisation_id
    assert [fact.number for fact in find_licences(firms, organisation_id=holder).licences] == ["K-2"]
    assert find_licences(firms, valid_on=date(2025, 12, 31)).total == 2
    assert find_licences(firms, valid_on=date(2026, 1, 1)).total == 1
    page = find_licences(firms, limit=1, offset=1)
    assert ([fact.number for fact in page.licences], page.total) == (["L-1"], 2)


def test_statements_do_not_grow_with_rows(firms: Session, clock: FixedClock) -> None:
    def measure(count: int) -> int:
        rows = [LICENCE | {"number": f"{count}-{n}", "substances": "NM 009"} for n in range(count)]
        with counted(firms) as statements:
            assert take(firms, clock, *rows).accepted == count
            licences_of(firms, range(count))
        return len(statements)

    assert measure(3) == measure(300)


def test_a_change_on_the_same_day_leaves_the_last_word(firms: Session, clock: FixedClock) -> None:
    take(firms, clock, LICENCE)
    take(firms, clock, LICENCE | {"acts": "sale"})
    take(firms, clock, LICENCE | {"acts": "storage"})
    tomorrow = with_changes(clock, moment=clock.moment + timedelta(days=1))
    take(firms, tomorrow, LICENCE | {"acts": "transit"})
    in_force = [fact.in_force for fact in licences_by_numbers(firms, ["L-1"])["L-1"]]
    today = clock.today()
    before = today - timedelta(days=1)
    assert in_force == [(date(2025, 1, 1), before), None, (today, today), (tomorrow.today(), date(2027, 12, 31))]


def test_lic_05_a_renewal_keeps_its_scope(firms: Session, clock: FixedClock) -> None:
    assert take(firms, clock, LICENCE).written is not None
    longer = LICENCE | {"valid_to": "2029-12-31"}
    assert [each.rule.code for each in take(firms, clock, longer).findings if each.rule is SCOPE_KEPT] == []
    for change in ({"acts": "import"}, {"acts": LICENCE["acts"], "substances": "narcotic;psychotropic;precursor"}):
        [found] = [each for each in take(firms, clock, longer | change).findings if each.rule is SCOPE_KEPT]
        assert (found.severity, found.row) == (Severity.FLAG, 2)


@pytest.mark.parametrize(
    ("acts", "limit", "told"), [("manufacture", "", 1), ("manufacture", "500", 0), ("import;storage", "", 0)]
)
def test_lic_06_a_licence_to_make_says_how_much(
    firms: Session, clock: FixedClock, acts: str, limit: str, told: int
) -> None:
    report = take(firms, clock, LICENCE | {"acts": acts, "limit_g": limit})
    assert len([each for each in report.findings if each.rule is AMOUNT_STATED]) == told
