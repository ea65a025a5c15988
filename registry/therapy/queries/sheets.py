"""Reading daily sheets: rows -> sheets, one statement however many are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session, aliased

from registry.db import Moment, as_day, inline_rows
from registry.stock.queries.days import Place
from registry.therapy.domain.sheets import KeptSheet, Sheet
from registry.therapy.models import TherapySheet

_STATED = tuple(field.name for field in fields(Sheet))
_KEPT = ("version", "reason", "recorded_at", "recorded_by")


def versions_of(session: Session, places: Iterable[Place]) -> dict[Place, list[KeptSheet]]:
    """Return every version of the sheets of (site, product, day), the oldest first; unknown ones are missing."""
    source, parameters = inline_rows(
        session, "asked", {"site": "int", "product": "int", "day": "day"}, sorted(set(places))
    )
    wanted = text(
        f"SELECT t.id FROM {source} JOIN therapy_sheet t"
        " ON t.site_id = asked.site AND t.product_id = asked.product AND t.sheet_on = asked.day"
    ).bindparams(**parameters)
    chosen = wanted.columns(TherapySheet.id).subquery()
    found: dict[Place, list[KeptSheet]] = defaultdict(list)
    rows = _sheets().join(chosen, chosen.c.id == TherapySheet.id).order_by(TherapySheet.version)
    for kept in _read(session, rows):
        found[kept.sheet.key].append(kept)
    return dict(found)


def sheets_between(session: Session, first: date, last: date, site_ids: Sequence[int] | None = None) -> list[KeptSheet]:
    """Return the sheets of these days as they stand, the last version of each, by day; of every site unless some are named."""
    later = aliased(TherapySheet)
    rows = _sheets().where(
        TherapySheet.sheet_on.between(first, last),
        ~select(later.id)
        .where(
            later.site_id == TherapySheet.site_id,
            later.product_id == TherapySheet.product_id,
            later.sheet_on == TherapySheet.sheet_on,
            later.version > TherapySheet.version,
        )
        .exists(),
    )
    if site_ids is not None:
        rows = rows.where(TherapySheet.site_id.in_(site_ids))
    return _read(session, rows.order_by(TherapySheet.sheet_on, TherapySheet.site_id, TherapySheet.product_id))


def first_recorded(session: Session, keys: Iterable[tuple[str, str, date]]) -> dict[tuple[str, str, date], datetime]:
    """Return when the first version was recorded of the sheets kept under codes of site and product, on a day."""
    source, parameters = inline_rows(
        session, "asked", {"site": "text", "product": "text", "day": "day"}, sorted(set(keys))
    )
    rows = session.execute(
        text(
            f"SELECT asked.site, asked.product, t.sheet_on, t.recorded_at FROM {source} JOIN site s ON s.code = asked.site"
            " JOIN product p ON p.code = asked.product JOIN therapy_sheet t ON t.site_id = s.id"
            " AND t.product_id = p.id AND t.sheet_on = asked.day AND t.version = 1"
        ).columns(recorded_at=Moment),
        parameters,
    )
    return {(row.site, row.product, as_day(row.sheet_on)): row.recorded_at for row in rows}


def _sheets() -> Select[Any]:
    return select(*(getattr(TherapySheet, name) for name in (*_STATED, *_KEPT)))


def _read(session: Session, rows: Select[Any]) -> list[KeptSheet]:
    stated = len(_STATED)
    return [KeptSheet(Sheet(*row[:stated]), *row[stated:]) for row in session.execute(rows)]
