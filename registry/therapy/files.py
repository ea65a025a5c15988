"""The kind of file this room takes in."""

from registry.intake.kinds import FileKind
from registry.kernel.text import N_
from registry.therapy.domain.sheets import COLUMNS
from registry.therapy.service import FILE_KIND, record_sheets

FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_sheets,
        N_("Daily sheets of substitution therapy"),
        N_("Doses given at a site from one product on one day: counted, never listed. One row a sheet."),
    ),
)
