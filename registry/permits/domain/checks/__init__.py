"""Checks of an application: small pure functions over frozen facts, shown to the officer passed or not."""

from __future__ import annotations

from registry.permits.domain.checks.case import ApplicationFact, Case, Check, CheckLine, findings_of, frozen
from registry.permits.domain.checks.goods import check_product
from registry.permits.domain.checks.papers import (
    check_counterpart,
    check_country,
    check_day,
    check_licence,
    check_purpose,
    check_validity,
    expiry_on,
)
from registry.permits.domain.checks.quantity import check_pending, check_quota, largest_units

__all__ = [
    "CHECKS",
    "ApplicationFact",
    "Case",
    "Check",
    "CheckLine",
    "check_counterpart",
    "check_country",
    "check_day",
    "check_licence",
    "check_pending",
    "check_product",
    "check_purpose",
    "check_quota",
    "check_validity",
    "expiry_on",
    "findings_of",
    "frozen",
    "largest_units",
    "run_checks",
]

CHECKS: tuple[Check, ...] = (
    check_licence,
    check_quota,
    check_pending,
    check_counterpart,
    check_country,
    check_day,
    check_product,
    check_purpose,
)


def run_checks(case: Case) -> tuple[CheckLine, ...]:
    """Run every check of an application, in the order officers read them."""
    return tuple(line for check in CHECKS for line in check(case))
