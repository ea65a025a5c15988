"""The rules of counts: each declared once, named by a CNT code."""

from __future__ import annotations

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

TWO_PEOPLE = Rule(
    "CNT-01",
    N_("Two people count, each for themselves; nobody is both."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-I1",),
    fixed=True,
)
DIFFERENCE = Rule(
    "CNT-02",
    N_("What a count finds otherwise than the book says is counted again and explained; nothing is adjusted silently."),
    N_("Law No. 69 of 6 March 2024 (accounting and inventory); project default"),
    Severity.FLAG,
    ("NC-I2",),
)
CASE_IN_TIME = Rule(
    "CNT-03",
    N_("A difference found by a count is explained within the working days allowed, three unless set otherwise."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-I2",),
)
COUNTED_WHOLE = Rule(
    "CNT-04",
    N_("A count of a product takes in every batch of it that the book knows at the site."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-I1",),
)
LOSS_TOLD = Rule(
    "CNT-05",
    N_("Every loss and theft in the ledger is told to the authority in a notice."),
    N_("Antinarcotic Programme 2014, section 4.2 (statistics of losses); project default"),
    Severity.FLAG,
    ("NC-I4", "NC-I5", "PC-D10"),
)
TOLD_IN_TIME = Rule(
    "CNT-06",
    N_("A loss or theft is told within the hours allowed from its discovery, 24 unless set otherwise."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-I4",),
)
REPORTED_IN_TIME = Rule(
    "CNT-07",
    N_("The full report of a loss or theft follows within the working days allowed, three unless set otherwise."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-I4",),
)
POLICE_IN_TIME = Rule(
    "CNT-08",
    N_(
        "The number under which the police deals with a theft follows within the working days allowed, five unless set otherwise."
    ),
    N_("Project default"),
    Severity.FLAG,
    ("NC-I4",),
)
THREE_SIGN = Rule(
    "CNT-09",
    N_(
        "An act of destruction is signed by three different people: of the site, of the authority, of a third institution."
    ),
    N_("Antinarcotic Programme 2014, section 2.1; project default"),
    Severity.REFUSE,
    ("NC-I6", "NC-A5"),
    Severity.REFUSE,
    fixed=True,
)
