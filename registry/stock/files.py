"""The kind of file this room takes in."""

from registry.intake.kinds import FileKind
from registry.kernel.text import N_
from registry.stock.domain.limits import LIMIT_COLUMNS
from registry.stock.domain.lines import COLUMNS
from registry.stock.service import post
from registry.stock.service.prescriptions import FILE_KIND, record_limits

FILE_KINDS = (
    FileKind(
        "movements",
        COLUMNS,
        post,
        N_("Movements of stock"),
        N_("What came in, went out or was found: one row an entry. Nothing is written while a row has an error."),
    ),
    FileKind(
        FILE_KIND,
        LIMIT_COLUMNS,
        record_limits,
        N_("The most on one prescription"),
        N_(
            "What acts allow on one prescription, by substance or by product, from a day on. Nothing is limited before."
        ),
    ),
)
