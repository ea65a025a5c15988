"""What only shows from above: positions that need quotas, permits and ledger together; search over all rooms."""
