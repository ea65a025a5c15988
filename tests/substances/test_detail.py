"""What a page of one substance shows, and the questions rules ask of the smaller tables."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.kernel.clock import FixedClock
from registry.kernel.errors import NotFound
from registry.substances.queries import editions, prohibitions_against, substance_by_codes, substance_detail
from registry.substances.queries.detail import national_class_facts, poppy_straw_codes, watch_suggestions
from tests.intake.tables import counted
from tests.substances.conftest import Record, product

TODAY = date(2026, 11, 22)


def test_a_narcotic_drug(lists: Session, add_products: Record, add_components: Record) -> None:
    add_products(product("CODPAR", other_ingredients="x"), product("OTHER"))
    add_components(("CODPAR", "NC 005", "phosphate hemihydrate", 8_000_000), ("OTHER", "NM 009", "base", 1))

    detail = substance_detail(lists, "nc005", TODAY)

    assert (detail.fact.name, detail.name_as_printed) == ("codeine", "CODEINE")
    assert [entry.schedule for entry in detail.schedules] == ["II"]
    assert len(detail.factors) == 23
    assert [limit.rule for limit in detail.limits] == ["1"]
    assert [revision.code for revision in detail.products] == ["CODPAR"]
    assert len(detail.trade_names) > 10
    assert not detail.national_list_loaded
    assert detail.precursor is None


def test_a_suspicious_factor_keeps_its_mark(lists: Session) -> None:
    marks = {factor.salt: factor.check_mark for factor in substance_detail(lists, "NO 003", TODAY).factors}
    assert marks == {"hydrochloride anhydrous": "ok", "hydrochloride trihydrate": "differs"}


def test_a_psychotropic_with_prohibitions(lists: Session) -> None:
    countries = {fact.country: fact.notified_on for fact in substance_detail(lists, "PC 009", TODAY).prohibitions}
    assert countries["RU"] is not None
    assert countries["RU"].year == 2005


def test_a_precursor(lists: Session) -> None:
    detail = substance_detail(lists, "1988:Acetic anhydride", TODAY)
    assert detail.precursor is not None
    assert detail.precursor.hs_code == "2915.24"
    assert "confirm" in detail.precursor.licit_use_status


def test_an_unknown_code_is_not_found(lists: Session) -> None:
    with pytest.raises(NotFound, match="ZZ 999"):
        substance_detail(lists, "ZZ 999", TODAY)


def test_prohibitions_of_many_shipments_in_few_statements(lists: Session) -> None:
    codes = substance_by_codes(lists, ["PC 009", "PD 006"], TODAY)
    cathine, diazepam = codes["PC 009"].id, codes["PD 006"].id
    with counted(lists) as few:
        found = prohibitions_against(lists, [("RU", cathine), ("RU", diazepam), ("KZ", cathine)], TODAY)
    with counted(lists) as many:
        prohibitions_against(lists, [("RU", number) for number in range(500)], TODAY)
    assert set(found) == {("RU", cathine)}
    assert len(few) == len(many)


def test_editions_say_where_they_come_from(lists: Session) -> None:
    known = {fact.list_code: (fact.precision, source, remarks) for fact, source, remarks in editions(lists)}
    assert set(known) == {"yellow", "green", "red", "national-kg", "watch-list-eu-uk"}
    assert known["yellow"][0] == "year"
    assert "No entries" in known["national-kg"][2]
    assert all(source for _precision, source, _remarks in known.values())


def test_the_smaller_tables(lists: Session, clock: FixedClock) -> None:
    today = clock.today()
    classes = national_class_facts(lists, today)
    assert len(classes) == 7
    assert (classes["precursor"].name_in("ky"), classes["precursor"].blocks) == ("прекурсор", True)
    assert (classes["live_organism"].name_in("ky"), classes["watch_list"].blocks) == ("", False)
    assert len(watch_suggestions(lists)) == 9
    straw = {code: total for code, _variety, _measure, total in poppy_straw_codes(lists, today)}
    assert straw["NX 010"] == ("NC 021", "NC 032", "NC 042", "NC 052", "NC 062")
    assert all(part in straw for total in straw.values() for part in total)
