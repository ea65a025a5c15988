"""The model of a document refuses what a format could not show."""

from __future__ import annotations

from datetime import date

import pytest

from exports.document import (
    BLANK,
    Column,
    Day,
    Document,
    Quantity,
    Table,
    Text,
    Whole,
    heading_of,
    list_document,
    shown,
    shown_day,
    shown_number,
)


@pytest.mark.parametrize("digits", ["1e5", "NaN", "", "1,5", "+1", "1_000", ".5", "5.", "１", " 1", "=1", "--1"])
def test_a_quantity_is_a_plain_decimal(digits):
    with pytest.raises(ValueError, match="not a plain decimal"):
        Quantity(digits)


def test_rows_fit_their_columns():
    column = Column("a")
    Table((column,), [[BLANK]], totals=[BLANK])
    with pytest.raises(ValueError, match="row 2 has 2 cells"):
        Table((column,), [[BLANK], [BLANK, BLANK]])
    with pytest.raises(ValueError, match="row 2 has 0 cells"):
        Table((column,), [[BLANK]], totals=[])


@pytest.mark.parametrize(
    ("digits", "language", "text"),
    [
        ("999", "en", "999"),
        ("1000", "en", "1\u00a0000"),
        ("1234567.125", "en", "1\u00a0234\u00a0567.125"),
        ("-1234.5", "ru", "\u22121\u00a0234,5"),
        ("0.5", "ky-KG", "0,5"),
        ("100000", "fr", "100\u00a0000"),
    ],
)
def test_numbers_for_people(digits, language, text):
    assert shown_number(digits, language) == text


def test_cells_for_people():
    day = date(2025, 3, 31)
    assert [shown_day(day, language) for language in ("ky", "ru-KG", "fr", "en")] == [
        "31.03.2025",
        "31.03.2025",
        "31/03/2025",
        "2025-03-31",
    ]
    cells = (Text("=x"), Quantity("1.5", "l"), Whole(2025), Day(day), BLANK)
    assert [shown(cell, "en") for cell in cells] == ["=x", "1.5\u00a0l", "2025", "2025-03-31", ""]
    assert heading_of(Column("Stock", unit="g")) == "Stock (g)"


def test_the_single_table():
    table, other = Table((Column("a"),), [[BLANK]]), Table((Column("b"),), [])
    listed = list_document("List", date(2026, 1, 1), table)
    assert listed.single_table is table
    assert Document("t", date(2026, 1, 1), sheets=listed.sheets, flat=other).single_table is other
    assert Document("t", date(2026, 1, 1), sheets=listed.sheets).single_table is table
    assert Document("t", date(2026, 1, 1)).single_table.columns == ()
