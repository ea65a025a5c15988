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
PERIODIC = Parameter(
    "permits.periodic",
    N_("Periodic permits, for several consignments, are issued"),
    ParameterKind.SWITCH,
    "off",
    GROUP,
    ("NC-P5",),
)
SUBSTANCES_PER_APPLICATION = Parameter(
    "permits.substances_per_application",
    N_("Most substances on one application; 0: no limit"),
    ParameterKind.WHOLE,
    "0",
    GROUP,
    ("PC-P16",),
    maximum=100,
)
REPLY_DAYS = Parameter(
    "permits.reply_days",
    N_("Working days the applicant has to answer a request for information"),
    ParameterKind.DAYS,
    "10",
    GROUP,
    ("PC-P14",),
    minimum=1,
    maximum=366,
)
PROCESSING_DAYS = Parameter(
    "permits.processing_days",
    N_("Working days within which an application is decided; the clock rests while the applicant is asked"),
    ParameterKind.DAYS,
    "10",
    GROUP,
    ("NC-P10",),
    minimum=1,
    maximum=366,
)
ARRIVAL_TOLERANCE = Parameter(
    "stock.arrival_tolerance",
    N_("Share by which more may arrive than a permit allows"),
    ParameterKind.PERCENT,
    "0",
    GROUP,
    ("NC-P12",),
    maximum=10,
)
"""Held against the ledger by the room of stock, against endorsements by theirs."""
