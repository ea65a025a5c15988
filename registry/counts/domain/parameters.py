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
