"""What the country sets about permits."""

from __future__ import annotations

from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.text import N_

GROUP = N_("Permits")

VALIDITY_DAYS = Parameter(
    "permits.validity_days",
    N_("Days for which a permit is valid from its day of issue"),
    ParameterKind.DAYS,
    "90",
    GROUP,
    ("NC-P6", "PC-P3"),
    minimum=1,
    maximum=366,
)
