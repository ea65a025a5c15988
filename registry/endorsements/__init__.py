"""After issue: endorsements sent and received, customs against the ledger, and what is waited for."""
