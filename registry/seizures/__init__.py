"""Seizures: what was taken from illicit traffic and what became of it; a ledger apart from licit stock."""
