"""The ledger: movements, balances, national totals."""
