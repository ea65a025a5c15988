"""Products as people write them on a page of the journal: a code, a part of a name, a scanned pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message
from registry.stock.domain.gs1 import looks_scanned, read_scan
from registry.stock.domain.kinds import ENTERED_KINDS
from registry.stock.domain.paper import REPEATED, fitting, plain
from registry.substances.domain.facts import RevisionFact

NAMED = 5
UNKNOWN_GTIN = N_(
    "no product has the trade item number %(gtin)s: type the code of the product, and ask the authority to record the number"
)
SEVERAL = N_("“%(text)s” fits several products: %(codes)s. Write one of these codes")
TAKEN_AS = N_("“%(text)s” is taken as %(code)s: look whether that is meant, then record the page again")
OTHER_BATCH = N_("the pack says batch %(batch)s")


@dataclass(slots=True)
class Reading:
    """One row with its product as a code where it could be told; `problems` say what could not, or must be looked at."""

    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)


class Reader:
    """Reads rows by the products of a day; asks nothing of anybody, so that rows cost no statement."""

    def __init__(self, products: Sequence[RevisionFact], kinds: Mapping[str, str], day: date) -> None:
        """`kinds`: what people call a kind of movement, as compared -> its code."""
        self.day = day
        self.kinds = kinds
        self.names = {one.code: (one.name, one.name_ru, one.name_ky) for one in products}
        self.of_gtin: dict[str, list[str]] = {}
        for one in products:
            if one.gtin:
                self.of_gtin.setdefault(one.gtin.zfill(14), []).append(one.code)

    def read(self, rows: Mapping[int, Mapping[str, str]]) -> dict[int, Reading]:
        """Read rows by their numbers; what a row leaves out is that of the row above."""
        above: Mapping[str, str] = {}
        found: dict[int, Reading] = {}
        for number, row in rows.items():
            cells = dict(row) | {name: row.get(name) or above.get(name, "") for name in REPEATED}
            kind = cells["kind"]
            cells["kind"] = kind if kind in ENTERED_KINDS else self.kinds.get(plain(kind), kind)
            found[number] = Reading(cells)
            self.product(found[number], number)
            above = cells
        return found

    def product(self, reading: Reading, number: int | None = None) -> None:
        """Put the code of the product in its cell, and what a scanned pack says beside it."""
        text = reading.cells.get("product", "").strip()
        if not text:
            return
        codes = fitting(text, self.names)
        exact = [code for code in codes if plain(code) == plain(text)]
        if not exact and looks_scanned(text):
            self._scanned(reading, text, number)
        elif len(codes) == 1:
            reading.cells["product"] = codes[0]
            if not exact:
                taken = Message(TAKEN_AS, {"text": text[:40], "code": f"{codes[0]} {self.names[codes[0]][0]}"})
                reading.problems.append(Problem("product", "taken-as", taken, number))
        elif codes:
            told = Message(SEVERAL, {"text": text[:40], "codes": ", ".join(codes[:NAMED])})
            reading.problems.append(Problem("product", "several-products", told, number))

    def _scanned(self, reading: Reading, text: str, number: int | None) -> None:
        scan, cells = read_scan(text, self.day.year), reading.cells
        codes = self.of_gtin.get(scan.gtin, [])
        if len(codes) == 1:
            cells["product"] = codes[0]
        elif codes:
            told = Message(SEVERAL, {"text": scan.gtin, "codes": ", ".join(codes[:NAMED])})
            reading.problems.append(Problem("product", "several-products", told, number))
        elif scan.gtin:
            told = Message(UNKNOWN_GTIN, {"gtin": scan.gtin})
            reading.problems.append(Problem("product", "unknown-gtin", told, number))
        if scan.fault is not None:
            column = "batch" if len(codes) == 1 else "product"
            reading.problems.append(Problem(column, "not-scanned", scan.fault, number))
        if scan.batch and cells.get("batch", "").strip() not in {"", scan.batch}:
            told = Message(OTHER_BATCH, {"batch": scan.batch})
            reading.problems.append(Problem("batch", "another-batch", told, number))
        cells["batch"] = cells.get("batch", "").strip() or scan.batch
        if scan.expires_on is not None and not cells.get("expires_on", "").strip():
            cells["expires_on"] = f"{scan.expires_on:%d.%m.%Y}"
