"""What the country sets about quotas."""

from __future__ import annotations

from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.text import N_

GROUP = N_("Quotas")

RESERVE = Parameter(
    "quotas.reserve",
    N_("Share of the state quota that is kept in reserve and not allocated"),
    ParameterKind.PERCENT,
    "10",
    GROUP,
    ("NC-Q5",),
)
UNDER_USE_SHARE = Parameter(
    "quotas.under_use",
    N_("Share of the year's quota that should be used by the day of the under-use alert"),
    ParameterKind.PERCENT,
    "50",
    GROUP,
    ("NC-Q7",),
    N_("Project default, after the practice of 2020"),
)
UNDER_USE_DAY = Parameter(
    "quotas.under_use_day",
    N_("Day of the year from which under-use is flagged"),
    ParameterKind.DAY_OF_YEAR,
    "09-30",
    GROUP,
    ("NC-Q7",),
    N_("Project default, after the practice of 2020"),
)
ASSESSMENT_YEARS = Parameter(
    "quotas.assessment_years",
    N_("Years after which an assessment is looked at anew"),
    ParameterKind.WHOLE,
    "3",
    GROUP,
    ("IF-8",),
    N_("Form B/P of INCB: full revision every three years"),
    minimum=1,
    maximum=10,
)
NEAR_CEILING = Parameter(
    "quotas.near_ceiling",
    N_("Share of the ceiling from which a position is shown as near it"),
    ParameterKind.PERCENT,
    "90",
    GROUP,
    ("NC-Q3",),
)
OPEN_LIST = Parameter(
    "quotas.open_list",
    N_("The published state quotas are shown to everybody, without signing in"),
    ParameterKind.SWITCH,
    "off",
    GROUP,
    ("NC-Q1",),
)
