"""Checks of an application: small pure functions over frozen facts, shown to the officer passed or not."""

from __future__ import annotations

from registry.permits.domain.checks.abroad import check_abroad, check_prohibited
from registry.permits.domain.checks.case import (
    ApplicationFact,
    Case,
    Check,
    CheckLine,
    ForeignEstimate,
    Original,
    findings_of,
    frozen,
)
from registry.permits.domain.checks.goods import check_goods, check_product, check_several
from registry.permits.domain.checks.papers import (
    check_counterpart,
    check_country,
    check_day,
    check_licence,
    check_papers,
    check_particulars,
    check_purpose,
    check_reply,
    check_validity,
    expiry_on,
)
from registry.permits.domain.checks.parties import check_consignee, check_customs
from registry.permits.domain.checks.quantity import (
    check_original,
    check_pending,
    check_quota,
    check_stock,
    largest_units,
)

__all__ = [
    "CHECKS",
    "ApplicationFact",
    "Case",
    "Check",
    "CheckLine",
    "ForeignEstimate",
    "Original",
    "check_abroad",
    "check_consignee",
    "check_counterpart",
    "check_country",
    "check_customs",
    "check_day",
    "check_goods",
    "check_licence",
    "check_original",
    "check_papers",
    "check_particulars",
    "check_pending",
    "check_product",
    "check_prohibited",
    "check_purpose",
    "check_quota",
    "check_reply",
    "check_several",
    "check_stock",
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
    check_abroad,
    check_prohibited,
    check_original,
    check_counterpart,
    check_papers,
    check_particulars,
    check_country,
    check_consignee,
    check_customs,
    check_day,
    check_product,
    check_goods,
    check_several,
    check_stock,
    check_purpose,
    check_reply,
)


def run_checks(case: Case) -> tuple[CheckLine, ...]:
    """Run every check of an application, in the order officers read them."""
    return tuple(line for check in CHECKS for line in check(case))
