"""The columns of a file of movements, and one line once everything it names is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.kernel.fields import BadCell, Column, as_code, as_country, as_day, as_quantity, choice, named
from registry.kernel.persons import as_document, as_note, plain_documents
from registry.kernel.text import N_, Message
from registry.stock.domain.kinds import ENTERED_KINDS

DAILY_SHEET = "daily-sheet"
OWN_REFERENCE = "LEVEL:"
"""How the references of entries begin that the registry writes itself."""
SHEET_REFERENCE = "SHEET:"
"""How the references of entries begin that a daily sheet of therapy writes: the sheet is corrected, never they."""


def as_reference(cell: str) -> str:
    """Read the reference of an entry; those of the registry's own entries are refused, so that none is ever taken."""
    reference = as_document(cell)
    for begin in (OWN_REFERENCE, SHEET_REFERENCE):
        if reference.startswith(begin):
            raise BadCell(
                "reserved-reference",
                Message(
                    N_("references that begin with “%(begin)s” are the registry's own: choose another"),
                    {"begin": begin},
                ),
            )
    return reference


def as_prescription(cell: str) -> str:
    """Read the number of a prescription; words without a digit are refused, since they would be a patient's name.

    One word is no name: `DAILY_SHEET`, for what was given from a daily sheet without a number (the contract's example).
    """
    number = as_document(cell)
    if number != DAILY_SHEET and not any(sign.isdecimal() for sign in number):
        raise BadCell(
            "not-a-number",
            Message(N_("the number of a prescription has a digit in it: write the number, never a name")),
        )
    return number


COLUMNS = (
    Column(
        "reference",
        as_reference,
        note=N_("your own number of the entry; unique, so that nothing is posted twice"),
        plain=plain_documents,
    ),
    Column("occurred_on", as_day, note=N_("the day it happened, 2025-03-31 or 31.03.2025")),
    Column(
        "kind",
        choice(ENTERED_KINDS),
        note=N_("kind of movement"),
        choices=tuple(ENTERED_KINDS),
        meanings=named(ENTERED_KINDS),
    ),
    Column("site", as_code, note=N_("code of the site or organisation whose stock changes")),
    Column("product", as_code, note=N_("code of the product")),
    Column("quantity", as_quantity, note=N_("in the unit of the product; a dot or a comma, no sign")),
    Column("counterparty", as_code, required=False, note=N_("code of the other site, where there is one")),
    Column("batch", as_code, required=False, note=N_("batch number as printed on the pack")),
    Column("expires_on", as_day, required=False, note=N_("expiry date of the batch")),
    Column("permit", as_code, required=False, note=N_("number of the import or export permit")),
    Column("country", as_country, required=False, note=N_("country of origin or destination, two letters")),
    Column(
        "document",
        as_document,
        required=False,
        note=N_("number of the document it rests on; for a reversal, the reference reversed"),
        plain=plain_documents,
    ),
    Column(
        "prescription",
        as_prescription,
        required=False,
        note=N_("number of the prescription or daily sheet; never a name"),
    ),
    Column("note", as_note, required=False, note=N_("free note; never a name or personal number")),
)


@dataclass(slots=True)
class Line:
    """One entry ready to be judged and written. `row` is the row people see.

    `label` is the batch as stated, ``""`` where none is; `quantity` the text as stated.
    `effect` is spelled as `national.write_effect` does.
    """

    row: int
    reference: str
    occurred_on: date
    kind: str
    site_id: int
    product_id: int
    label: str
    quantity: str
    units: int
    site_delta: int
    counter_id: int | None
    counter_delta: int
    effect: str
    permit_id: int | None
    country: str | None
    document: str | None
    prescription: str | None
    note: str | None
    expires_on: date | None

    def content(self) -> tuple[object, ...]:
        """Return what makes two entries under one reference the same."""
        return (
            self.occurred_on, self.kind, self.site_id, self.product_id, self.label, self.units, self.counter_id,
            self.permit_id, self.country, self.document, self.prescription, self.note,
        )  # fmt: skip
