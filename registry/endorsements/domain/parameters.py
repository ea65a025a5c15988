"""What the country sets about endorsements and reminders."""

from __future__ import annotations

from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.text import N_

GROUP = N_("After issue")
MOST_DAYS = 366


def _days(code: str, name: str, default: str, source: str) -> Parameter:
    return Parameter(
        f"endorsements.{code}", name, ParameterKind.DAYS, default, GROUP, (source,), minimum=1, maximum=MOST_DAYS
    )


DECLARATION_DAYS = _days(
    "declaration_days", N_("Days after customs let goods pass within which the holder records them"), "10", "PC-S5"
)
WRITE_OFF_DAYS = _days(
    "write_off_days", N_("Days after goods moved within which customs writes them off"), "10", "NC-P12"
)
OWN_DAYS = _days("own_days", N_("Days after arrival within which we endorse the export permit abroad"), "10", "PC-S6")
FOREIGN_DAYS = _days(
    "foreign_days", N_("Days after export within which the importing country endorses our permit"), "30", "PC-S6"
)
RETURN_DAYS = _days(
    "return_days", N_("Days after its last day within which the holder returns an unused permit"), "10", "PC-S7"
)
STEP_DAYS = _days("step_days", N_("Days between one reminder and the next"), "14", "PC-S5")
STEPS = Parameter(
    "endorsements.steps", N_("Most reminders about one thing"), ParameterKind.WHOLE, "3", GROUP, ("PC-S5",), maximum=20
)
LOOK_BACK_DAYS = Parameter(
    "endorsements.look_back_days",
    N_("Days after the end of a permit for which something on it is still waited for"),
    ParameterKind.DAYS,
    "730",
    GROUP,
    ("PC-S6",),
    minimum=30,
    maximum=3660,
)
