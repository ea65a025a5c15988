"""How the lines of each data file become rows: one function for each kind of file, bulk inserts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.db import Base, forget
from registry.kernel.codes import search_key
from registry.kernel.errors import Invalid, Problem
from registry.kernel.mass import parse_scaled
from registry.kernel.text import N_, Message
from registry.substances.domain.naming import NameKind
from registry.substances.domain.salts import PrintedSalt, canonical_names, parts_of
from registry.substances.models import (
    ConversionFactor,
    ExtractEquivalent,
    NationalClass,
    NationalEntry,
    PoppyStrawCode,
    PrecursorDetail,
    Prohibition,
    ScheduleEntry,
    ScheduleThreeLimit,
    Substance,
    SubstanceName,
    WatchSuggestion,
)

Line = dict[str, str]
Row = dict[str, object]
PERCENT_PLACES = 4
"""1 % is 10,000 parts per million."""
KILOGRAM_PLACES = 6
MILLIGRAM_PLACES = 6


@dataclass(frozen=True, slots=True)
class Batch:
    """The lines of one file of one edition."""

    edition_id: int
    treaty: str
    lines: Sequence[Line]


def known_codes(session: Session) -> dict[str, int]:
    """Return the id of every substance by code."""
    return dict(session.execute(select(Substance.code, Substance.id)).all())


def _write(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    if rows:
        session.execute(insert(model), rows)


def _id_of(codes: Mapping[str, int], code: str) -> int:
    if code not in codes:
        message = Message(N_("a list names “%(code)s”, which no list defines"), {"code": code})
        raise Invalid(message, [Problem("code", "unknown-substance", message)])
    return codes[code]


def _ppm(text: str) -> int | None:
    return parse_scaled(text, PERCENT_PLACES) if text else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _substances(session: Session, batches: Sequence[Batch], codes: dict[str, int]) -> None:
    new: dict[str, Row] = {}
    for batch in batches:
        for line in batch.lines:
            if line["code"] not in codes:
                new.setdefault(line["code"], _substance_row(batch.treaty, line))
    _write(session, Substance, list(new.values()))
    codes = known_codes(session)
    entries: list[Row] = []
    names: list[Row] = []
    for batch in batches:
        for line in batch.lines:
            key = _id_of(codes, line["code"])
            names.extend(_names(batch.edition_id, key, line))
            if line["schedule"]:
                entries.append(_entry_row(batch, key, line))
    _write(session, ScheduleEntry, entries)
    _write_names(session, names)


def _substance_row(treaty: str, line: Line) -> Row:
    copied = ("code", "name", "name_as_printed", "cas", "formula", "mol_weight", "inchikey", "unii", "description")
    return {"treaty": treaty, "remarks": line["remarks"], **{name: line[name] for name in copied}}


def _entry_row(batch: Batch, substance_id: int, line: Line) -> Row:
    return {
        "edition_id": batch.edition_id,
        "substance_id": substance_id,
        "treaty": batch.treaty,
        "schedule": line["schedule"],
        "also_schedule_iv": line["also_schedule_iv"] == "yes",
        "controlled_from": _day(line["controlled_from"]),
        "remarks": line["remarks"],
    }


def _names(edition_id: int, substance_id: int, line: Line) -> list[Row]:
    given = [(NameKind.CODE, line["code"]), (NameKind.LISTED, line["name"]), (NameKind.CAS, line["cas"])]
    given += [(NameKind.ALIAS, alias) for alias in line["aliases"].split(";")]
    return [_name_row(edition_id, substance_id, kind, name) for kind, name in given if name.strip()]


def _name_row(edition_id: int, substance_id: int, kind: NameKind, name: str, confidence: str = "") -> Row:
    return {
        "edition_id": edition_id,
        "substance_id": substance_id,
        "kind": kind.value,
        "name": name.strip(),
        "search_key": search_key(name),
        "confidence": confidence,
    }


def _write_names(session: Session, rows: Sequence[Row]) -> None:
    """Write names that are new for their substance; a later edition repeats most of them."""
    name = SubstanceName
    seen = {tuple(row) for row in session.execute(select(name.substance_id, name.kind, name.search_key))}
    fresh: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = (row["substance_id"], row["kind"], row["search_key"])
        if key not in seen:
            fresh.setdefault(key, row)
    _write(session, SubstanceName, list(fresh.values()))


def _trade_names(session: Session, batches: Sequence[Batch], codes: dict[str, int]) -> None:
    _write_names(
        session,
        [
            _name_row(batch.edition_id, _id_of(codes, code), NameKind.TRADE, line["name"], line["confidence"])
            for batch in batches
            for line in batch.lines
            for code in line["codes"].split(";")
        ],
    )


def _factors(session: Session, batches: Sequence[Batch], codes: dict[str, int]) -> None:
    rows: list[Row] = []
    for batch in batches:
        own: dict[str, list[Line]] = defaultdict(list)
        for line in batch.lines:
            own[line["code"]].append(line)
        for code, lines in own.items():
            printed = [PrintedSalt(line["salt_as_printed"], line["hydrate"], line["variant"]) for line in lines]
            for salt, row, line in zip(canonical_names(printed), printed, lines, strict=True):
                rows.append(_factor_row(batch.edition_id, _id_of(codes, code), salt, row, line))
    _write(session, ConversionFactor, rows)


def _factor_row(edition_id: int, substance_id: int, salt: str, printed: PrintedSalt, line: Line) -> Row:
    return {
        "edition_id": edition_id,
        "substance_id": substance_id,
        "salt": salt,
        "variant": printed.variant,
        "salt_as_printed": printed.printed,
        "hydrate": parts_of(printed).hydrate,
        "form_type": line["form_type"],
        "base_ppm": _ppm(line["base_percent"]),
        "computed_percent": line["computed_percent"],
        "check_mark": line["check"],
        "remarks": line["remarks"],
        "salt_cas": line["salt_cas"],
    }


def _schedule_three(session: Session, batches: Sequence[Batch], _codes: dict[str, int]) -> None:
    copied = (
        "rule",
        "drugs",
        "combination",
        "other_ingredient",
        "calculated_as",
        "measured_as",
        "needs",
        "extra_condition",
    )
    rows: list[Row] = []
    for batch in batches:
        for line in batch.lines:
            dose = line["max_mg_per_dosage_unit"]
            rows.append(
                {
                    "edition_id": batch.edition_id,
                    "max_per_dosage_unit_ng": parse_scaled(dose, MILLIGRAM_PLACES) if dose else None,
                    "max_undivided_ppm": _ppm(line["max_percent_undivided"]),
                    **{name: line[name] for name in copied},
                }
            )
    _write(session, ScheduleThreeLimit, rows)


def _extracts(session: Session, batches: Sequence[Batch], _codes: dict[str, int]) -> None:
    rows: list[Row] = []
    for batch in batches:
        for line in batch.lines:
            share = line["equivalent_kg_per_kg"]
            rows.append(
                {
                    "edition_id": batch.edition_id,
                    "material": line["material"],
                    "equivalent": line["equivalent"],
                    "equivalent_ppm": parse_scaled(share, KILOGRAM_PLACES) if share else None,
                    "remarks": line["remarks"],
                }
            )
    _write(session, ExtractEquivalent, rows)


def _copied(model: type[Base], *names: str) -> Callable[[Session, Sequence[Batch], dict[str, int]], None]:
    """Return a handler for files whose columns are copied as they stand."""

    def handle(session: Session, batches: Sequence[Batch], _codes: dict[str, int]) -> None:
        _write(
            session,
            model,
            [
                {"edition_id": batch.edition_id, **{n: line[n] for n in names}}
                for batch in batches
                for line in batch.lines
            ],
        )

    return handle


def _precursors(session: Session, batches: Sequence[Batch], codes: dict[str, int]) -> None:
    rows: list[Row] = []
    for batch in batches:
        for line in batch.lines:
            values: Row = {name: text for name, text in line.items() if name != "code"}
            rows.append({"edition_id": batch.edition_id, "substance_id": _id_of(codes, line["code"]), **values})
    _write(session, PrecursorDetail, rows)


def _prohibitions(session: Session, batches: Sequence[Batch], codes: dict[str, int]) -> None:
    _write(
        session,
        Prohibition,
        [
            {
                "edition_id": batch.edition_id,
                "substance_id": _id_of(codes, line["code"]),
                "country": line["country"],
                "notified_on": _day(line["notified_on"]),
                "remarks": line["remarks"],
            }
            for batch in batches
            for line in batch.lines
        ],
    )


def _classes(session: Session, batches: Sequence[Batch], _codes: dict[str, int]) -> None:
    copied = ("code", "name", "name_ru", "name_ky", "ground")
    rows: list[Row] = []
    for batch in batches:
        for line in batch.lines:
            values: Row = {name: line[name] for name in copied}
            rows.append({"edition_id": batch.edition_id, "blocks": line["blocks"] == "yes", **values})
    _write(session, NationalClass, rows)


def _entries(session: Session, batches: Sequence[Batch], codes: dict[str, int]) -> None:
    """Write dated entries of the national list; one without act or date stops the load (L1)."""
    found = session.execute(select(NationalClass.edition_id, NationalClass.code, NationalClass.id))
    classes = {(edition, code): key for edition, code, key in found}
    rows: list[Row] = []
    for batch in batches:
        for line in batch.lines:
            _require_act(line)
            rows.append(
                {
                    "edition_id": batch.edition_id,
                    "class_id": classes[batch.edition_id, line["class"]],
                    "substance_id": _id_of(codes, line["code"]),
                    "act": line["act"],
                    "act_date": _day(line["act_date"]),
                    "valid_from": _day(line["valid_from"]),
                    "valid_to": _day(line["valid_to"]),
                    "threshold_ppm": _ppm(line["threshold_percent"]),
                }
            )
    _write(session, NationalEntry, rows)
    forget(session)


def _require_act(line: Line) -> None:
    if line["act"] and line["act_date"] and line["valid_from"]:
        return
    message = Message(
        N_("the entry of “%(code)s” in the national list lacks its act, the date of the act or the day it begins"),
        {"code": line["code"]},
    )
    raise Invalid(message, [Problem("act", "no-act", message)])


HANDLERS: dict[str, Callable[[Session, Sequence[Batch], dict[str, int]], None]] = {
    "substances.csv": _substances,
    "factors.csv": _factors,
    "trade_names.csv": _trade_names,
    "schedule_three.csv": _schedule_three,
    "extract_equivalents.csv": _extracts,
    "poppy_straw_codes.csv": _copied(PoppyStrawCode, "code", "variety", "measure", "abbreviation", "sum_of"),
    "precursor_details.csv": _precursors,
    "prohibitions.csv": _prohibitions,
    "suggestions.csv": _copied(WatchSuggestion, "name", "cas", "category", "cn_code", "basis"),
    "classes.csv": _classes,
    "entries.csv": _entries,
}
"""File name -> how it is loaded, in the order of loading."""
