"""One daily sheet: what a site states of one product and day, and what follows from it.

No patient is in it: doses are counted, never listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from registry.kernel.fields import BadCell, Column, as_code, as_day, as_quantity, as_text, scaled_quantity
from registry.kernel.persons import as_document, as_note
from registry.kernel.text import N_, Message

MOST_DOSES = 100_000
FINEST = 9
"""Decimals a quantity may have at most, whatever its unit."""


def as_number(cell: str) -> int:
    """Read how many there were: a whole number from 0 on."""
    value = as_text(cell)
    if not (value.isascii() and value.isdecimal() and int(value) <= MOST_DOSES):
        raise BadCell(
            "not-a-number",
            Message(
                N_("“%(text)s” is not a whole number from 0 to %(most)s"), {"text": value[:40], "most": MOST_DOSES}
            ),
        )
    return int(value)


def as_amount(cell: str) -> str:
    """Read a quantity that may be zero; its decimals are checked once the product is known."""
    scaled_quantity(cell, FINEST, positive=False)
    return cell.strip()


COLUMNS = (
    Column("site", as_code, note=N_("code of the site")),
    Column("product", as_code, note=N_("code of the product the doses are given from")),
    Column("sheet_on", as_day, note=N_("the day of the sheet, 2025-03-31 or 31.03.2025")),
    Column("observed_doses", as_number, note=N_("doses taken at the site under observation: how many")),
    Column("observed_quantity", as_amount, note=N_("doses taken at the site: how much, in the unit of the product")),
    Column("home_handouts", as_number, required=False, note=N_("how many times doses were given to take home")),
    Column("home_doses", as_number, required=False, note=N_("doses given to take home: days in all")),
    Column("home_quantity", as_amount, required=False, note=N_("doses given to take home: how much")),
    Column("home_longest", as_number, required=False, note=N_("the most days given to take home at once")),
    Column("largest_dose", as_quantity, required=False, note=N_("the largest single dose of the day")),
    Column("spill", as_amount, required=False, note=N_("spilt or broken: how much")),
    Column("residue", as_amount, required=False, note=N_("of what is left, in the pump or in an opened bottle")),
    Column("closing", as_amount, note=N_("what is left at the close of the day, in all")),
    Column(
        "batch", as_document, required=False, note=N_("batch the doses were given from; empty: the first to expire")
    ),
    Column("concentrate", as_code, required=False, note=N_("code of the product that was diluted")),
    Column("concentrate_batch", as_document, required=False, note=N_("batch that was diluted")),
    Column("concentrate_quantity", as_quantity, required=False, note=N_("how much of it was taken")),
    Column(
        "obtained",
        as_quantity,
        required=False,
        note=N_("how much was obtained; empty: what holds exactly the same base"),
    ),
    Column(
        "prepared_batch", as_document, required=False, note=N_("batch of what was obtained; empty: the one diluted")
    ),
    Column("prepared_expires_on", as_day, required=False, note=N_("last day of what was obtained")),
    Column("note", as_note, required=False, note=N_("free note; never a name or personal number")),
    Column("corrects", as_number, required=False, note=N_("version of the sheet that this row corrects; else empty")),
    Column("reason", as_note, required=False, note=N_("why it is corrected; never a name or personal number")),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was stated of one product at one site on one day; quantities in units of account of their product.

    `home_doses` are days, `home_handouts` how many times; `concentrate_units` of the product `concentrate_id` became
    `obtained_units`. `label` None: the batch first to expire. Two sheets are the same when everything is.
    """

    site_id: int
    product_id: int
    sheet_on: date
    observed_doses: int
    observed_units: int
    home_handouts: int
    home_doses: int
    home_units: int
    home_longest: int
    largest_units: int | None
    spill_units: int
    residue_units: int | None
    closing_units: int
    label: str | None
    concentrate_id: int | None
    concentrate_label: str | None
    concentrate_units: int
    obtained_units: int
    prepared_label: str | None
    prepared_expires_on: date | None
    note: str | None

    @property
    def key(self) -> tuple[int, int, date]:
        """Return what one sheet there is of: site, product, day."""
        return self.site_id, self.product_id, self.sheet_on

    @property
    def doses(self) -> int:
        """Return the doses given, those to take home by their days."""
        return self.observed_doses + self.home_doses

    @property
    def given_units(self) -> int:
        """Return how much was given in all."""
        return self.observed_units + self.home_units

    @property
    def change(self) -> int:
        """Return by how much the sheet changes what lies of its product."""
        return self.obtained_units - self.given_units - self.spill_units


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """One version of a sheet as recorded; a later version takes the earlier one back. `reason`: why it was corrected."""

    sheet: Sheet
    version: int
    reason: str | None
    recorded_at: datetime
    recorded_by: str


def disagreements(sheet: Sheet) -> list[tuple[str, str, Message]]:
    """Return (column, code, what is wrong) where the numbers of a sheet contradict one another."""
    wrong = []
    if bool(sheet.observed_doses) != bool(sheet.observed_units):
        wrong.append(("observed_quantity", "doses-without-quantity", _PAIR))
    if bool(sheet.home_doses) != bool(sheet.home_units):
        wrong.append(("home_quantity", "doses-without-quantity", _PAIR))
    least, most = sheet.home_handouts, sheet.home_handouts * sheet.home_longest
    if not least <= sheet.home_doses <= most:
        said = {"doses": sheet.home_doses, "handouts": sheet.home_handouts, "longest": sheet.home_longest}
        text = N_("%(doses)s days in all cannot have been given in %(handouts)s times of at most %(longest)s days")
        wrong.append(("home_doses", "not-so-many-days", Message(text, said)))
    return wrong


_PAIR = Message(N_("the number of doses and their quantity are both zero, or neither is"))


def spread(amounts: Sequence[int], shelves: Sequence[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Take each of `amounts` in turn from batches (label, units) in their order; return the parts of each.

    What no batch holds is asked of the last one, where the ledger refuses it and says what is missing.
    """
    labels = [label for label, _ in shelves] or [""]
    left = {label: max(0, units) for label, units in shelves}
    parts: list[list[tuple[str, int]]] = []
    for wanted in amounts:
        taken: dict[str, int] = {}
        for label in labels:
            taken[label] = min(wanted - sum(taken.values()), left.get(label, 0))
        missing = wanted - sum(taken.values())
        for label, units in taken.items():
            left[label] = left.get(label, 0) - units
        taken[labels[-1]] += missing
        parts.append([(label, units) for label, units in taken.items() if units])
    return parts


def same_base(taken: dict[int, Fraction], per_unit: dict[int, Fraction]) -> Fraction | None:
    """Return how many units hold exactly the base `taken`, by substance; None where no quantity of them does."""
    if not taken or taken.keys() != per_unit.keys():
        return None
    ratios = {taken[number] / per_unit[number] for number in taken}
    return ratios.pop() if len(ratios) == 1 else None
