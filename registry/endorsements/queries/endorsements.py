"""Rows of endorsements -> facts; two statements however many are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.db import Base, folded
from registry.endorsements.domain.facts import Direction, EndorsedLine, EndorsementFact
from registry.endorsements.models import Endorsement, EndorsementLine
from registry.substances.queries.base import LIKE_ESCAPE, containing, wanted_codes, wanted_ids

_HEAD: tuple[InstrumentedAttribute[Any], ...] = tuple(
    getattr(Endorsement, name) for name in EndorsementFact.__dataclass_fields__ if name != "lines"
)


def endorsements_of(session: Session, permit_ids: Collection[int]) -> dict[int, list[EndorsementFact]]:
    """Return permit id -> its endorsements, the oldest first. Two statements."""
    keys = wanted_ids(session, "wanted_permit", permit_ids)
    found: dict[int, list[EndorsementFact]] = defaultdict(list)
    for one in _read(session, _heads().where(Endorsement.permit_id.in_(select(keys.c.id))).order_by(Endorsement.id)):
        found[one.permit_id].append(one)
    return found


def endorsed_permits(session: Session) -> list[int]:
    """Return the ids of all permits of which anything was endorsed."""
    return list(session.scalars(select(Endorsement.permit_id).distinct()))


def endorsements_numbered(session: Session, numbers: Collection[str]) -> dict[tuple[str, str], EndorsementFact]:
    """Return issuer and number -> endorsement, of every issuer that used one of the numbers. Two statements."""
    keys = wanted_codes(session, "wanted_number", numbers)
    found = _read(session, _heads().where(Endorsement.number.in_(select(keys.c.code))))
    return {(one.issuer, one.number): one for one in found}


def endorsement_sent(session: Session, number: str) -> EndorsementFact | None:
    """Return our own endorsement of a number."""
    ours = Endorsement.direction == Direction.SENT.value
    found = _read(session, _heads().where(ours, Endorsement.number == number))
    return found[0] if found else None


def endorsement_by_id(session: Session, endorsement_id: int) -> EndorsementFact | None:
    """Return one endorsement."""
    found = _read(session, _heads().where(Endorsement.id == endorsement_id))
    return found[0] if found else None


def endorsements_below(
    session: Session, below: int | None, limit: int, *, organisation_id: int | None = None, permit_id: int | None = None
) -> list[EndorsementFact]:
    """Return the endorsements recorded before the one of id `below`, the youngest first, narrowed where given."""
    chosen = _narrowed(organisation_id, None)
    if below is not None:
        chosen.append(Endorsement.id < below)
    if permit_id is not None:
        chosen.append(Endorsement.permit_id == permit_id)
    return _read(session, _heads().where(*chosen).order_by(Endorsement.id.desc()).limit(limit))


def find_endorsements(
    session: Session,
    text: str = "",
    *,
    direction: str | None = None,
    country: str | None = None,
    organisation_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[EndorsementFact], int]:
    """Return one page of endorsements, the youngest first, and how many there are.

    `text`: part of a number, of the endorsement, the permit or the foreign permit; `country`: of the other
    authority. Four statements.
    """
    permit = Base.metadata.tables["permit"]
    matching = _heads().join(permit, permit.c.id == Endorsement.permit_id)
    matching = matching.where(*_narrowed(organisation_id, direction))
    if country is not None:
        matching = matching.where(permit.c.partner_country == country)
    if text.strip():
        numbers = (Endorsement.number, Endorsement.foreign_number, permit.c.number)
        matching = matching.where(
            or_(*(folded(column).like(containing(text), escape=LIKE_ESCAPE) for column in numbers))
        )
    total = session.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    return _read(session, matching.order_by(Endorsement.id.desc()).limit(limit).offset(offset)), total


def _narrowed(organisation_id: int | None, direction: str | None) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if organisation_id is not None:
        chosen.append(Endorsement.organisation_id == organisation_id)
    if direction is not None:
        chosen.append(Endorsement.direction == direction)
    return chosen


def _heads() -> Select[Any]:
    return select(*_HEAD)


def _read(session: Session, chosen: Select[Any]) -> list[EndorsementFact]:
    heads = session.execute(chosen).all()
    keys = wanted_ids(session, "wanted_endorsement", [head.id for head in heads])
    lines: dict[int, dict[int, EndorsedLine]] = defaultdict(dict)
    rows = session.execute(
        select(
            EndorsementLine.endorsement_id,
            EndorsementLine.line_id,
            EndorsementLine.units,
            EndorsementLine.reason,
            EndorsementLine.text,
        )
        .where(EndorsementLine.endorsement_id.in_(select(keys.c.id)))
        .order_by(EndorsementLine.line_id)
    )
    for number, line, units, reason, text in rows:
        lines[number][line] = EndorsedLine(line, units, reason, text)
    return [
        replace(
            EndorsementFact(*head), direction=Direction(head.direction), lines=MappingProxyType(lines.get(head.id, {}))
        )
        for head in heads
    ]
