"""Each check on both sides of its boundary and exactly on it; the balance as a property."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from fractions import Fraction as Exact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.checks import CHECKS, run
from forms.edition import Form
from forms.facts import Cover, DrugYear, Estimates, FactorUse, ReturnFacts, Source, TradeEvidence, TradeLine
from registry.kernel.period import Period

MG = Exact(1, 1000)
PLAIN = DrugYear("NM 009", "morphine")


def facts(*drugs, **more):
    return ReturnFacts(Period(2025), date(2026, 1, 15), Cover("KG"), drugs=drugs, **more)


def found(code, given_facts, form=Form.C):
    return [check for check in run(form, given_facts) if check.code == code]


def statuses(code, given_facts, form=Form.C):
    return [check.status.value for check in found(code, given_facts, form)]


def only(code, given_facts, form=Form.C):
    checks = found(code, given_facts, form)
    assert len(checks) == 1
    return checks[0]


# C-01


@pytest.mark.parametrize(
    ("opening", "reported", "taken_on", "status"),
    [
        ("100", None, "0", "not_applicable"),
        ("100", "100", "0", "pass"),
        ("100.001", "100", "0", "fail"),
        ("99.999", "100", "0", "fail"),
        ("150", "100", "50", "warn"),
        ("150.001", "100", "50", "fail"),
        ("149.999", "100", "50", "fail"),
        ("100", "100", "50", "pass"),
        ("0", "0", "0", "pass"),
    ],
)
def test_c_01_opening_stock(opening, reported, taken_on, status):
    drug = replace(
        PLAIN,
        opening_stock=Exact(opening),
        taken_on=Exact(taken_on),
        reported_closing_before=None if reported is None else Exact(reported),
    )
    check = only("C-01", facts(drug))
    assert check.status == status
    if reported is None:
        assert check.difference is None
    else:
        assert check.difference == Exact(opening) - Exact(reported)
        assert f"{opening} g" in str(check.message)


# C-02

INWARD = ("opening_stock", "manufactured", "imported", "seized_released", "special_withdrawn")
OUTWARD = (
    "consumed",
    "used_other_drugs",
    "used_schedule_iii",
    "used_not_covered",
    "used_industry",
    "exported",
    "special_acquired",
    "lost",
    "closing_stock",
)


@pytest.mark.parametrize("inward", INWARD)
@pytest.mark.parametrize("outward", OUTWARD)
def test_c_02_every_column_counts_on_its_side(inward, outward):
    on_it = replace(PLAIN, **{inward: Exact(5), outward: Exact(5)})
    assert statuses("C-02", facts(on_it)) == ["pass"]
    for shift in (MG, -MG):
        check = only("C-02", facts(replace(on_it, **{inward: 5 + shift})))
        assert (check.status, check.difference) == ("fail", shift)


def test_c_02_taken_on_is_within_the_opening_stock():
    drug = replace(PLAIN, opening_stock=Exact(5), taken_on=Exact(5), closing_stock=Exact(5))
    assert statuses("C-02", facts(drug)) == ["pass"]


# C-03


@pytest.mark.parametrize("column", ["imported", "exported"])
@pytest.mark.parametrize(
    ("annual", "quarters", "status"),
    [("7", "7", "pass"), ("7.001", "7", "fail"), ("6.999", "7", "fail"), ("0", "7", "fail"), ("7", "0", "fail")],
)
def test_c_03_the_year_is_the_four_quarters(column, annual, quarters, status):
    drug = replace(PLAIN, **{column: Exact(annual)})
    check = only("C-03", facts(drug, quarter_totals={("NM 009", column): Exact(quarters)}))
    assert (check.status, check.difference) == (status, Exact(annual) - Exact(quarters))


def test_c_03_directions_are_judged_apart_and_missing_sides_count_as_nothing():
    drug = replace(PLAIN, imported=Exact(4), exported=Exact(1))
    assert statuses("C-03", facts(drug, quarter_totals={("NM 009", "imported"): Exact(4)})) == ["pass", "fail"]
    stranger = facts(PLAIN, quarter_totals={("NC 005", "exported"): Exact(3)})
    assert [(check.substance, check.status.value) for check in found("C-03", stranger)] == [
        ("NC 005", "fail"),
        ("NM 009", "not_applicable"),
    ]


# C-04


def balanced(**columns):
    """A drug whose closing stock follows from the rest."""
    drug = replace(PLAIN, **columns)
    inward = sum(getattr(drug, name) for name in INWARD)
    outward = sum(getattr(drug, name) for name in OUTWARD if name != "closing_stock")
    return replace(drug, closing_stock=inward - outward)


@pytest.mark.parametrize(
    ("columns", "estimates", "excess"),
    [
        (
            {"imported": 1500, "opening_stock": 150, "consumed": 750, "lost": Exact("3.75")},
            {"consumption": 3000, "stocks": 800},
            100,
        ),
        ({"imported": 10, "consumed": 10}, {"consumption": 10}, 0),
        ({"imported": 10, "consumed": 10}, {"consumption": 9}, 1),
        (
            {"imported": 10, "used_other_drugs": 4, "used_schedule_iii": 3, "used_not_covered": 3},
            {"manufacture_other": 10},
            0,
        ),
        (
            {"imported": 10, "used_other_drugs": 4, "used_schedule_iii": 3, "used_not_covered": 3},
            {"manufacture_other": 3, "manufacture_schedule_iii": 3, "manufacture_not_covered": 3},
            1,
        ),
        ({"imported": 10, "used_industry": 10}, {"manufacture_other": 10}, 10),
        ({"imported": 10}, {"stocks": 10}, 0),
        ({"imported": 10}, {"stocks": 9}, 1),
        ({"opening_stock": 10, "imported": 1}, {"stocks": 5}, 1),
        ({"opening_stock": 10, "consumed": 6, "imported": 1}, {"consumption": 6}, 0),
        ({"opening_stock": 10, "consumed": 8, "lost": 1}, {"consumption": 3}, 0),
        ({"imported": 10, "special_acquired": 10}, {"special": 10}, 0),
        ({"imported": 10, "special_acquired": 10}, {"special": 9}, 1),
        ({"imported": 10, "lost": 10}, {}, 10),
    ],
)
def test_c_04_excess_from_the_residual(columns, estimates, excess):
    given_estimates = Estimates(**{name: Exact(value) for name, value in estimates.items()})
    drug = replace(
        balanced(**{name: Exact(value) for name, value in columns.items()}),
        estimates=given_estimates,
        excess=Exact(excess),
    )
    assert statuses("C-04", facts(drug)) == ["pass"]
    for shift in (MG, -MG):
        check = only("C-04", facts(replace(drug, excess=drug.excess + shift)))
        assert (check.status, check.difference) == ("fail", shift)


def test_c_04_is_not_judged_without_balance():
    drug = replace(PLAIN, imported=Exact(1))
    check = only("C-04", facts(drug))
    assert (check.status, check.difference) == ("not_applicable", None)


# C-05


@pytest.mark.parametrize(("limit", "status"), [("9.999", "fail"), ("10", "pass"), ("10.001", "pass")])
def test_c_05_manufacture_and_import_within_the_limit(limit, status):
    drug = replace(PLAIN, manufactured=Exact(4), imported=Exact(6), limit=Exact(limit))
    check = only("C-05", facts(drug))
    assert (check.status, check.difference) == (status, 10 - Exact(limit))
    assert "10 g" in str(check.message)
    assert f"{limit} g" in str(check.message)


# C-06


@pytest.mark.parametrize(
    ("columns", "item"),
    [
        (("consumed",), "consumption"),
        (("used_other_drugs",), "manufacture_schedule_iii"),
        (("used_other_drugs", "used_schedule_iii", "used_not_covered"), "manufacture_other"),
        (("special_acquired",), "special"),
    ],
)
@pytest.mark.parametrize(("shift", "status"), [(MG, "pass"), (Exact(0), "pass"), (-MG, "fail")])
def test_c_06_each_within_its_estimate(columns, item, shift, status):
    observed = Exact(2) * len(columns)
    drug = replace(PLAIN, **dict.fromkeys(columns, Exact(2)), estimates=Estimates(**{item: observed + shift}))
    check = only("C-06", facts(drug))
    assert (check.status, check.difference) == (status, -shift)


def test_c_06_one_item_does_not_cover_another():
    drug = replace(PLAIN, consumed=Exact(5), special_acquired=Exact(1), estimates=Estimates(special=Exact(99)))
    assert statuses("C-06", facts(drug)) == ["fail", "pass"]


def test_c_06_industry_and_stocks_are_not_judged():
    drug = replace(PLAIN, used_industry=Exact(5), estimates=Estimates(stocks=Exact(1)))
    assert statuses("C-06", facts(drug)) == ["not_applicable"]


# C-12


def source(column, decided, quantity="1", product="P1"):
    return Source("NM 009", column, product, decided, Exact(quantity))


@pytest.mark.parametrize(
    ("sources", "status", "difference"),
    [
        ([source("consumed", False)], "pass", 0),
        ([source("used_schedule_iii", True)], "pass", 0),
        ([source("used_schedule_iii", None)], "pass", 0),
        ([source("consumed", True, "0")], "pass", 0),
        ([source("consumed", None)], "warn", 1),
        ([source("consumed", True, "0.000001")], "fail", Exact(1, 10**6)),
        ([source("imported", True, "2"), source("consumed", None), source("consumed", True, "3", "P2")], "fail", 5),
    ],
)
@pytest.mark.parametrize("form", [Form.A, Form.C])
def test_c_12_schedule_three_stays_out(sources, status, difference, form):
    check = only("C-12", facts(PLAIN, sources=tuple(sources)), form)
    assert (check.status, check.difference) == (status, difference)


def test_c_12_names_the_products():
    check = only("C-12", facts(sources=(source("imported", True, "2", "P9"), source("imported", True, "1", "P2"))))
    assert "P2, P9" in str(check.message)
    assert "3 g" in str(check.message)


# C-19 and C-20


@pytest.mark.parametrize(
    ("evidence", "status", "difference"),
    [
        ({"entries": 3}, "pass", 0),
        ({"entries": 0}, "not_applicable", None),
        ({"entries": 3, "without_permit": 1}, "warn", 1),
        ({"entries": 3, "from_permit_only": 1}, "fail", 1),
        ({"entries": 3, "without_permit": 2, "from_permit_only": 1}, "fail", 1),
    ],
)
@pytest.mark.parametrize("form", [Form.A, Form.C])
def test_c_19_figures_come_from_goods_that_moved(evidence, status, difference, form):
    check = only("C-19", facts(evidence=(TradeEvidence("NM 009", **evidence),)), form)
    assert (check.status, check.difference) == (status, difference)


@pytest.mark.parametrize(
    ("in_transit", "entries", "status"), [(0, 2, "pass"), (1, 2, "fail"), (0, 0, "not_applicable")]
)
@pytest.mark.parametrize("form", [Form.A, Form.C])
def test_c_20_transit_stays_out(in_transit, entries, status, form):
    check = only("C-20", facts(evidence=(TradeEvidence("NM 009", entries, in_transit=in_transit),)), form)
    assert check.status == status


@pytest.mark.parametrize("code", ["C-19", "C-20"])
def test_trade_without_evidence_is_not_judged(code):
    line = TradeLine("NC 005", "codeine", "imported", "IN", 1, Exact(1))
    checks = found(code, facts(replace(PLAIN, imported=Exact(1)), trade=(line,)))
    assert [(check.substance, check.status.value) for check in checks] == [
        ("NC 005", "not_applicable"),
        ("NM 009", "not_applicable"),
    ]


# C-21


@pytest.mark.parametrize(
    ("base", "printed", "later", "status", "difference"),
    [
        (750_000, 750_000, False, "pass", 0),
        (750_001, 750_000, False, "fail", 1),
        (749_999, 750_000, False, "fail", -1),
        (750_000, 750_000, True, "warn", 0),
        (750_001, 750_000, True, "fail", 1),
        (750_000, None, False, "warn", None),
    ],
)
@pytest.mark.parametrize("form", [Form.A, Form.C])
def test_c_21_the_factor_is_the_printed_one(base, printed, later, status, difference, form):
    use = FactorUse("NM 009", "MOR10", "sulfate", base, printed, "64th edition", date(2025, 7, 1), later)
    check = only("C-21", facts(PLAIN, factors=(use,)), form)
    assert (check.status, check.difference) == (status, difference)
    assert "64th edition" in str(check.message)
    assert f"{Exact(base, 10**4).numerator // Exact(base, 10**4).denominator}" in str(check.message)


def test_c_21_without_factors_is_not_judged():
    assert statuses("C-21", facts(PLAIN)) == ["not_applicable"]


# All of them


def test_codes_are_unique_and_every_one_has_a_test():
    codes = [rule.code for rule in CHECKS]
    assert codes == sorted(set(codes))
    tests = set(globals())
    for code in codes:
        wanted = f"test_{code.lower().replace('-', '_')}_"
        assert any(name.startswith(wanted) for name in tests), code
    assert all(rule.title and rule.ground and rule.function.__doc__ for rule in CHECKS)


def test_a_quarter_runs_no_yearly_check():
    line = TradeLine("NM 009", "morphine", "imported", "IN", 1, Exact(1))
    quarter = replace(facts(trade=(line,)), period=Period(2025, 1))
    assert {check.code for check in run(Form.A, quarter)} == {"C-19", "C-20", "C-21"}


grams = st.integers(0, 10**9).map(lambda micrograms: Exact(micrograms, 1000))
COLUMNS = [field.name for field in fields(DrugYear) if field.name in INWARD + OUTWARD and field.name != "closing_stock"]


def limit_of(drug):
    """The limit of article 21, written down once more from the treaty text."""
    least = min
    item = drug.estimates
    used = drug.used_other_drugs + drug.used_schedule_iii + drug.used_not_covered
    estimated = item.manufacture_other + item.manufacture_schedule_iii + item.manufacture_not_covered
    rise = max(Exact(0), drug.closing_stock - drug.opening_stock)
    return (
        least(drug.consumed, item.consumption)
        + least(used, estimated)
        + drug.exported
        + least(rise, max(Exact(0), item.stocks - drug.opening_stock))
        + least(drug.special_acquired, item.special)
        - drug.seized_released
        - drug.special_withdrawn
    )


@st.composite
def balanced_drugs(draw):
    values = {name: draw(grams) for name in COLUMNS}
    drug = replace(PLAIN, **values, estimates=Estimates(*[draw(grams) for _ in range(6)]))
    drug = balanced(**{name: getattr(drug, name) for name in COLUMNS}, estimates=drug.estimates)
    if drug.closing_stock < 0:
        drug = replace(drug, imported=drug.imported - drug.closing_stock, closing_stock=Exact(0))
    limit = limit_of(drug)
    return replace(drug, limit=limit, excess=max(Exact(0), drug.manufactured + drug.imported - limit))


@given(balanced_drugs())
def test_a_balanced_year_passes_balance_and_excess(drug):
    assert statuses("C-02", facts(drug)) == ["pass"]
    assert statuses("C-04", facts(drug)) == ["pass"]
    assert (statuses("C-05", facts(drug)) == ["pass"]) == (drug.excess == 0)


@given(balanced_drugs(), st.sampled_from(INWARD + OUTWARD), grams.filter(bool))
def test_an_unbalanced_year_fails_the_balance_and_leaves_the_excess_unjudged(drug, column, extra):
    broken = facts(replace(drug, **{column: getattr(drug, column) + extra}))
    assert statuses("C-02", broken) == ["fail"]
    assert statuses("C-04", broken) == ["not_applicable"]


@given(balanced_drugs(), grams.filter(bool))
def test_a_wrong_excess_fails(drug, extra):
    assert statuses("C-04", facts(replace(drug, excess=drug.excess + extra))) == ["fail"]
