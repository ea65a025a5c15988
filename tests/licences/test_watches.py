"""Licences that end with nothing in their place are found, whether somebody looks or not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.kernel.clock import FixedClock
from registry.kernel.rules import Severity
from registry.licences.domain import LOOKED_BACK, ONE_DAY, LicenceFact, takes_its_place
from registry.licences.watches import ending
from registry.parties.queries import sites_by_codes
from tests.intake.tables import counted
from tests.licences.test_licences import ENDING_SOON_DAYS, LICENCE, firms, take
from tests.world import table_of, take_in

__all__ = ["firms"]

DAY = date(2026, 11, 22)
FACT = LicenceFact(
    1, "L-1", 7, None, frozenset({"import", "storage"}), ("narcotic", "psychotropic"),
    date(2020, 1, 1), None, date(2024, 1, 1), DAY,
)  # fmt: skip


def other(**changes: object) -> LicenceFact:
    fields = {name: getattr(FACT, name) for name in LicenceFact.__slots__}
    later = {"number": "L-2", "valid_from": DAY + ONE_DAY, "valid_to": DAY + timedelta(days=300)}
    return LicenceFact(**(fields | later | changes))


def codes(session: Session, clock: FixedClock) -> list[tuple[str, str, str | None]]:
    return sorted((one.rule.code, one.subject, one.observed) for one in ending(session, clock))


@pytest.mark.parametrize(
    ("changes", "takes"),
    [
        ({}, True),
        ({"valid_from": DAY + 2 * ONE_DAY}, False),
        ({"valid_to": DAY}, False),
        ({"valid_to": DAY + ONE_DAY}, True),
        ({"acts": frozenset({"import", "storage", "sale"})}, True),
        ({"acts": frozenset({"import"})}, False),
        ({"scope": ("narcotic",)}, False),
        ({"scope": ("psychotropic", "narcotic", "precursor")}, True),
        ({"site_id": 3}, False),
        ({"organisation_id": 8}, False),
        ({"superseded_on": DAY}, False),
        ({"number": "L-1"}, False),
    ],
)
def test_what_takes_the_place_of_a_licence(changes: dict[str, object], takes: bool) -> None:
    assert takes_its_place(other(**changes), FACT) is takes


def test_lic_03_a_licence_near_its_end_without_another(firms: Session, clock: FixedClock) -> None:
    today = clock.today()
    days = {"today": 0, "last": ENDING_SOON_DAYS, "later": ENDING_SOON_DAYS + 1}
    take(firms, clock, *(LICENCE | {"number": name, "valid_to": str(today + timedelta(days=n)), "acts": act}
                         for act, (name, n) in zip(("import", "export", "sale"), days.items(), strict=True)))  # fmt: skip
    found = ending(firms, clock)
    assert [(one.rule.code, one.subject) for one in found] == [("LIC-03", "licence today"), ("LIC-03", "licence last")]
    assert {one.severity for one in found} == {Severity.FLAG}
    holder = sites_by_codes(firms, ["IMP"])["IMP"].organisation_id
    assert {one.organisation_id for one in found} == {holder}


def test_lic_04_a_licence_that_has_ended_without_another(firms: Session, clock: FixedClock) -> None:
    today = clock.today()
    ends = {"yesterday": today - ONE_DAY, "year": today - LOOKED_BACK, "history": today - LOOKED_BACK - ONE_DAY}
    take(firms, clock, *(LICENCE | {"number": name, "valid_from": "2020-01-01", "valid_to": str(day), "acts": act}
                         for act, (name, day) in zip(("import", "export", "sale"), ends.items(), strict=True)))  # fmt: skip
    assert codes(firms, clock) == [
        ("LIC-04", "licence year", str(ends["year"])),
        ("LIC-04", "licence yesterday", str(ends["yesterday"])),
    ]


def test_a_renewal_is_no_finding(firms: Session, clock: FixedClock) -> None:
    soon = str(clock.today() + timedelta(days=10))
    take(firms, clock, LICENCE | {"valid_to": soon})
    assert len(ending(firms, clock)) == 1
    take(firms, clock, LICENCE | {"number": "L-2", "valid_from": str(clock.today())})
    assert ending(firms, clock) == []


def test_a_longer_revision_of_the_same_licence_is_no_finding(firms: Session, clock: FixedClock) -> None:
    take(firms, clock, LICENCE | {"valid_to": str(clock.today() + timedelta(days=10))})
    take(firms, clock, LICENCE)
    assert ending(firms, clock) == []


def test_an_organisation_that_is_no_longer_there_needs_no_licence(firms: Session, clock: FixedClock) -> None:
    take(firms, clock, LICENCE | {"valid_to": str(clock.today() + timedelta(days=10))})
    closed = f"IMP,Importer,importer,{clock.today() - ONE_DAY}"
    assert take_in(firms, "organisations", table_of("code,name,kind,valid_to", closed), clock=clock).written
    assert ending(firms, clock) == []


def test_statements_do_not_grow_with_licences(firms: Session, clock: FixedClock) -> None:
    taken = []
    for count in (1, 50):
        soon = str(clock.today() + timedelta(days=10))
        take(firms, clock, *(LICENCE | {"number": f"{count}-{n}", "valid_to": soon} for n in range(count)))
        with counted(firms) as seen:
            assert len(ending(firms, clock)) >= count
        taken.append(len(seen))
    assert taken[0] == taken[1]
