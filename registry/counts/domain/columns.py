"""The columns of the files of this room."""

from __future__ import annotations

from registry.kernel.fields import Column, as_code, as_day, as_name, quantity, scaled_quantity
from registry.kernel.persons import as_document, as_note, plain_documents
from registry.kernel.text import N_

MOST_PLACES = 9
PERCENT_PLACES = 4
MOST_PERCENT = 100 * 10**PERCENT_PLACES


def as_counted(cell: str) -> str:
    """Read a quantity that was found: nothing is a figure too. The unit of the product decides on its decimals."""
    scaled_quantity(cell, MOST_PLACES, positive=False)
    return cell.strip()


def as_staff(cell: str) -> str:
    """Read the name of a member of staff; a personal number is refused."""
    return as_name(as_note(cell))


COUNT_COLUMNS = (
    Column(
        "reference",
        as_document,
        note=N_("your own number of the line; unique, so that nothing is taken in twice"),
        plain=plain_documents,
    ),
    Column("site", as_code, note=N_("code of the site or organisation that was counted")),
    Column("counted_on", as_day, note=N_("the freeze line: the book stands as at the close of this day")),
    Column("product", as_code, note=N_("code of the product")),
    Column(
        "batch", as_code, required=False, note=N_("batch number as printed on the pack; empty where none is stated")
    ),
    Column(
        "quantity", as_counted, note=N_("what both people found, in the unit of the product; 0 where nothing lay there")
    ),
    Column("counted_by", as_staff, note=N_("who counted: a member of staff")),
    Column("witness", as_staff, note=N_("who counted for themselves beside them: another member of staff")),
)

NORM_COLUMNS = (
    Column("product", as_code, note=N_("code of the product")),
    Column(
        "percent",
        quantity(PERCENT_PLACES, positive=False),
        note=N_("natural loss allowed, in percent of what was issued since the last count; 0 ends a norm"),
    ),
    Column("effective_on", as_day, note=N_("the day the norm counts from")),
    Column("act", as_name, note=N_("act that sets it")),
)
