"""Reading the ledger: rows into facts, never written."""
