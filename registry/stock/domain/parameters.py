"""What the country sets about the ledger."""

from __future__ import annotations

from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.text import N_

GROUP = N_("Ledger")

BACK_DATING_DAYS = Parameter(
    "stock.back_dating_days",
    N_("Working days within which a movement is entered"),
    ParameterKind.WHOLE,
    "1",
    GROUP,
    ("NC-M4",),
    maximum=250,
)
DILUTION_TOLERANCE = Parameter(
    "stock.dilution_tolerance",
    N_("Share by which pressing, filling or dilution may yield more base than went in"),
    ParameterKind.PERCENT,
    "0",
    GROUP,
    ("NC-O2",),
    maximum=5,
)
CONFIRMATION_DAYS = Parameter(
    "stock.confirmation_days",
    N_("Working days within which a receiver confirms what was sent"),
    ParameterKind.WHOLE,
    "5",
    GROUP,
    ("NC-M5",),
    maximum=250,
)
CONFIRMED_BEFORE_USE = Parameter(
    "stock.confirmed_before_use",
    N_("Goods are used only once their receipt is confirmed"),
    ParameterKind.SWITCH,
    "off",
    GROUP,
    ("NC-M5",),
)
IMPORT_QUARANTINE = Parameter(
    "stock.import_quarantine",
    N_("What is imported stays in quarantine until it is released"),
    ParameterKind.SWITCH,
    "off",
    GROUP,
    ("NC-P15",),
)
USE_DAYS = Parameter(
    "stock.use_days",
    N_("Days looked back on for the mean daily use"),
    ParameterKind.DAYS,
    "90",
    GROUP,
    ("NC-M8",),
    minimum=1,
    maximum=730,
)
RUNS_OUT_DAYS = Parameter(
    "stock.runs_out_days",
    N_("Days of supply from which on downward the start page says that a product runs out"),
    ParameterKind.DAYS,
    "30",
    GROUP,
    ("NC-M8",),
    maximum=730,
)
EXPIRING_DAYS = Parameter(
    "stock.expiring_days",
    N_("Days before its last day from which on the start page says that a batch expires"),
    ParameterKind.DAYS,
    "90",
    GROUP,
    ("NC-M8",),
    maximum=730,
)
