"""Pages of the ledger: balances, movements, entry of one movement, the monthly sheet."""

from registry.stock.pages import balances, entry, month, movements, reversal
from registry.stock.pages.blueprint import blueprint

__all__ = ["balances", "blueprint", "entry", "month", "movements", "reversal"]
