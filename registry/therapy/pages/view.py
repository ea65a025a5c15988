"""How sheets are written for people: the rows of lists, the arithmetic of a day, what stands in the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import url_for

from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_
from registry.parties.domain import SiteFact
from registry.stock.domain.kinds import DISPENSE, PROCESS_IN, PROCESS_OUT, SPOIL
from registry.stock.queries.days import DayShelf
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.therapy.domain.sheets import KeptSheet, Sheet
from registry.web.locale import format_day, format_number, format_quantity, say

Line = tuple[str, object]

AS_WRITTEN = N_("Left, as written")
COLUMNS_OF_LIST = (
    {"label": N_("Day"), "kind": "link"},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("Product"), "kind": "code"},
    {"label": N_("Doses"), "kind": "number"},
    {"label": N_("Days to take home"), "kind": "number"},
    {"label": N_("Given"), "kind": "number"},
    {"label": N_("Spilt"), "kind": "number"},
    {"label": AS_WRITTEN, "kind": "number"},
    {"label": N_("Left, by the ledger"), "kind": "number"},
    {"label": N_("State")},
)
AGREES, DIFFERS = N_("agrees"), N_("differs from the ledger")
CORRECTED = N_("corrected")


def in_unit(units: int, product: RevisionFact) -> str:
    """Write units of account in the unit of the product; a ledger that falls short shows as a negative quantity."""
    text = stated(abs(units), product.unit)
    return format_quantity(f"-{text}" if units < 0 else text, UNIT_NAMES[Unit(product.unit)])


def day_row(
    kept: KeptSheet, site: SiteFact, revisions: Sequence[RevisionFact], shelves: Sequence[DayShelf]
) -> list[object]:
    """Return one sheet as a row of the list of a month."""
    sheet, product = kept.sheet, revision_on(revisions, kept.sheet.sheet_on)
    ledger = sum(shelf.closing for shelf in shelves)
    state = say(AGREES if ledger == sheet.closing_units else DIFFERS)
    address = url_for("therapy.sheet", site=site.code, product=product.code, sheet_on=sheet.sheet_on.isoformat())
    return [
        {"text": format_day(sheet.sheet_on), "href": address},
        site.code,
        product.code,
        format_number(sheet.doses),
        format_number(sheet.home_doses),
        in_unit(sheet.given_units, product),
        in_unit(sheet.spill_units, product),
        in_unit(sheet.closing_units, product),
        in_unit(ledger, product),
        f"{state}, {say(CORRECTED)}" if kept.version > 1 else state,
    ]


def arithmetic(product: RevisionFact, shelves: Sequence[DayShelf]) -> list[Line]:
    """Return the day line by line, from opening to closing, as the ledger has it."""
    made: dict[str, int] = {}
    for shelf in shelves:
        for kind, units in shelf.sheets.items():
            made[kind] = made.get(kind, 0) + units
    lines = [
        (N_("Opening"), sum(shelf.opening for shelf in shelves)),
        (N_("Received"), sum(shelf.received for shelf in shelves)),
        (N_("Obtained by dilution"), made.get(PROCESS_IN.code, 0)),
        (N_("Taken to be diluted"), made.get(PROCESS_OUT.code, 0)),
        (N_("Given"), made.get(DISPENSE.code, 0)),
        (N_("Spilt or broken"), made.get(SPOIL.code, 0)),
        (N_("Other entries of the day"), sum(shelf.corrected - shelf.issued for shelf in shelves)),
        (N_("Left, by the ledger"), sum(shelf.closing for shelf in shelves)),
    ]
    return [(name, in_unit(units, product)) for name, units in lines]


def sheet_rows(
    kept: KeptSheet, product: RevisionFact, concentrates: Mapping[int, Sequence[RevisionFact]]
) -> list[Line]:
    """Return what one version states, for a summary."""
    sheet = kept.sheet
    rows: list[Line] = [
        (N_("Doses taken at the site"), f"{format_number(sheet.observed_doses)}: {in_unit(sheet.observed_units, product)}"),
        (N_("Doses given to take home"), f"{format_number(sheet.home_doses)}: {in_unit(sheet.home_units, product)}"),
        (N_("Spilt or broken"), in_unit(sheet.spill_units, product)),
        (N_("Left at the close of the day, in all"), in_unit(sheet.closing_units, product)),
    ]  # fmt: skip
    if sheet.home_doses:
        rows.insert(2, (N_("Given to take home: how many times"), format_number(sheet.home_handouts)))
        rows.insert(3, (N_("Given to take home: most days at once"), format_number(sheet.home_longest)))
    if sheet.largest_units is not None:
        rows.append((N_("Largest single dose"), in_unit(sheet.largest_units, product)))
    if sheet.residue_units is not None:
        rows.append((N_("Of this in the pump or in an opened bottle"), in_unit(sheet.residue_units, product)))
    if sheet.concentrate_id is not None:
        source = revision_on(concentrates[sheet.concentrate_id], sheet.sheet_on)
        taken = f"{source.code} {sheet.concentrate_label or ''}".strip()
        rows.append((N_("Diluted"), f"{taken}: {in_unit(sheet.concentrate_units, source)}"))
        rows.append((N_("How much was obtained"), in_unit(sheet.obtained_units, product)))
    rows.append((N_("Note"), sheet.note))
    if kept.reason:
        rows.append((N_("Why the sheet is corrected"), kept.reason))
    return rows


def typed(sheet: Sheet, product: RevisionFact, concentrates: Mapping[int, Sequence[RevisionFact]]) -> dict[str, str]:
    """Return the fields of the form as they would be typed for `sheet`."""

    def quantity(units: int | None, of: RevisionFact = product) -> str:
        return "" if units is None else stated(units, of.unit)

    fields = {
        "observed_doses": str(sheet.observed_doses),
        "observed_quantity": quantity(sheet.observed_units),
        "home_handouts": str(sheet.home_handouts or ""),
        "home_doses": str(sheet.home_doses or ""),
        "home_longest": str(sheet.home_longest or ""),
        "home_quantity": quantity(sheet.home_units or None),
        "largest_dose": quantity(sheet.largest_units),
        "spill": quantity(sheet.spill_units or None),
        "residue": quantity(sheet.residue_units),
        "closing": quantity(sheet.closing_units),
        "batch": sheet.label or "",
        "prepared_batch": sheet.prepared_label or "",
        "prepared_expires_on": _day(sheet.prepared_expires_on),
        "note": sheet.note or "",
    }
    if sheet.concentrate_id is not None:
        source = revision_on(concentrates[sheet.concentrate_id], sheet.sheet_on)
        fields |= {
            "concentrate": source.code,
            "concentrate_batch": sheet.concentrate_label or "",
            "concentrate_quantity": quantity(sheet.concentrate_units, source),
            "obtained": quantity(sheet.obtained_units),
        }
    return fields


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d.%m.%Y}"
