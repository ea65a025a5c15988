"""Long tables written row by row: columns beyond Z stand where a spreadsheet looks for them."""

from __future__ import annotations

import io

from python_calamine import CalamineWorkbook

from exports.document import Column, Kind, Whole
from exports.stream import xlsx_rows

MANY = 60


def test_sixty_columns_come_back_in_their_places() -> None:
    columns = [Column(f"c{place}", Kind.INTEGER) for place in range(1, MANY + 1)]
    sheet = xlsx_rows("S", columns, [[Whole(place) for place in range(1, MANY + 1)]])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert rows[1][-1] == f"c{MANY}"
    assert [int(str(cell).partition(".")[0]) for cell in rows[2]] == list(range(1, MANY + 1))
