"""Single cells: what is read, what is refused with which code; columns and documents agree."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from registry.intake.check import check_table
from registry.intake.reader import Table
from registry.kernel import fields
from registry.kernel.fields import BadCell, Column
from registry.kernel.persons import plain_documents
from registry.stock.domain.lines import COLUMNS as MOVEMENT_COLUMNS
from registry.web.schema import Day, Quantity


def refusal(read, cell: str) -> str:
    with pytest.raises(BadCell) as caught:
        read(cell)
    assert str(caught.value.message)
    return caught.value.code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12.5", 12_500_000), ("12,5", 12_500_000), (" 12,5 ", 12_500_000), ("0.000001", 1), ("1 000,5", 1_000_500_000),
        ("1\u00a0000", 1_000_000_000), ("1\u202f000\u202f000", 10**12), ("12.50", 12_500_000), ("007", 7_000_000),
        ("9223372036854.775807", 2**63 - 1),
    ],
)  # fmt: skip
def test_quantities_that_are_exact(cell: str, expected: int) -> None:
    assert fields.quantity(6)(cell) == expected


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1e400", "not-a-quantity"), ("1E3", "not-a-quantity"), ("1_000", "not-a-quantity"), ("-1", "not-a-quantity"),
        ("\u22121", "not-a-quantity"), ("+1", "not-a-quantity"), ("NaN", "not-a-quantity"), ("inf", "not-a-quantity"),
        ("１２", "not-a-quantity"), ("١٢", "not-a-quantity"), ("1.2.3", "not-a-quantity"), ("1,000.5", "not-a-quantity"),
        ("12 5", "not-a-quantity"), ("1 00", "not-a-quantity"), (".5", "not-a-quantity"), ("5.", "not-a-quantity"),
        ("½", "not-a-quantity"), ("0x10", "not-a-quantity"), ("12 g", "not-a-quantity"), ("'12", "not-a-quantity"),
        ("0.0000001", "too-many-decimals"), ("0", "not-positive"), ("0,000", "not-positive"),
        ("9223372036854.775808", "too-large"), ("9" * 19, "too-large"), ("9" * 20, "not-a-quantity"),
        ("=1+1", "formula"), (" =1+1", "formula"), ("1\x002", "control-character"),
    ],
)  # fmt: skip
def test_quantities_that_cannot_be_held(cell: str, code: str) -> None:
    assert refusal(fields.quantity(6), cell) == code


def test_zero_where_it_is_allowed_and_decimals_to_the_last() -> None:
    assert fields.quantity(6, positive=False)("0") == 0
    assert fields.quantity(0)("3") == 3
    assert fields.quantity(0)("3.000") == 3
    assert refusal(fields.quantity(0), "3.5") == "too-many-decimals"
    assert fields.as_grams("0.000001") == 1000
    assert refusal(fields.as_grams, "0.0000001") == "too-many-decimals"
    assert fields.as_quantity(" 0.000000001 ") == "0.000000001"
    assert refusal(fields.as_quantity, "0.0000000001") == "too-many-decimals"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025-03-31", date(2025, 3, 31)), ("31.03.2025", date(2025, 3, 31)), ("1.3.2025", date(2025, 3, 1)),
        ("2024-02-29", date(2024, 2, 29)), ("2025-03-31 00:00:00", date(2025, 3, 31)), ("1900-01-01", date(1900, 1, 1)),
        ("31.12.2199", date(2199, 12, 31)),
    ],
)  # fmt: skip
def test_days(cell: str, expected: date) -> None:
    assert fields.as_day(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "2025-02-29", "31.04.2025", "31.13.2025", "2025-3-31", "03/31/2025", "31.03.25", "45747", "2025-03-31 10:00",
        "２０２５-03-31", "yesterday", "1899-12-31", "01.01.2200", "0025-03-31",
    ],
)  # fmt: skip
def test_days_that_are_none(cell: str) -> None:
    assert refusal(fields.as_day, cell) == "not-a-date"


def test_codes_countries_years_and_truth() -> None:
    assert fields.as_code(" 00123 ") == "00123"
    assert fields.as_code("x" * 64) == "x" * 64
    assert refusal(fields.as_code, "x" * 65) == "not-a-code"
    assert refusal(fields.as_code, "two\nlines") == "not-a-code"
    assert fields.as_country("de") == "DE"
    assert refusal(fields.as_country, "ZZ") == "unknown-country"
    assert refusal(fields.as_country, "DEU") == "unknown-country"
    assert fields.as_year("2026") == 2026
    assert [refusal(fields.as_year, text) for text in ("26", "1899", "2100", "２０２６", "2026.0")] == [
        "not-a-year"
    ] * 5
    assert [fields.as_truth(text) for text in ("yes", "ДА", "ооба", "1", "no", "нет", "жок", "0")] == [True] * 4 + [
        False
    ] * 4
    assert refusal(fields.as_truth, "maybe") == "not-yes-or-no"


@pytest.mark.parametrize("cell", ["nm009", "NM-009", "NM 009", "NM\u00a0009", "nm \u2011 009"])
def test_substance_codes_in_any_spelling(cell: str) -> None:
    assert fields.as_substance(cell) == "NM 009"


def test_texts() -> None:
    assert fields.as_text("и\u0306") == "й"
    assert fields.as_text("x" * 1000) == "x" * 1000
    assert refusal(fields.as_text, "x" * 1001) == "too-long"
    assert fields.as_name("two\nlines") == "two lines"
    assert fields.as_name("x" * 300) == "x" * 300
    assert refusal(fields.as_name, "x" * 301) == "too-long"


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800"])
def test_signs_nobody_sees_are_refused(sign: str) -> None:
    assert refusal(fields.as_text, f"a{sign}b") == "control-character"


def test_words_of_a_list() -> None:
    read = fields.choices(("import", "export"))
    assert read("export; Import ;export;") == ("export", "import")
    assert refusal(read, "import;eat") == "unknown-value"
    with pytest.raises(BadCell, match="import, export"):
        fields.choice(("import", "export"))("imports")


NUMBERS = st.from_regex(r"[ ]?[+\-]?[0-9]{0,4}([ \u00a0_][0-9]{3})?([.,][0-9]{0,8})?(e[0-9])?[ ]?", fullmatch=True)
DAYS = st.from_regex(r"[0-9]{1,4}[.\-][0-9]{1,2}[.\-][0-9]{1,4}( 00:00:00)?", fullmatch=True)
TEXTS = st.one_of(st.text(max_size=12), NUMBERS, DAYS, st.dates().map(str)).filter(lambda text: bool(text.strip()))


@given(TEXTS, st.sampled_from([0, 3, 6, 9]), st.booleans())
def test_columns_and_documents_read_the_same_quantities(text: str, places: int, positive: bool) -> None:
    column = Column("c", fields.quantity(places, positive=positive))
    assert by_column(column, text) == by_document(Quantity(places=places, positive=positive), text)


@given(TEXTS)
def test_columns_and_documents_read_the_same_days(text: str) -> None:
    assert by_column(Column("c", fields.as_day), text) == by_document(Day(), text)


def by_column(column: Column, text: str) -> object:
    checked = check_table(Table(("c",), [[text]], [2]), [column])
    return checked.problems[0].code if checked.problems else checked.columns["c"][0]


def by_document(field: Quantity | Day, text: str) -> object:
    try:
        return field.deserialize(text)
    except ValidationError as refused:
        [(code, _message)] = refused.messages
        return code


PLAIN_COLUMNS = [column for column in MOVEMENT_COLUMNS if column.plain is not None]


@given(texts=st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,63}|[12 -]{14,20}", fullmatch=True), max_size=3))
def test_a_plain_text_is_read_as_it_stands(texts: list[str]) -> None:
    assert PLAIN_COLUMNS
    for column in PLAIN_COLUMNS:
        assert column.plain is plain_documents
        if plain_documents(texts):
            assert [column.read(text) for text in texts] == texts


@pytest.mark.parametrize(
    "text", ["20101199012345", "A/20101199012345", "2-01011990-12345", "LEVEL:7", "", " A-1", "А-1", "=1", "A" * 65]
)
def test_what_must_be_looked_at_is_never_plain(text: str) -> None:
    assert not plain_documents(["A-1", text])
    assert plain_documents(["A-1", "2-0101", "1990-12345"])


def test_one_odd_cell_among_plain_ones_is_still_found() -> None:
    column = Column("document", fields.as_code, required=False, plain=plain_documents)
    cells = [[" A-1 "], ["A-2"], [""], ["=A-3"]]
    checked = check_table(Table(("document",), cells, [2, 3, 4, 5]), [column])
    assert checked.columns["document"] == ["A-1", "A-2", None, None]
    assert [(problem.row, problem.code) for problem in checked.problems] == [(5, "formula")]
