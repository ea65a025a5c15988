"""The kind of file this room takes in."""

from registry.intake.kinds import FileKind
from registry.kernel.text import N_
from registry.stock.domain.lines import COLUMNS
from registry.stock.service import post

FILE_KINDS = (
    FileKind(
        "movements",
        COLUMNS,
        post,
        N_("Movements of stock"),
        N_("What came in, went out or was found: one row an entry. Nothing is written while a row has an error."),
    ),
)
