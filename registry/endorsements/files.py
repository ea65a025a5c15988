"""The kind of file this room takes in."""

from __future__ import annotations

from registry.endorsements.domain.facts import REASONS
from registry.endorsements.service.files import FILE_KIND, record_endorsements
from registry.intake.kinds import FileKind
from registry.kernel.fields import Column, as_code, as_day, as_name, as_text, choice, named
from registry.kernel.persons import as_note
from registry.kernel.text import N_

COLUMNS = (
    Column("number", as_code, note=N_("number of the endorsement; rows of one number and permit are its lines")),
    Column("permit", as_code, note=N_("number of our permit")),
    Column("product", as_code, note=N_("code of the product")),
    Column("quantity", as_text, note=N_("what was received, in the unit of the product; 0 for nothing")),
    Column("arrived_on", as_day, note=N_("day the goods arrived")),
    Column("endorsed_on", as_day, note=N_("day of the endorsement")),
    Column("foreign_number", as_code, required=False, note=N_("number of the other country's permit")),
    Column("customs_office", as_name, required=False, note=N_("customs office")),
    Column(
        "reason",
        choice(REASONS),
        required=False,
        note=N_("why it differs from what was expected"),
        choices=tuple(REASONS),
        meanings=named(REASONS),
    ),
    Column("text", as_note, required=False, note=N_("the reason in words")),
)

FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_endorsements,
        N_("Endorsements"),
        N_("What arrived on permits, as certified on paper: by us of imports, by the importing country of exports."),
    ),
)
