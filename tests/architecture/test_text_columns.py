"""Every column of text has a purpose, and what people write in their own words keeps no personal number."""

from __future__ import annotations

import pytest
from sqlalchemy import Column as Kept
from sqlalchemy import String, Text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from registry.app import ROWS
from registry.db import Base, Note, unit_of_work
from registry.exchange.catalogue import file_kinds
from registry.kernel.errors import Invalid
from registry.kernel.fields import BadCell
from tests.architecture.text_columns import APART, BY_NAME

NUMBER = "21503199001234"
SAID = f"for the patient {NUMBER}"
OWN_WORDS = 40
"""So many columns are in people's own words, at least: the test is of something."""
NO_PATIENT = {("organisations", "registration_number")}
"""A sole trader is registered under a personal number of their own."""
QUANTITIES = {("endorsements", "quantity"), ("population", "population"), ("natural_losses", "percent")}
"""Columns of numbers only, kept as numbers."""


def columns() -> list[Kept[object]]:
    assert ROWS
    found = [column for table in Base.metadata.sorted_tables for column in table.columns]
    return [column for column in found if isinstance(column.type, (String, Text, Note))]


def test_every_column_of_text_has_one_purpose() -> None:
    told = {str(column) for column in columns() if not isinstance(column.type, Note)}
    without = {name for name in told if name not in APART and name.partition(".")[2] not in BY_NAME}
    assert without == set(), "state in text_columns.py what it is for, or make it a registry.db.Note"
    assert APART.keys() <= told
    used = {name.partition(".")[2] for name in told - APART.keys()}
    assert BY_NAME.keys() == used, "a purpose that no column has any more"


def test_words_of_people_are_notes() -> None:
    """A column called like one in which people write is one, unless it is told apart."""
    words = {column.name for column in columns() if isinstance(column.type, Note)} - {"reason", "purpose", "text"}
    plain = {str(column) for column in columns() if not isinstance(column.type, Note) and column.name in words}
    assert plain <= {"refused_file.findings"} | APART.keys()


def test_no_column_in_own_words_keeps_a_personal_number(session: Session) -> None:
    notes = [column for column in columns() if isinstance(column.type, Note)]
    assert len(notes) >= OWN_WORDS
    for column in notes:
        with pytest.raises(StatementError) as refused, session.begin_nested():
            session.execute(update(column.table).values({column.name: SAID}))
        assert isinstance(refused.value.orig, Invalid), str(column)


def test_the_refusal_reaches_people_as_one(session: Session) -> None:
    column = next(column for column in columns() if str(column) == "flag_event.note")
    with pytest.raises(Invalid) as refused, unit_of_work(session):
        session.execute(update(column.table).values({column.name: SAID}))
    assert [(each.column, each.code) for each in refused.value.problems] == [("note", "personal-number")]


def test_no_column_of_a_file_takes_a_personal_number() -> None:
    taken = set()
    for kind in file_kinds().values():
        for column in kind.columns:
            try:
                column.read(NUMBER)
            except BadCell:
                continue
            taken.add((kind.name, column.name))
    assert taken == NO_PATIENT | QUANTITIES
