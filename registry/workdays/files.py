"""The kind of file this room takes in."""

from __future__ import annotations

from registry.intake.kinds import FileKind
from registry.kernel.fields import Column, as_day, as_name, choice, named
from registry.kernel.text import N_
from registry.workdays.domain import DAY_SORTS
from registry.workdays.service import FILE_KIND, record_days

COLUMNS = (
    Column("day", as_day, note=N_("the day")),
    Column(
        "kind",
        choice(DAY_SORTS),
        note=N_("holiday: nobody works though it may be a weekday; workday: worked though it is a weekend"),
        choices=tuple(DAY_SORTS),
        meanings=named(DAY_SORTS),
    ),
    Column("name", as_name, note=N_("what the day is called")),
    Column("act", as_name, required=False, note=N_("act that sets it")),
)
FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_days,
        N_("Public holidays and shifted working days"),
        N_("Days the government sets for a year; every term in working days counts by them."),
    ),
)
