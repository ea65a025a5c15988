"""Rows of endorsements -> facts, and what follows from them with permits, customs and ledger; set-based."""

from registry.endorsements.queries.after import after_issue, comparison_of, reminders_of, waiting
from registry.endorsements.queries.endorsements import (
    endorsement_by_id,
    endorsements_below,
    endorsements_of,
    find_endorsements,
)

__all__ = [
    "after_issue",
    "comparison_of",
    "endorsement_by_id",
    "endorsements_below",
    "endorsements_of",
    "find_endorsements",
    "reminders_of",
    "waiting",
]
