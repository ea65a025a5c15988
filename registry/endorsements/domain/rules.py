"""The rules of what follows the issue of a permit, each declared once and named by an END code."""

from __future__ import annotations

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

WITHIN_PERMIT = Rule(
    "END-01",
    N_("An endorsement states no more than the permit allows, beyond the tolerance of the country."),
    N_("1961 Convention art. 31(1); project default: no more, any less"),
    Severity.FLAG,
    ("NC-P12", "PC-S3"),
)
CUSTOMS_AND_LEDGER = Rule(
    "END-02",
    N_("What customs let through is what the ledger holds."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-P12", "PC-S2"),
)
DECLARED = Rule(
    "END-03",
    N_("What customs let through is in the ledger within the days set."),
    N_("Project default"),
    Severity.FLAG,
    ("PC-S5",),
)
WRITTEN_OFF = Rule(
    "END-04",
    N_("What moved across the border is written off by customs within the days set."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-P12",),
)
ENDORSED_BY_US = Rule(
    "END-05",
    N_("The export permit of the other country is endorsed within the days set after the goods arrived."),
    N_("1961 Convention art. 31(7); 1971 Convention art. 12(1)"),
    Severity.FLAG,
    ("PC-S6",),
)
ENDORSED_ABROAD = Rule(
    "END-06",
    N_("The importing country endorses our export permit within the days set after the export."),
    N_("1961 Convention art. 31(7); 1971 Convention art. 12(1)"),
    Severity.FLAG,
    ("PC-S6",),
)
RETURNED = Rule(
    "END-07",
    N_("A permit that ended unused comes back within the days set."),
    N_("Project default"),
    Severity.FLAG,
    ("PC-S7",),
)
OURS_AND_LEDGER = Rule(
    "END-08",
    N_("What we certify as arrived is what the ledger holds."),
    N_("1961 Convention art. 31(7)"),
    Severity.FLAG,
    ("NC-P12",),
)
THEIRS_AND_LEDGER = Rule(
    "END-09",
    N_("What the importing country received is what left here."),
    N_("1961 Convention art. 31(7)"),
    Severity.FLAG,
    ("PC-S3",),
)
LOST_IN_TRANSIT = Rule(
    "END-10",
    N_("What was lost or damaged on the way is looked into."),
    N_("1961 Convention art. 31(7)"),
    Severity.FLAG,
    ("NC-I5", "PC-S3"),
)

RULES = (
    WITHIN_PERMIT,
    CUSTOMS_AND_LEDGER,
    DECLARED,
    WRITTEN_OFF,
    ENDORSED_BY_US,
    ENDORSED_ABROAD,
    RETURNED,
    OURS_AND_LEDGER,
    THEIRS_AND_LEDGER,
    LOST_IN_TRANSIT,
)
