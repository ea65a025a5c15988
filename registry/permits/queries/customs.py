"""What customs wrote off, set-based, and the permit a person at the border asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.permits.domain.after import WriteOff
from registry.permits.domain.facts import PermitFact
from registry.permits.models import CustomsWriteOff, CustomsWriteOffLine
from registry.permits.queries.permits import permit_by_eaeu_number, permits_by_numbers
from registry.permits.queries.tokens import permit_by_token
from registry.substances.queries.base import wanted_codes, wanted_ids

_HEAD: tuple[InstrumentedAttribute[Any], ...] = tuple(
    getattr(CustomsWriteOff, name) for name in WriteOff.__dataclass_fields__ if name != "units"
)


def write_offs_of(session: Session, permit_ids: Collection[int]) -> dict[int, list[WriteOff]]:
    """Return permit id -> its entries, the oldest first; two statements."""
    keys = wanted_ids(session, "wanted_permit", permit_ids)
    found: dict[int, list[WriteOff]] = defaultdict(list)
    for entry in _write_offs(session, CustomsWriteOff.permit_id.in_(select(keys.c.id))):
        found[entry.permit_id].append(entry)
    return found


def write_offs_by_messages(session: Session, message_ids: Iterable[str]) -> dict[str, WriteOff]:
    """Return message id -> the entry it made; unknown ones are missing. Two statements."""
    keys = wanted_codes(session, "wanted_message", message_ids)
    found = _write_offs(session, CustomsWriteOff.message_id.in_(select(keys.c.code)))
    return {entry.message_id: entry for entry in found}


def permit_asked_for(session: Session, words: str) -> PermitFact | None:
    """Return the permit somebody at the border typed or scanned: a number of it, the code on its paper, or the code's address."""
    found = permits_by_numbers(session, [words]).get(words) or permit_by_eaeu_number(session, words)
    return found or permit_by_token(session, words.partition("#")[0].rstrip("/").rpartition("/")[2])


def _write_offs(session: Session, chosen: ColumnElement[bool]) -> list[WriteOff]:
    heads = session.execute(select(*_HEAD).where(chosen).order_by(CustomsWriteOff.id)).all()
    keys = wanted_ids(session, "wanted_write_off", [head.id for head in heads])
    units: dict[int, dict[int, int]] = defaultdict(dict)
    for entry, line, passed in session.execute(
        select(CustomsWriteOffLine.write_off_id, CustomsWriteOffLine.line_id, CustomsWriteOffLine.units)
        .where(CustomsWriteOffLine.write_off_id.in_(select(keys.c.id)))
        .order_by(CustomsWriteOffLine.line_id)
    ):
        units[entry][line] = passed
    return [replace(WriteOff(*head), units=MappingProxyType(units[head.id])) for head in heads]
