"""What tests of workbooks share: one of a site as it is handed out, rows put into it as a person would, one sent back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from html import unescape

from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from registry.workbooks.domain import COLUMNS, FIRST_ROW

PLACES = {column.name: place for place, column in enumerate(COLUMNS, start=1)}
LETTERS = {name: chr(64 + place) for name, place in PLACES.items()}


def taken(browser: FlaskClient, site: str, rows: int = 200) -> bytes:
    """Return the workbook of a site as its people get it."""
    answer = browser.get(f"/stock/workbook?site={site}&rows={rows}")
    assert answer.status_code == 200, answer.text
    return answer.data


def changed(data: bytes, change: Callable[[Workbook], object]) -> bytes:
    """Return the workbook after `change`."""
    book = load_workbook(io.BytesIO(data))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def filled(data: bytes, rows: Mapping[int, Mapping[str, object]]) -> bytes:
    """Return the workbook with cells typed in: number of the row to fill in (1, 2 ...) -> column -> value."""

    def fill(book: Workbook) -> None:
        for number, cells in rows.items():
            for name, value in cells.items():
                book.worksheets[0].cell(FIRST_ROW + number - 1, PLACES[name], value)

    return changed(data, fill)


def sent(browser: FlaskClient, data: bytes, name: str = "workbook.xlsx") -> TestResponse:
    """Send a workbook and return the page that says what it would do; its address is in `request.path`."""
    answer = browser.post(
        "/files/movements", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["Location"])


def written(browser: FlaskClient, data: bytes) -> TestResponse:
    """Send a workbook, confirm it, and return the answer to that."""
    return browser.post(f"{sent(browser, data).request.path}/confirm", follow_redirects=True)


def words(answer: TestResponse) -> str:
    """Return what a reader sees of a page, blanks made plain."""
    plain = unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ")
    return " ".join(plain.split())
