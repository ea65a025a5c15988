"""What the country sets about reports: who owes them how often, when they are due, when what is late is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.text import N_
from registry.reporting.domain.spans import Every

GROUP = N_("Reports")
NO_REPORT = "none"
MOST_DAYS = 366
_LENGTHS = (
    (NO_REPORT, N_("no report")),
    (Every.MONTH.value, N_("every month")),
    (Every.QUARTER.value, N_("every quarter")),
    (Every.YEAR.value, N_("every year")),
)


def _every(kind: str, name: str) -> Parameter:
    """Return how often sites of one kind report: nobody does until an act says so."""
    return Parameter(
        f"reporting.every.{kind}", name, ParameterKind.CHOICE, NO_REPORT, GROUP, ("NC-R1",), choices=_LENGTHS
    )


def _days(code: str, name: str, default: str, source: str, least: int = 0) -> Parameter:
    return Parameter(
        f"reporting.{code}", name, ParameterKind.DAYS, default, GROUP, (source,), minimum=least, maximum=MOST_DAYS
    )


IMPORTERS = _every("importer", N_("How often importers report"))
WHOLESALERS = _every("wholesaler", N_("How often wholesalers report"))
MANUFACTURERS = _every("manufacturer", N_("How often manufacturers report"))
PHARMACIES = _every("pharmacy", N_("How often pharmacies report"))
HOSPITALS = _every("hospital", N_("How often hospitals report"))
CLINICS = _every("clinic", N_("How often clinics report"))
OST_SITES = _every("ost_site", N_("How often OST sites report"))
PRISON_UNITS = _every("prison_medical_unit", N_("How often prison medical units report"))
VETERINARIES = _every("veterinary", N_("How often veterinary organisations report"))
RESEARCH = _every("research", N_("How often research organisations report"))
LABORATORIES = _every("laboratory", N_("How often laboratories report"))
PRECURSORS = _every("precursor_operator", N_("How often operators with precursors report"))
OWES: Mapping[str, Parameter] = MappingProxyType(
    {
        each.code.rpartition(".")[2]: each
        for each in (
            IMPORTERS, WHOLESALERS, MANUFACTURERS, PHARMACIES, HOSPITALS, CLINICS, OST_SITES, PRISON_UNITS,
            VETERINARIES, RESEARCH, LABORATORIES, PRECURSORS,
        )
    }
)  # fmt: skip
"""Kind of organisation -> how often its sites report."""

MONTH_DUE = _days("due.month", N_("Days after its end on which the report of a month is due"), "5", "NC-R1")
QUARTER_DUE = _days("due.quarter", N_("Days after its end on which the report of a quarter is due"), "15", "NC-R1")
YEAR_DUE = _days("due.year", N_("Days after its end on which the report of a year is due"), "31", "NC-R1")
DUE_DAYS: Mapping[Every, Parameter] = MappingProxyType(
    {Every.MONTH: MONTH_DUE, Every.QUARTER: QUARTER_DUE, Every.YEAR: YEAR_DUE}
)

REMINDER = _days("step.reminder", N_("Days late after which a site is reminded of its report"), "1", "NC-R2", 1)
SECOND = _days("step.second", N_("Days late after which a site is reminded a second time"), "5", "NC-R2", 1)
NOTICE = _days("step.notice", N_("Days late after which the authority is told of a missing report"), "15", "NC-R2", 1)
STEPS = (REMINDER, SECOND, NOTICE)
"""The steps of chasing what is late, in order: two letters to the site, one to the authority."""

CLOSE_DAYS = _days(
    "close_days", N_("Days after a report is due after which its period closes by itself; 0: never"), "0", "NC-M4"
)
REOPENED_DAYS = _days("reopened_days", N_("Days for which a reopened period stays open"), "10", "NC-M4", 1)
REFUSED_DAYS = _days("refused_days", N_("Days within which a refused file is mended or discarded"), "5", "NC-R2", 1)
