"""What the country sets about counts."""

from __future__ import annotations

from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.text import N_

GROUP = N_("Counts")

CASE_DAYS = Parameter(
    "counts.case_days",
    N_("Working days within which a difference found by a count is explained"),
    ParameterKind.WHOLE,
    "3",
    GROUP,
    ("NC-I2",),
    maximum=250,
)
NOTICE_HOURS = Parameter(
    "counts.notice_hours",
    N_("Hours from its discovery within which a loss or theft is told; 0: no term"),
    ParameterKind.WHOLE,
    "24",
    GROUP,
    ("NC-I4",),
    maximum=720,
)
REPORT_DAYS = Parameter(
    "counts.report_days",
    N_("Working days from its discovery within which the full report of a loss or theft follows; 0: no term"),
    ParameterKind.WHOLE,
    "3",
    GROUP,
    ("NC-I4",),
    maximum=250,
)
POLICE_DAYS = Parameter(
    "counts.police_days",
    N_("Working days from its discovery within which the number of the police is told of a theft; 0: no term"),
    ParameterKind.WHOLE,
    "5",
    GROUP,
    ("NC-I4",),
    maximum=250,
)
