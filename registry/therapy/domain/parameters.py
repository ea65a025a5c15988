"""What the country sets about substitution therapy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from registry.kernel.parameters import NOT_SET, Parameter, ParameterKind
from registry.kernel.text import N_

GROUP = N_("Substitution therapy")

TAKE_HOME_DAYS = Parameter(
    "therapy.take_home_days",
    N_("Most days for which doses are given to take home at once"),
    ParameterKind.DAYS,
    NOT_SET,
    GROUP,
    ("NC-O3",),
    maximum=90,
    optional=True,
)
METHADONE_DOSE = Parameter(
    "therapy.methadone_dose_mg",
    N_("Largest single dose of methadone, mg of anhydrous base"),
    ParameterKind.WHOLE,
    NOT_SET,
    GROUP,
    ("NC-O7",),
    minimum=1,
    maximum=10_000,
    optional=True,
)
BUPRENORPHINE_DOSE = Parameter(
    "therapy.buprenorphine_dose_mg",
    N_("Largest single dose of buprenorphine, mg of anhydrous base"),
    ParameterKind.WHOLE,
    NOT_SET,
    GROUP,
    ("NC-O7",),
    minimum=1,
    maximum=10_000,
    optional=True,
)
HIDDEN_BELOW = Parameter(
    "therapy.hidden_below",
    N_("Mean doses a day below which a figure above the site is hidden"),
    ParameterKind.WHOLE,
    "5",
    GROUP,
    ("NC-O5",),
    minimum=5,
    maximum=1_000,
)
SUBSTANCES: Mapping[str, Parameter] = MappingProxyType({"NM 002": METHADONE_DOSE, "PB 006": BUPRENORPHINE_DOSE})
"""Substances of the therapy by their code, each with the parameter of its largest dose; a further one is one more entry."""
