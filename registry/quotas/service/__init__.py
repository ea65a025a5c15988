"""What is done with quotas: lines from files, lines of two persons, what the ledger tells, and reservations."""

from registry.quotas.service.lines import ProposedLine, approve_line, propose_line, record_lines, withdraw_line
from registry.quotas.service.positions import (
    ensure_and_lock_positions,
    record_ledger_years,
    reserve,
    settle_from,
    settle_positions,
)

__all__ = [
    "ProposedLine",
    "approve_line",
    "ensure_and_lock_positions",
    "propose_line",
    "record_ledger_years",
    "record_lines",
    "reserve",
    "settle_from",
    "settle_positions",
    "withdraw_line",
]
