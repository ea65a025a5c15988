"""What is done with quotas: lines from files, steps of two persons, what the ledger tells, and reservations."""

from registry.quotas.domain.cycle import Decision
from registry.quotas.service.lines import record_lines
from registry.quotas.service.needs import Picked, keep_calculation, kinds_of, pick, trend_inputs
from registry.quotas.service.positions import (
    ensure_and_lock_positions,
    record_ledger_years,
    reserve,
    settle_from,
    settle_positions,
)
from registry.quotas.service.steps import (
    ProposedLine,
    approve_line,
    draft_line,
    propose_line,
    publish_year,
    reject_line,
    revise_draft,
    take_step,
    withdraw_line,
)

__all__ = [
    "Decision",
    "Picked",
    "ProposedLine",
    "approve_line",
    "draft_line",
    "ensure_and_lock_positions",
    "keep_calculation",
    "kinds_of",
    "pick",
    "propose_line",
    "publish_year",
    "record_ledger_years",
    "record_lines",
    "reject_line",
    "reserve",
    "revise_draft",
    "settle_from",
    "settle_positions",
    "take_step",
    "trend_inputs",
    "withdraw_line",
]
