"""Checked tables for tests of the rooms that take files in, and a counter of statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session

from registry.db import forget
from registry.intake.check import Checked, check_table
from registry.intake.reader import Table
from registry.kernel.fields import Column


def checked(columns: Sequence[Column], *rows: Mapping[str, str]) -> Checked:
    """Return rows of cells as a file with all their columns would give them."""
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name, "") for name in names] for row in rows]
    return check_table(Table(names, cells, list(range(2, len(rows) + 2))), columns)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Collect the SQL statements sent while the block runs, which begins with nothing remembered."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    session.connection()
    forget(session)
    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)
