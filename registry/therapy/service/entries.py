"""Sheets -> the entries of the ledger they stand for, as rows of a file of movements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.intake.check import Checked
from registry.kernel.mass import stated
from registry.stock.domain.kinds import DISPENSE, PROCESS_IN, PROCESS_OUT, REVERSE, SPOIL, MovementKind
from registry.stock.domain.lines import COLUMNS, DAILY_SHEET, SHEET_REFERENCE
from registry.stock.queries.days import DayShelf, Place, StandingEntry
from registry.substances.domain.facts import RevisionFact
from registry.therapy.domain.sheets import Sheet, spread
from registry.therapy.service.reading import Draft


def document_of(sheet: Sheet, version: int) -> str:
    """Return the number by which the entries of one version of a sheet are known; their references begin with it."""
    return f"{SHEET_REFERENCE}{sheet.site_id}:{sheet.product_id}:{sheet.sheet_on:%Y%m%d}:{version}"


@dataclass(slots=True)
class EntryWriter:
    """Writes the entries of sheets, the oldest day first, so that each draws on what those before it have left.

    `products`: a revision of each product by its id. `standing`: by document, what stands of the versions corrected.
    """

    products: Mapping[int, RevisionFact]
    shelves: Mapping[Place, Sequence[DayShelf]]
    standing: Mapping[str, Sequence[StandingEntry]]
    moved: dict[tuple[int, int, str], int] = field(default_factory=lambda: defaultdict(int))
    rows: list[dict[str, Any]] = field(default_factory=list)

    def write(self, drafts: Sequence[Draft]) -> Checked:
        """Return the entries of all sheets as checked columns; the row of each is that of its sheet."""
        for draft in sorted(drafts, key=lambda draft: draft.sheet.sheet_on):
            self._take_back(draft)
            self._dilution(draft)
            self._doses(draft)
        names = [column.name for column in COLUMNS]
        columns: dict[str, list[object]] = {name: [row.get(name) for row in self.rows] for name in names}
        return Checked([row["row"] for row in self.rows], columns)

    def _take_back(self, draft: Draft) -> None:
        if draft.before is None:
            return
        for entry in self.standing.get(document_of(draft.before.sheet, draft.before.version), ()):
            self._entry(draft, REVERSE, entry.product_id, entry.label, entry.units, document=entry.reference)
            self.moved[draft.sheet.site_id, entry.product_id, entry.label] -= entry.delta

    def _dilution(self, draft: Draft) -> None:
        sheet = draft.sheet
        if sheet.concentrate_id is None:
            return
        label = sheet.concentrate_label or ""
        self._entry(draft, PROCESS_OUT, sheet.concentrate_id, label, sheet.concentrate_units)
        ends = sheet.prepared_expires_on
        self._entry(
            draft, PROCESS_IN, sheet.product_id, sheet.prepared_label or label, sheet.obtained_units, expires_on=ends
        )

    def _doses(self, draft: Draft) -> None:
        sheet = draft.sheet
        given, spilt = spread((sheet.given_units, sheet.spill_units), self._batches(draft))
        for label, units in given:
            self._entry(draft, DISPENSE, sheet.product_id, label, units, prescription=DAILY_SHEET)
        for label, units in spilt:
            self._entry(draft, SPOIL, sheet.product_id, label, units)

    def _batches(self, draft: Draft) -> list[tuple[str, int]]:
        """Return what lies of each batch at the close of the day, the first to expire first; or the batch that is named."""
        sheet = draft.sheet
        if sheet.label is not None:
            return [(sheet.label, 0)]
        lying = [
            (shelf.label, shelf.closing)
            for shelf in self.shelves.get(sheet.key, ())
            if shelf.expires_on is None or shelf.expires_on >= sheet.sheet_on
        ]
        known = {label for label, _ in lying}
        new = [
            (label, 0)
            for site, product, label in self.moved
            if (site, product) == (sheet.site_id, sheet.product_id) and label not in known
        ]
        return [(label, units + self.moved[sheet.site_id, sheet.product_id, label]) for label, units in (*lying, *new)]

    def _entry(self, draft: Draft, kind: MovementKind, product_id: int, label: str, units: int, **more: object) -> None:
        document, product = document_of(draft.sheet, draft.version), self.products[product_id]
        if kind is not REVERSE:
            self.moved[draft.sheet.site_id, product_id, label] += kind.shelf * units
        self.rows.append(
            {
                "row": draft.row,
                "reference": f"{document}:{len(self.rows) + 1}",
                "occurred_on": draft.sheet.sheet_on,
                "kind": kind.code,
                "site": draft.site.code,
                "product": product.code,
                "quantity": stated(units, product.unit),
                "batch": label or None,
                "document": document,
            }
            | more
        )
