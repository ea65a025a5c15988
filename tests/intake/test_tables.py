"""Files of text and the check of a table: wrong columns, wrong text, every bad cell with its row."""

from __future__ import annotations

import pytest

from registry.intake.check import check_table
from registry.intake.limits import MOST_COLUMNS
from registry.intake.reader import Limits, Table, read_table
from registry.kernel.errors import Invalid
from registry.kernel.fields import Column, as_code, as_text, quantity
from registry.web.locale import translate_in

COLUMNS = (Column("code", as_code), Column("quantity", quantity(6)), Column("note", as_text, required=False))
LIMITS = Limits(megabytes=1, rows=100)


def read(text: str | bytes, limits: Limits = LIMITS) -> Table:
    return read_table(text.encode() if isinstance(text, str) else text, limits)


def refused(data: str | bytes, limits: Limits = LIMITS) -> list[tuple[int | None, str, str]]:
    with pytest.raises(Invalid) as caught:
        read(data, limits)
    assert all(str(problem.message) for problem in caught.value.problems)
    return [(problem.row, problem.column, problem.code) for problem in caught.value.problems]


def check(text: str) -> list[tuple[int | None, str, str]]:
    return [(p.row, p.column, p.code) for p in check_table(read(text), COLUMNS).problems]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_byte_order_mark(sign: str, end: str, mark: str) -> None:
    table = read(mark + end.join([f"code{sign}note", f"00123{sign}ң ө ү", ""]))
    assert table == Table(("code", "note"), [["00123", "ң ө ү"]], [2])


def test_quoted_cells_and_blank_lines_keep_the_row_people_see() -> None:
    table = read('code,note\nA,"one, two\nthree"\n\n,\nB,"say ""no"""\n')
    assert table.rows == [["A", "one, two\nthree"], ["B", 'say "no"']]
    assert table.numbers == [2, 5]


def test_short_rows_are_filled_and_long_ones_refused() -> None:
    assert read("code,note\nA\n").rows == [["A", ""]]
    assert read("code,note\nA,b,,\n").rows == [["A", "b"]]
    assert refused("code,note\nA,b,c\nB\nC,d,e\n") == [(2, "", "cell-outside"), (4, "", "cell-outside")]


@pytest.mark.parametrize("data", [b"", b"  \n\n", b"\xef\xbb\xbf", b",,\n,,\n"])
def test_an_empty_file_says_so(data: bytes) -> None:
    assert refused(data) == [(None, "", "file-empty")]


def test_a_head_row_alone_is_a_table_without_rows() -> None:
    assert read("code,quantity\n").rows == []


def test_other_encodings_are_named_with_the_line() -> None:
    data = "code,note\nA,x\nB,Аптека\n".encode("cp1251")
    with pytest.raises(Invalid, match="line 3"):
        read(data)
    assert refused("code,note\n".encode("utf-16")) == [(None, "", "not-utf8")]
    assert refused(b"code\x00,note\n") == [(None, "", "not-text")]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_advice_for_an_old_encoding_names_the_line_and_both_ways_out(language: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read("code,note\nA,x\nB,Аптека\n".encode("cp1251"))
    [problem] = refusal.value.problems
    advice = translate_in(language, problem.message)
    assert all(word in advice for word in ("3", "CSV UTF-8", "XLSX"))
    assert (advice == str(problem.message)) is (language == "en")


def test_a_quotation_mark_that_never_ends() -> None:
    assert refused('code,note\nA,"open\nB,c\n') == [(None, "", "not-csv")]


def test_limits_on_them_and_beyond() -> None:
    rows = "A,1\n" * LIMITS.rows
    assert len(read(f"code,quantity\n{rows}").rows) == LIMITS.rows
    assert refused(f"code,quantity\n{rows}A,1\n") == [(None, "", "too-many-rows")]
    head = ",".join(f"c{n}" for n in range(MOST_COLUMNS))
    assert len(read(head).header) == MOST_COLUMNS
    assert refused(f"{head},more") == [(None, "", "too-many-columns")]
    exact = b"code\n" + b"x" * (2**20 - 5)
    assert refused(exact) != [(None, "", "file-too-large")]
    assert refused(exact + b"x") == [(None, "", "file-too-large")]


def test_fifty_megabytes_are_refused_unread() -> None:
    assert refused(b"code\n" + b"x" * (50 * 2**20), Limits()) == [(None, "", "file-too-large")]


def test_columns_unknown_missing_and_repeated_all_at_once() -> None:
    assert check("code,colour,note,note\n") == [
        (1, "colour", "unknown-column"),
        (1, "note", "repeated-column"),
        (1, "quantity", "missing-column"),
    ]
    assert check("code,,quantity\n") == [(1, "", "unknown-column")]
    assert check("note,quantity,code\n") == []


@pytest.mark.parametrize("name", ["qantity", "Quantity", "quantity ", "quantities"])
def test_a_near_miss_is_answered_with_the_right_name(name: str) -> None:
    problems = check_table(read(f"code,{name}\n"), COLUMNS).problems
    if name.strip() == "quantity":
        assert problems == []
    else:
        assert "did you mean “quantity”" in str(problems[0].message)


def test_every_bad_cell_comes_back_with_row_and_column() -> None:
    text = "code,quantity,note\n,1,\nA,x,=1\nB,2,ok\n \t,0,\x07\n"
    assert sorted(check(text)) == [
        (2, "code", "missing"),
        (3, "note", "formula"),
        (3, "quantity", "not-a-quantity"),
        (5, "code", "missing"),
        (5, "note", "control-character"),
        (5, "quantity", "not-positive"),
    ]


def test_values_stay_in_the_order_of_the_file() -> None:
    checked = check_table(read("code,quantity\nB,2\nA,1\nB,2\n"), COLUMNS)
    assert checked.columns == {
        "code": ["B", "A", "B"],
        "quantity": [2_000_000, 1_000_000, 2_000_000],
        "note": [None] * 3,
    }
    assert checked.rows()[1] == {"row": 3, "code": "A", "quantity": 1_000_000, "note": None}
