"""A year of the ledger written as files that need nothing of ours to be read: for auditors, and for whoever recomputes it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Result
from sqlalchemy.orm import Session

from exports.formats.csv import BYTE_ORDER_MARK, harmless
from registry.kernel.clock import Clock
from registry.kernel.mass import stated
from registry.permits.domain.facts import bound_base_ng
from registry.stock.queries.year import entries_of, shelves_of, totals_of
from registry.substances.queries.products import every_revision

COMPOSITION = (
    "product", "revision", "valid_from", "unit", "substance", "substance_name", "base_numerator", "base_denominator",
    "counted",
)  # fmt: skip
_STATED = {
    "units": "quantity",
    "site_delta": "site_change",
    "counter_delta": "counterparty_change",
    "opening_units": "opening",
    "closing_units": "closing",
}
"""Columns in units of account -> the column in the product's own unit that stands beside them."""


@dataclass(frozen=True, slots=True)
class Written:
    """One file of an export: its name, its rows without the head, and its SHA-256."""

    name: str
    rows: int
    sha256: str


def export_year(session: Session, clock: Clock, year: int, folder: Path) -> list[Written]:
    """Write entries, shelves, national totals and compositions of `year` into `folder`.

    Whoever writes while it reads spoils it: call `db.read_one_moment` before.

    CSV in UTF-8 with a byte order mark, a head row of stable names. Quantities stand twice: whole units of account
    (`units`, with which everything is exact) and the product's own unit. Base: nanograms of anhydrous base per unit of
    account as ``base_numerator / base_denominator``, with `counted` 1 where the estimates bind it and 0 where the product
    is exempt (Schedule III of 1961, 1971 art. 3, not controlled). `effect` names the national columns an entry adds to or takes from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write(folder / "entries.csv", *_both_units(entries_of(session, year))),
        _write(folder / "shelves.csv", *_both_units(shelves_of(session, year))),
        _write(folder / "totals.csv", *_both_units(totals_of(session, year))),
        _write(folder / "compositions.csv", COMPOSITION, _compositions(session, clock)),
    ]


def _both_units(found: Result[tuple[object, ...]]) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """Return names and rows of what was found, with the product's own unit beside every column in units of account."""
    names = list(found.keys())
    unit = names.index("unit")
    places = [place for place, name in enumerate(names) if name in _STATED]
    rows = ((*row, *(stated(int(str(row[place])), str(row[unit])) for place in places)) for row in found)
    return [*names, *(_STATED[names[place]] for place in places)], rows


def _compositions(session: Session, clock: Clock) -> Iterator[Sequence[object]]:
    for revision in every_revision(session, clock.today()):
        counted = bound_base_ng(revision)
        for part in revision.components:
            base = part.base_ng_per_unit
            yield (
                revision.code, revision.number, revision.valid_from, revision.unit, part.substance_code,
                part.substance_name, base.numerator, base.denominator, int(part.substance_id in counted),
            )  # fmt: skip


def _write(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> Written:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as target:
        target.write(BYTE_ORDER_MARK)
        writer = csv.writer(target, lineterminator="\r\n")
        writer.writerow(names)
        for count, row in enumerate(rows, start=1):  # noqa: B007 - how many there were is what is kept
            writer.writerow(map(_cell, row))
    with path.open("rb") as kept:
        return Written(path.name, count, hashlib.file_digest(kept, "sha256").hexdigest())


def _cell(value: object) -> object:
    if value is None or isinstance(value, int):
        return value
    return harmless(str(value))
