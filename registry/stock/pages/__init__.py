"""Pages of the ledger: balances, movements, entry of one movement, what was sent and received, the monthly sheet."""

from registry.stock.pages import (
    balances,
    entry,
    month,
    movements,
    offline,
    paper,
    quarantine,
    receipt,
    receipts,
    returned,
    reversal,
    trace,
)
from registry.stock.pages.blueprint import blueprint

__all__ = [
    "balances",
    "blueprint",
    "entry",
    "month",
    "movements",
    "offline",
    "paper",
    "quarantine",
    "receipt",
    "receipts",
    "returned",
    "reversal",
    "trace",
]
