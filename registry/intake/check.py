"""A table of text cells -> columns of values, every bad cell collected with row and column."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from registry.intake.reader import Table
from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, Column
from registry.kernel.progress import told
from registry.kernel.rules import Finding, refuses
from registry.kernel.text import N_, Message

CHECKING = N_("Checking every cell")
NEAR = 0.7
"""How alike a wrong column name must be before a right one is offered: `number` is not `name_ru`."""


def rows_of(problems: Iterable[Problem]) -> set[int]:
    """Return the spreadsheet rows that `problems` name."""
    return {problem.row for problem in problems if problem.row is not None}


@dataclass(slots=True)
class Checked:
    """Columns of values in the order of the file; an empty or bad cell is None.

    `numbers[i]` is the spreadsheet row of the i-th value of every column.
    """

    numbers: list[int]
    columns: dict[str, list[object]]
    problems: list[Problem] = field(default_factory=list)

    @property
    def bad_rows(self) -> set[int]:
        """Return the spreadsheet rows that hold a problem."""
        return rows_of(self.problems)

    def rows(self) -> list[dict[str, object]]:
        """Return the rows as dictionaries with their spreadsheet row under ``row`` (small files only)."""
        names = list(self.columns)
        values = zip(*self.columns.values(), strict=True)
        return [
            {"row": number, **dict(zip(names, cells, strict=True))}
            for number, cells in zip(self.numbers, values, strict=True)
        ]


@dataclass(slots=True)
class Report:
    """The answer to a file, as the contract shapes it (section 2).

    `remarks` are for people only: what the sender of a file should know though it stands against nothing.
    """

    kind: str
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    written: bool = False
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    remarks: tuple[Message, ...] = ()

    @property
    def bad_rows(self) -> set[int]:
        """Return the spreadsheet rows that hold a problem."""
        return rows_of(self.problems)

    @property
    def refused(self) -> bool:
        """Say whether nothing of the file may be written."""
        return bool(self.problems) or refuses(self.findings)

    def as_json(self, translate: Callable[[Message], str] = str) -> dict[str, object]:
        """Return the report as the contract's JSON object, with messages through `translate`."""
        return {
            "kind": self.kind,
            "rows": self.rows,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "written": self.written,
            "errors": [
                {"row": p.row, "column": p.column, "code": p.code, "message": translate(p.message)}
                for p in sorted(self.problems, key=lambda p: (p.row or 0, p.column))
            ],
            "findings": [_finding_json(f, translate) for f in sorted(self.findings, key=lambda f: f.row or 0)],
        }


def _finding_json(finding: Finding, translate: Callable[[Message], str]) -> dict[str, object]:
    answer: dict[str, object] = {
        "row": finding.row,
        "rule": finding.rule.code,
        "severity": finding.severity.value,
        "message": translate(finding.message),
        "observed": finding.observed,
        "limit": finding.limit,
    }
    if finding.largest_g is not None:
        answer["largest_g"] = finding.largest_g
    if finding.largest_quantity is not None:
        answer["largest_quantity"] = finding.largest_quantity
    return answer


def check_table(table: Table, columns: Sequence[Column]) -> Checked:
    """Read every cell of `table` by the declared `columns`; collect, never stop at the first problem."""
    problems = _header_problems(table.header, columns)
    if problems:
        return Checked(table.numbers, {}, problems)
    position = {name: n for n, name in enumerate(table.header)}
    cells = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.header)
    checked = Checked(table.numbers, {})
    empty = [""] * len(table.rows)
    for column in told(CHECKING, columns):
        given = cells[position[column.name]] if column.name in position else empty
        checked.columns[column.name] = _read_column(column, given, checked)
    return checked


def _read_column(column: Column, cells: Sequence[str], checked: Checked) -> list[object]:
    """Read each distinct text once: a column of 10,000 cells rarely holds more than a few hundred."""
    if column.plain is not None and column.plain(cells):
        return list(cells)
    values: dict[str, object] = {}
    bad: dict[str, BadCell] = {}
    distinct = set(cells)
    for text in distinct:
        if not text or text.isspace():
            values[text] = None
            if column.required:
                bad[text] = BadCell(
                    "missing", Message(N_("the cell is empty: %(name)s is needed"), {"name": column.name})
                )
            continue
        try:
            values[text] = column.read(text)
        except BadCell as problem:
            values[text] = None
            bad[text] = problem
    if bad:
        checked.problems.extend(
            Problem(column.name, bad[text].code, bad[text].message, number)
            for text, number in zip(cells, checked.numbers, strict=True)
            if text in bad
        )
    if len(distinct) == 1:
        return list(values.values()) * len(cells)
    return list(map(values.__getitem__, cells))


def _header_problems(header: Sequence[str], columns: Sequence[Column]) -> list[Problem]:
    known = [column.name for column in columns]
    problems = []
    for position, name in enumerate(header, start=1):
        if name in known:
            continue
        near = difflib.get_close_matches(name.lower(), known, 1, NEAR)
        shown = name or f"#{position}"
        message = (
            Message(
                N_("there is no column “%(name)s” in this file: did you mean “%(near)s”?"),
                {"name": shown, "near": near[0]},
            )
            if near
            else Message(
                N_("there is no column “%(name)s” in this file. Columns: %(known)s"),
                {"name": shown, "known": ", ".join(known)},
            )
        )
        problems.append(Problem(name, "unknown-column", message, 1))
    for name in {name for name in header if name and list(header).count(name) > 1}:
        problems.append(
            Problem(name, "repeated-column", Message(N_("the column “%(name)s” stands twice"), {"name": name}), 1)
        )
    problems.extend(
        Problem(
            column.name, "missing-column", Message(N_("the column “%(name)s” is missing"), {"name": column.name}), 1
        )
        for column in columns
        if column.required and column.name not in header
    )
    return problems
