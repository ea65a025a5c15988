"""The rules of permits, each declared once and named by a PRM code."""

from __future__ import annotations

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

COUNTERPART = Rule(
    "PRM-02",
    N_("An export rests on the import permit of the other country, or on its statement that none is needed."),
    N_("1961 Convention art. 31(5); 1971 Convention art. 12(1); EAEU regulation on import and export licences"),
    Severity.REFUSE,
    ("NC-P4", "PC-P9"),
    fixed=True,
)
COUNTERPART_KNOWN = Rule(
    "PRM-03",
    N_("The number of the other country's permit is named as soon as it is known."),
    N_("1961 Convention art. 31(5)"),
    Severity.NOTE,
    ("PC-P9",),
    Severity.NOTE,
)
PARTNER_COUNTRY = Rule(
    "PRM-04",
    N_("The partner country is a country of ISO 3166."),
    N_("1961 Convention art. 31(5)"),
    Severity.REFUSE,
    ("NC-5.3",),
    fixed=True,
)
PLANNED_AHEAD = Rule(
    "PRM-05",
    N_("The consignment is planned for a day to come."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-P8",),
)
PENDING_FIT = Rule(
    "PRM-06",
    N_("All applications that wait for a decision fit together."),
    N_("Project default: the quota is reserved when a permit is issued, not before"),
    Severity.FLAG,
    ("NC-Q4",),
)
SCHEDULE_THREE_DECIDED = Rule(
    "PRM-07",
    N_("It is decided whether the product is a preparation of Schedule III."),
    N_("1961 Convention art. 2(4), Schedule III"),
    Severity.FLAG,
    ("IF-3.3",),
)
PERMIT_WANTED = Rule(
    "PRM-08",
    N_("A permit is asked for only where one is needed: Schedule III and exempt preparations need none."),
    N_("1961 Convention art. 31(16); 1971 Convention art. 3"),
    Severity.NOTE,
    ("NC-C5",),
    Severity.NOTE,
)
PURPOSE = Rule(
    "PRM-09",
    N_("The purpose is stated: medical, veterinary, scientific or forensic, others with their legal ground."),
    N_("Law on narcotic drugs of 2024: purposes of the state quota"),
    Severity.NOTE,
    ("NC-Q10",),
    Severity.NOTE,
)
COUNTERPART_ONCE = Rule(
    "PRM-10",
    N_("A permit of the other country serves one consignment."),
    N_("1961 Convention art. 31(5); project default: one permit, one consignment"),
    Severity.FLAG,
    ("PC-P15", "NC-P5"),
)
VALIDITY = Rule(
    "PRM-11",
    N_("A permit is valid for 90 days, not beyond 31 December of its quota year nor the end of the licence."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-P6", "PC-P3"),
)
SECOND_PERSON = Rule(
    "PRM-12",
    N_("Whoever proposed a case does not decide on it."),
    N_("Project default: two persons"),
    Severity.REFUSE,
    ("NC-12",),
    Severity.REFUSE,
    fixed=True,
)
ARTICLE_13 = Rule(
    "PRM-13",
    N_(
        "No psychotropic goes to a country that notified a prohibition of its import, unless under its special licence."
    ),
    N_("1971 Convention art. 13"),
    Severity.REFUSE,
    ("PC-P12", "IF-11"),
    fixed=True,
)

RULES = (
    COUNTERPART,
    COUNTERPART_KNOWN,
    PARTNER_COUNTRY,
    PLANNED_AHEAD,
    PENDING_FIT,
    SCHEDULE_THREE_DECIDED,
    PERMIT_WANTED,
    PURPOSE,
    COUNTERPART_ONCE,
    VALIDITY,
    SECOND_PERSON,
    ARTICLE_13,
)
