"""The rules that look at papers, countries, goods and consignees: each on both sides of its boundary, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType

import pytest

from registry.kernel.parameters import Parameters
from registry.permits.domain.checks import (
    Case,
    ForeignEstimate,
    Original,
    check_abroad,
    check_consignee,
    check_customs,
    check_goods,
    check_original,
    check_papers,
    check_particulars,
    check_prohibited,
    check_purpose,
    check_quota,
    check_reply,
    check_several,
    check_stock,
    expiry_on,
    run_checks,
)
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.particulars import PARTICULARS
from registry.quotas.domain.rules import WITHIN_QUOTA
from registry.substances.domain.facts import RevisionFact
from tests.permits.test_rules import PART, TABLETS, TODAY, G, case_of, found

YEAR = date(2026, 1, 15)
DIAZEPAM = replace(
    PART, substance_code="PD 002", substance_name="diazepam", treaty="1971", schedules=frozenset({"1971:IV"})
)


def asked(
    kind: str = "export", revision: RevisionFact = TABLETS, more: dict[str, object] | None = None, **given: str
) -> Case:
    """An application for 10 g of morphine of any kind with these particulars; `more`: other facts of the case."""
    case = case_of(kind=kind, revision=revision, particulars=MappingProxyType(given))
    return replace(case, **(more or {}))


def abroad(rest: Fraction | int) -> dict[str, object]:
    return {"abroad": {1: ForeignEstimate(Fraction(50 * G), YEAR, 50 * G - Fraction(rest))}}


@pytest.mark.parametrize(("rest", "severities"), [(10 * G, []), (10 * G - 1, ["refuse"])])
def test_prm_14_the_estimate_of_the_importing_country(rest: int, severities: list[str]) -> None:
    lines = list(check_abroad(asked(more=abroad(rest))))
    assert found(lines, "PRM-14") == severities
    if severities:
        [line] = [line for line in lines if line.finding and line.rule.code == "PRM-14"]
        assert (line.finding.largest_g, line.finding.largest_quantity) == ("9.999999999", "9999")
        fits = asked(more=abroad(rest))
        fits = replace(fits, application=replace(fits.application, lines=((1, 9_999),)))
        assert found(list(check_abroad(fits)), "PRM-14") == []


def test_prm_14_an_exception_makes_it_a_flag_and_imports_are_not_asked() -> None:
    assert found(list(check_abroad(asked(more=abroad(1), exception="vital_treatment"))), "PRM-14") == ["flag"]
    assert found(list(check_abroad(asked("re_export", more=abroad(1)))), "PRM-14") == ["flag"]
    assert list(check_abroad(asked("import"))) == []


def test_prm_15_an_unknown_estimate_is_told() -> None:
    assert found(list(check_abroad(asked())), "PRM-15") == ["flag"]
    assert found(list(check_abroad(asked(more=abroad(0)))), "PRM-15") == []


@pytest.mark.parametrize(("why", "severities"), [(None, ["refuse"]), ("cancer ward without morphine", [])])
def test_prm_16_an_exception_is_justified(why: str | None, severities: list[str]) -> None:
    case = asked("import", exception="vital_treatment")
    case = replace(case, application=replace(case.application, justification=why))
    assert found(list(check_abroad(case)), "PRM-16") == severities


@pytest.mark.parametrize(("exception", "severities"), [("", ["refuse"]), ("re_export", ["flag"])])
def test_an_exception_lifts_the_own_quota_too(exception: str, severities: list[str]) -> None:
    case = asked("import", **({"exception": exception} if exception else {}))
    case = replace(case, application=replace(case.application, lines=((1, 100_001),)))
    assert found(list(check_quota(case)), WITHIN_QUOTA.code) == severities


@pytest.mark.parametrize(
    ("given", "held", "severities"),
    [
        ({}, None, ["note"]),
        ({"stock_on_hand": "500"}, {1: 500}, ["note"]),
        ({"stock_on_hand": "500", "stock_on": "2026-06-01"}, {1: 500}, []),
        ({"stock_on_hand": "501", "stock_on": "2026-06-01"}, {1: 500}, ["note"]),
        ({"stock_on_hand": "many", "stock_on": "2026-06-01"}, {1: 500}, ["note"]),
        ({"stock_on_hand": "0", "stock_on": "2026-06-01"}, {}, []),
    ],
)
def test_prm_17_stock_on_hand(given: dict[str, str], held: dict[int, int] | None, severities: list[str]) -> None:
    assert found(list(check_stock(asked("import", more={"on_hand": held}, **given))), "PRM-17") == severities


PAPER = {
    "counterpart_issuer": "Narcotics Bureau",
    "counterpart_issued_on": "2026-06-15",
    "counterpart_expires_on": "2026-06-15",
}


@pytest.mark.parametrize("lacking", [None, *PAPER])
def test_prm_18_the_papers_are_complete(lacking: str | None) -> None:
    given = {name: value for name, value in PAPER.items() if name != lacking}
    assert found(list(check_papers(asked(**given))), "PRM-18") == (["flag"] if lacking else [])


@pytest.mark.parametrize(("days", "severities"), [(-1, ["refuse"]), (0, []), (1, ["refuse"])])
def test_prm_19_the_papers_are_valid_on_the_planned_day(days: int, severities: list[str]) -> None:
    case = asked(**PAPER)
    case = replace(case, application=replace(case.application, planned_on=TODAY + timedelta(days)))
    assert found(list(check_papers(case)), "PRM-19") == severities


def test_prm_20_the_consignee_is_named() -> None:
    assert found(list(check_consignee(asked())), "PRM-20") == ["flag"]
    assert found(list(check_consignee(asked(consignee="City Hospital"))), "PRM-20") == []
    assert list(check_consignee(asked("import"))) == []
    # Goods that only pass have no consignee here (S9), unless they are unloaded.
    assert all(line.rule.code != "PRM-20" for line in check_consignee(asked("transit")))
    assert found(list(check_consignee(asked("transit", unloading="yes"))), "PRM-20") == ["flag"]


@pytest.mark.parametrize(("place", "severities"), [("premises", []), ("post_box", ["refuse"]), ("bank", ["refuse"])])
def test_prm_21_no_bank_no_post_box(place: str, severities: list[str]) -> None:
    assert found(list(check_consignee(asked(consignee_place=place))), "PRM-21") == severities


def test_prm_22_warehouses() -> None:
    assert found(list(check_consignee(asked(consignee_place="warehouse"))), "PRM-22") == ["refuse"]
    certified = asked(consignee_place="warehouse", counterpart_seen="yes")
    assert found(list(check_consignee(certified)), "PRM-22") == []
    strictest = replace(TABLETS, components=(replace(DIAZEPAM, schedules=frozenset({"1971:I"})),))
    never = asked(revision=strictest, consignee_place="warehouse", counterpart_seen="yes")
    assert found(list(check_consignee(never)), "PRM-22") == ["refuse"]


def test_prm_13_article_13_stops_exports_and_transit_to_the_country() -> None:
    against = {"prohibited": {("IN", 1)}}
    assert found(list(check_prohibited(asked(more=against))), "PRM-13") == ["refuse"]
    assert found(list(check_prohibited(asked("transit", more=against))), "PRM-13") == ["refuse"]
    assert found(list(check_prohibited(asked(more={"prohibited": {("IN", 2), ("KZ", 1)}}))), "PRM-13") == []
    assert list(check_prohibited(asked("import", more=against))) == []


def test_prm_23_a_prohibition_on_the_way() -> None:
    against = {"prohibited": {("KZ", 1)}}
    assert found(list(check_prohibited(asked(more=against, route="RU;KZ"))), "PRM-23") == ["flag"]
    assert found(list(check_prohibited(asked(more=against, route="RU"))), "PRM-23") == []


@pytest.mark.parametrize(("days", "severities"), [(0, []), (1, []), (-1, ["flag"])])
def test_prm_24_an_answer_in_time(days: int, severities: list[str]) -> None:
    assert found(list(check_reply(asked(more={"reply_by": TODAY + timedelta(days)}))), "PRM-24") == severities
    assert list(check_reply(asked())) == []


def test_prm_25_substances_on_one_form() -> None:
    two = replace(TABLETS, components=(PART, replace(DIAZEPAM, substance_id=2)))
    for most, severities in (("1", ["refuse"]), ("2", [])):
        limits = {"parameters": Parameters({"permits.substances_per_application": most})}
        assert found(list(check_goods(asked(revision=two, more=limits))), "PRM-25") == severities
    assert all(line.rule.code != "PRM-25" for line in check_goods(asked(revision=two)))


def test_prm_26_the_content_is_known() -> None:
    assert found(list(check_goods(asked())), "PRM-26") == []
    assert found(list(check_goods(asked(revision=replace(TABLETS, components=())))), "PRM-26") == ["refuse"]


def test_prm_27_the_customs_office() -> None:
    assert found(list(check_customs(asked())), "PRM-27") == ["note"]
    assert found(list(check_customs(asked(customs_office="Manas"))), "PRM-27") == []


@pytest.mark.parametrize(("gone", "severities"), [(5_000, []), (5_001, ["refuse"])])
def test_prm_28_no_more_is_re_exported_than_came(gone: int, severities: list[str]) -> None:
    original = Original(found=True, came={1: 15_000}, gone={1: gone})
    case = asked("re_export", more={"original": original}, original_permit="KG-I-1")
    assert found(list(check_original(case)), "PRM-28") == severities


def test_prm_28_an_unknown_original_is_refused() -> None:
    case = asked("re_export", more={"original": Original(found=False)}, original_permit="KG-I-1")
    assert found(list(check_original(case)), "PRM-28") == ["refuse"]
    assert list(check_original(asked())) == []


def test_prm_29_the_original_paper() -> None:
    assert found(list(check_papers(asked())), "PRM-29") == ["note"]
    assert found(list(check_papers(asked(counterpart_seen="yes"))), "PRM-29") == []


PRECURSOR = replace(PART, treaty="1988", schedules=frozenset({"1988:I"}))
THREE = replace(DIAZEPAM, schedules=frozenset({"1971:III"}))


@pytest.mark.parametrize(
    ("kind", "parts", "severities"),
    [
        ("no_objection", (PART,), ["refuse"]),
        ("declaration", (THREE,), []),
        ("declaration", (THREE, PART), ["refuse"]),
        ("declaration", (DIAZEPAM,), ["refuse"]),
        ("periodic_export", (PRECURSOR,), []),
        ("periodic_export", (PRECURSOR, PART), ["refuse"]),
        ("export", (PART,), []),
    ],
)
def test_prm_30_goods_fit_the_kind(kind: str, parts: tuple[object, ...], severities: list[str]) -> None:
    goods = replace(TABLETS, components=parts)
    assert found(list(check_goods(asked(kind, revision=goods))), "PRM-30") == severities


def test_prm_30_a_letter_of_no_objection_is_for_what_needs_no_permit() -> None:
    free = replace(TABLETS, schedule_three=True)
    assert found(list(check_goods(asked("no_objection", revision=free))), "PRM-30") == []


def test_prm_31_periodic_permits_where_the_country_allows_them() -> None:
    allowed = {"parameters": Parameters({"permits.periodic": "on"})}
    assert found(list(check_several(asked("periodic_import"))), "PRM-31") == ["refuse"]
    assert found(list(check_several(asked("periodic_import", more=allowed))), "PRM-31") == []
    assert list(check_several(asked("import"))) == []


@pytest.mark.parametrize("kind", PERMIT_KINDS)
def test_prm_32_everything_needed_is_given(kind: str) -> None:
    needs = PERMIT_KINDS[kind].needs
    assert found(list(check_particulars(asked(kind))), "PRM-32") == ["refuse"] * len(needs)
    assert found(list(check_particulars(asked(kind, **dict.fromkeys(needs, "x")))), "PRM-32") == []
    assert set(PERMIT_KINDS[kind].asks) <= PARTICULARS.keys()
    assert needs <= set(PERMIT_KINDS[kind].asks)


def test_prm_33_unloading_on_the_way() -> None:
    assert found(list(check_customs(asked("transit", unloading="yes"))), "PRM-33") == ["flag"]
    named = asked("transit", unloading="yes", consignee_place="warehouse")
    assert found(list(check_customs(named)), "PRM-33") == []
    assert all(line.rule.code != "PRM-33" for line in check_customs(asked("transit")))


@pytest.mark.parametrize(
    ("purpose", "why", "severities"),
    [
        ("Medical", None, []),
        ("медицинская", None, []),
        (" Илимий.", None, []),
        (None, None, ["note"]),
        ("education", None, ["note"]),
        ("education", "article 5", []),
    ],
)
def test_prm_09_the_purposes_of_the_law(purpose: str | None, why: str | None, severities: list[str]) -> None:
    case = asked()
    case = replace(case, application=replace(case.application, purpose=purpose, justification=why))
    assert found(list(check_purpose(case)), "PRM-09") == severities


@pytest.mark.parametrize(
    ("given", "until", "last"),
    [
        ({}, date(2027, 12, 31), date(2026, 9, 13)),
        ({"counterpart_expires_on": "2026-08-01"}, date(2027, 12, 31), date(2026, 8, 1)),
        ({"counterpart_expires_on": "2026-12-01"}, date(2026, 7, 20), date(2026, 7, 20)),
    ],
)
def test_a_permit_ends_with_the_first_of_all_that_bounds_it(given: dict[str, str], until: date, last: date) -> None:
    case = replace(asked(**given), licensed=((date(2020, 1, 1), until),))
    assert expiry_on(case) == last


@pytest.mark.parametrize("kind", PERMIT_KINDS)
def test_every_kind_is_judged_by_every_rule_without_a_fault(kind: str) -> None:
    lines = run_checks(asked(kind))
    assert lines
    assert len({line.rule.code for line in lines}) >= 8


@pytest.mark.parametrize(
    ("issuer", "known", "severities"),
    [
        ("Drug  Control of India", ("Drug Control of India",), []),
        ("DRUG CONTROL OF INDIA", ("Other", "Drug Control of India"), []),
        ("Ministry of Sport", ("Drug Control of India",), ["flag"]),
    ],
)
def test_prm_35_the_issuer_is_the_authority_known_there(
    issuer: str, known: tuple[str, ...], severities: list[str]
) -> None:
    case = replace(asked(counterpart_issuer=issuer), issuers=known)
    assert found(list(check_papers(case)), "PRM-35") == severities


def test_prm_35_is_not_asked_where_no_authority_is_recorded() -> None:
    lines = check_papers(asked(counterpart_issuer="Ministry of Sport"))
    assert [line for line in lines if line.rule.code == "PRM-35"] == []
