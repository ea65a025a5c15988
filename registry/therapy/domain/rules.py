"""The rules of a daily sheet.

A sheet tells of a day that is over. What cannot be so refuses on the page, where it is mended at once; what was done
though it should not have been is a fact and raises a flag.
"""

from __future__ import annotations

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

CLOSES = Rule(
    "OST-01",
    N_(
        "Opening, plus what came and was diluted, less doses given and spilt, is what is left at the close of the day, and what the ledger holds."
    ),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-O1",),
)
BASE_KEPT = Rule(
    "OST-02",
    N_("Dilution changes the volume, never the base: what comes out holds exactly what went in."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-O2",),
)
RESIDUE = Rule(
    "OST-03",
    N_("What is left in the pump or in an opened bottle is a part of what is left at the close of the day."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-O1",),
)
TAKE_HOME = Rule(
    "OST-04",
    N_("Doses are given to take home for no more days at once than the country allows."),
    N_("Project default: no limit until one is set"),
    Severity.FLAG,
    ("NC-O3",),
)
LARGEST_DOSE = Rule(
    "OST-05",
    N_("No single dose holds more than the country allows."),
    N_("Project default: no limit until one is set"),
    Severity.FLAG,
    ("NC-O7",),
)
PLACE = Rule(
    "OST-06",
    N_("A daily sheet is kept by a site of substitution therapy, a prison medical unit, a hospital or a clinic."),
    N_("Antinarcotic Programme 2014, sections 2.3.2 and 2.4"),
    Severity.FLAG,
    ("NC-O6",),
)
PLACES = frozenset({"ost_site", "prison_medical_unit", "hospital", "clinic"})
"""Kinds of organisations whose sites give substitution therapy; prison units are held to the same rules."""
