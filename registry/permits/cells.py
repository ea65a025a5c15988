"""An application as it is typed: cells by name, as pages, drafts and programs hold it, and the reading of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from registry.kernel.errors import Problem
from registry.permits.domain.kinds import PermitKind, Way
from registry.permits.domain.particulars import PARTICULARS
from registry.permits.files import APPLICATION_COLUMNS
from registry.permits.schemas import LINE, MOST_LINES
from registry.permits.service import Submission
from registry.web.page_forms import read_cells

PRODUCT, QUANTITY = LINE
HEAD = tuple(column for column in APPLICATION_COLUMNS if column.name not in (*LINE, "kind", "organisation"))
LINE_COLUMNS = tuple(column for column in APPLICATION_COLUMNS if column.name in LINE)
LINE_CELL = re.compile(r"(product|quantity)(?:-([2-9]|[1-9][0-9]{1,2}))?")
_COMMON = frozenset(column.name for column in HEAD)


def line_cell(name: str, number: int) -> str:
    """Return the name of a cell of line `number`, counted from 1: ``product``, ``product-2``."""
    return name if number == 1 else f"{name}-{number}"


def line_count(cells: Mapping[str, str]) -> int:
    """Return how many lines the cells hold, at least one."""
    found = (LINE_CELL.fullmatch(name) for name in cells)
    return min(MOST_LINES, max((int(each[2] or 1) for each in found if each), default=1))


def cells_of(typed: Mapping[str, str], kind: PermitKind) -> dict[str, str]:
    """Return of what was typed only the cells this kind has."""
    known = {*_COMMON, *kind.asks}
    return {name: text for name, text in typed.items() if name in known or LINE_CELL.fullmatch(name)}


def filled_lines(cells: Mapping[str, str]) -> list[int]:
    """Return the numbers of the lines in which something stands; the first where nothing does."""
    numbers = range(1, line_count(cells) + 1)
    return [n for n in numbers if any(cells.get(line_cell(name, n), "").strip() for name in LINE)] or [1]


def read_application(
    kind: PermitKind, cells: Mapping[str, str], organisation: str, home: Mapping[str, str]
) -> Submission | list[Problem]:
    """Return the application, or every cell that cannot be read. `home`: what stands for a partner where none is.

    Lines left empty are no lines, as long as one is filled.
    """
    typed = dict(cells) | (dict(home) if kind.way is Way.USE else {})
    row, problems = read_cells(HEAD, typed)
    lines = []
    for number in filled_lines(typed):
        of_line = {name: typed.get(line_cell(name, number), "") for name in LINE}
        read, wrong = read_cells(LINE_COLUMNS, of_line)
        lines.append((str(read[PRODUCT]), str(read[QUANTITY])))
        problems += [replace(each, column=line_cell(each.column, number)) for each in wrong]
    asked = [PARTICULARS[code].column(required=code in kind.needs) for code in kind.asks]
    particulars, wrong = read_cells(asked, typed)
    problems += wrong
    if problems:
        return problems
    row.pop("row")
    particulars.pop("row")
    given = {code: value for code, value in particulars.items() if value is not None}
    return Submission(
        kind=kind.code,
        organisation=organisation,
        lines=tuple(lines),
        particulars=given,
        **row,  # type: ignore[arg-type]  # cells as declared by APPLICATION_COLUMNS
    )


def line_numbers(problems: Sequence[Problem], cells: Mapping[str, str]) -> list[Problem]:
    """Return problems of cells with the paths a program knows: ``product-2`` is ``lines.1.product``."""
    places = {number: place for place, number in enumerate(filled_lines(cells))}
    found = []
    for problem in problems:
        cell = LINE_CELL.fullmatch(problem.column)
        path = f"lines.{places[int(cell[2] or 1)]}.{cell[1]}" if cell else problem.column
        if problem.column in PARTICULARS:
            path = f"particulars.{problem.column}"
        found.append(replace(problem, column=path))
    return found
