"""The kinds of file this room takes in."""

from registry.counts.domain.columns import COUNT_COLUMNS, NORM_COLUMNS
from registry.counts.service.recording import KIND, NORM_KIND, record_counts, record_norms
from registry.intake.kinds import FileKind
from registry.kernel.text import N_

FILE_KINDS = (
    FileKind(
        KIND,
        COUNT_COLUMNS,
        record_counts,
        N_("Counts of stock"),
        N_(
            "What two people found on the shelves: one row for each batch. It is compared with the book; what differs becomes a case."
        ),
    ),
    FileKind(
        NORM_KIND,
        NORM_COLUMNS,
        record_norms,
        N_("Norms of natural loss"),
        N_("The natural loss of a product that the country allows; without a norm none is."),
    ),
)
