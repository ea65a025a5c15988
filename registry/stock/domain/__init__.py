"""Kinds of movement, what they do to shelves and to the national totals, and the rules of the ledger. Pure."""
