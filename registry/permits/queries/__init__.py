"""Rows of permits and cases -> facts, set-based."""

from registry.permits.queries.cases import (
    ApplicationRow,
    CaseEventFact,
    application_by_id,
    application_by_reference,
    applications_by_references,
    applications_of,
    case_events,
    pending_counts,
    work_queue,
)
from registry.permits.queries.permits import (
    open_lines,
    permits_by_ids,
    permits_by_numbers,
    permits_of,
    positions,
    reserved,
)

__all__ = [
    "ApplicationRow",
    "CaseEventFact",
    "application_by_id",
    "application_by_reference",
    "applications_by_references",
    "applications_of",
    "case_events",
    "open_lines",
    "pending_counts",
    "permits_by_ids",
    "permits_by_numbers",
    "permits_of",
    "positions",
    "reserved",
    "work_queue",
]
