"""Names of files that are handed out, and names of files that come in, in any script."""

from __future__ import annotations

import pytest
from werkzeug.http import parse_options_header

from registry.web.downloads import disposition, download


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("form-A-2024-Q1.xlsx", "attachment; filename=form-A-2024-Q1.xlsx"),
        ("my stock.csv", 'attachment; filename="my stock.csv"'),
        ('a"b\\c/d;e\r\nX: y.csv', 'attachment; filename="a-b-c-d-e-X- y.csv"'),
        ("..", "attachment; filename=file"),
    ],
)
def test_plain_names(name: str, header: str) -> None:
    assert disposition(name) == header


@pytest.mark.parametrize("name", ["Остатки за июнь.xlsx", "Калдыктар, үчтүн айы – 1 %.csv", "отчёт.pdf"])
def test_names_in_cyrillic_come_back_whole(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    kind, options = parse_options_header(header)
    assert (kind, options["filename"]) == ("attachment", name.replace("%", "-"))
    fallback = header.split('filename="')[1].split('"')[0]
    assert fallback.endswith(name[name.rindex(".") :])


def test_a_file_has_its_type_and_bytes() -> None:
    answer = download(b"PK", "application/zip", "архив.zip")
    assert (answer.data, answer.content_type) == (b"PK", "application/zip")
    assert "filename*=UTF-8''%D0%B0%D1%80" in answer.headers["Content-Disposition"]
