"""The rules of reports, each declared once, named by an RPT code."""

from __future__ import annotations

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

NIL_REPORT = Rule(
    "RPT-01",
    N_("Nothing is reported only where nothing is recorded, and a report of movements only where some are."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-R1",),
    Severity.REFUSE,
    fixed=True,
)
AFTER_THE_END = Rule(
    "RPT-02",
    N_("A report is made once its last day has passed."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-R1",),
    Severity.REFUSE,
    fixed=True,
)
REPORT_IN_TIME = Rule(
    "RPT-03",
    N_("A site reports by the day its report is due."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-R1", "NC-R2"),
)
REPORT_STANDS = Rule(
    "RPT-04",
    N_("What is recorded after a report, of days it covers, is reported again."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-R1",),
)
REFUSED_SETTLED = Rule(
    "RPT-05",
    N_("A refused file is mended and sent again, or discarded with a reason, within the days allowed."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-R1",),
)
RULES = (NIL_REPORT, AFTER_THE_END, REPORT_IN_TIME, REPORT_STANDS, REFUSED_SETTLED)
