"""The kind of file this room takes in."""

from __future__ import annotations

from registry.intake.kinds import FileKind
from registry.kernel.fields import Column, as_country, as_day, as_grams, as_substance, as_text, choice, named
from registry.kernel.persons import as_document, as_note
from registry.kernel.text import N_
from registry.seizures.domain import DISPOSALS
from registry.seizures.service import FILE_KIND, record_seizures

MEANT = {
    "destruction": "destroyed",
    "release": "released",
    "licit_use": "released",
    "used_licitly": "released",
    "released_for_licit_use": "released",
    "special_purposes": "special",
    "special_stocks": "special",
}
"""Other words people use for a disposal."""

_ONE = choice(DISPOSALS)


def as_disposal(cell: str) -> str:
    """Read what became of the goods, by its word or another in use for it; blanks and hyphens read as ``_``."""
    word = as_text(cell).lower().replace(" ", "_").replace("-", "_")
    return MEANT[word] if word in MEANT else _ONE(cell)


COLUMNS = (
    Column("reference", as_document, note=N_("your own number of the seizure; unique, one substance each")),
    Column("seized_on", as_day, note=N_("the day of the seizure, 2025-03-31 or 31.03.2025")),
    Column("substance", as_substance, note=N_("code of the substance")),
    Column("quantity_g", as_grams, note=N_("grams of the substance as they are to be reported: nothing is converted")),
    Column("origin_country", as_country, required=False, note=N_("country the goods came from, two letters")),
    Column("place", as_note, required=False, note=N_("where it was seized; never a name or personal number")),
    Column(
        "disposal",
        as_disposal,
        required=False,
        note=N_("what became of the whole quantity; empty as long as it is held"),
        choices=tuple(DISPOSALS),
        meanings=named(DISPOSALS),
    ),
    Column("disposed_on", as_day, required=False, note=N_("the day of the disposal")),
    Column("document", as_document, required=False, note=N_("number of the act or case of the seizure")),
    Column(
        "disposal_document",
        as_document,
        required=False,
        note=N_("number of the court or procedural act the disposal rests on"),
    ),
)

FILE_KINDS = (
    FileKind(
        FILE_KIND,
        COLUMNS,
        record_seizures,
        N_("Seizures"),
        N_("What was taken from illicit traffic and what became of it; never part of licit stock."),
    ),
)
