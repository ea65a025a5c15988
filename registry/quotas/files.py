"""The kind of file this room takes in."""

from __future__ import annotations

from registry.intake.kinds import FileKind
from registry.kernel.fields import (
    Column,
    as_code,
    as_day,
    as_grams_or_zero,
    as_name,
    as_substance,
    as_year,
    choice,
    named,
)
from registry.kernel.text import N_
from registry.quotas.domain.kinds import ITEMS, QUOTA_KINDS
from registry.quotas.service.drafting import FILE_KIND
from registry.quotas.service.lines import record_lines

COLUMNS = (
    Column("year", as_year, note=N_("calendar year it is for")),
    Column("substance", as_substance, note=N_("code of the list, such as NM 009")),
    Column(
        "kind",
        choice(QUOTA_KINDS),
        note=N_("kind of the line"),
        choices=tuple(QUOTA_KINDS),
        meanings=named(QUOTA_KINDS),
    ),
    Column("quantity_g", as_grams_or_zero, note=N_("grams of anhydrous base")),
    Column(
        "item",
        choice(ITEMS),
        required=False,
        note=N_("item of an estimate"),
        choices=tuple(ITEMS),
        meanings=named(ITEMS),
    ),
    Column("organisation", as_code, required=False, note=N_("for an allocation: code of the organisation")),
    Column("act", as_name, required=False, note=N_("number of the act")),
    Column("act_date", as_day, required=False, note=N_("day of the act")),
    Column(
        "effective_on",
        as_day,
        required=False,
        note=N_("day from which it counts; empty: day of the act, but not before 1 January"),
    ),
)

FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_lines,
        N_("Quotas"),
        N_("Estimates, supplements, assessments, requirements, state quotas and allocations as decided."),
    ),
)
