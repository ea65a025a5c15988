"""What the queries of this room share: many keys as one bound value, editions by day, schedules by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from types import MappingProxyType

from sqlalchemy import BigInteger, ColumnElement, Date, Subquery, Text, and_, or_, select, text
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from registry.db import inline_rows, remembered
from registry.kernel.codes import search_key
from registry.substances.domain.facts import EditionFact
from registry.substances.models import ListEdition, NationalClass, NationalEntry

_TYPES: Mapping[str, type[TypeEngine[object]]] = {"int": BigInteger, "text": Text, "day": Date}  # type: ignore[dict-item]

LIKE_ESCAPE = "\\"


def containing(words: str) -> str:
    """Return the LIKE pattern for a folded text that holds `words`, with its own signs escaped."""
    plain = search_key(words)
    for sign in (LIKE_ESCAPE, "%", "_"):
        plain = plain.replace(sign, LIKE_ESCAPE + sign)
    return f"%{plain}%"


def wanted(session: Session, alias: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> Subquery:
    """Return rows of keys as a table to join with; statements and parameters do not grow with the rows."""
    table, params = inline_rows(session, alias, columns, rows)
    picked = text(f"SELECT {', '.join(columns)} FROM {table}").bindparams(**params)  # noqa: S608 - names of ours only
    return picked.columns(**{name: _TYPES[kind]() for name, kind in columns.items()}).subquery(alias)


def wanted_ids(session: Session, alias: str, ids: Iterable[int]) -> Subquery:
    """Return ids as a table with the one column ``id``."""
    return wanted(session, alias, {"id": "int"}, [(number,) for number in sorted(set(ids))])


def wanted_codes(session: Session, alias: str, codes: Iterable[str]) -> Subquery:
    """Return codes as a table with the one column ``code``."""
    return wanted(session, alias, {"code": "text"}, [(code,) for code in sorted(set(codes))])


def all_editions(session: Session) -> Sequence[EditionFact]:
    """Return every loaded edition, the oldest of each list first; read once in a transaction."""
    return remembered(session, "editions", partial(_all_editions, session))


def _all_editions(session: Session) -> tuple[EditionFact, ...]:
    rows = session.execute(
        select(
            ListEdition.id,
            ListEdition.list_code,
            ListEdition.edition,
            ListEdition.title,
            ListEdition.valid_from,
            ListEdition.precision,
        )
    )
    facts = [EditionFact(*row) for row in rows]
    return tuple(sorted(facts, key=lambda fact: (fact.list_code, fact.valid_from or date.min, fact.id)))


def in_force(editions: Sequence[EditionFact], day: date) -> dict[str, EditionFact]:
    """Return the edition of each list that counts on `day`; the oldest also serves earlier days, and says so."""
    chosen: dict[str, EditionFact] = {}
    for fact in editions:
        if fact.list_code not in chosen:
            later = fact.valid_from is not None and fact.valid_from > day
            chosen[fact.list_code] = _marked(fact, by_later=later)
        elif fact.valid_from is not None and fact.valid_from <= day:
            chosen[fact.list_code] = fact
    return chosen


def _marked(fact: EditionFact, *, by_later: bool) -> EditionFact:
    return EditionFact(
        fact.id, fact.list_code, fact.edition, fact.title, fact.valid_from, fact.precision, by_later=by_later
    )


def edition_ids(session: Session, day: date) -> list[int]:
    """Return the ids of the editions that count on `day`: a handful, one for each list."""
    return [fact.id for fact in in_force(all_editions(session), day).values()]


def schedules_of(treaty: str, schedule: str | None, also_schedule_iv: bool | None) -> frozenset[str]:  # noqa: FBT001
    """Return the schedules of one entry as terms: Schedule I and IV of 1961 -> ``{"1961:I", "1961:IV"}``."""
    if not schedule:
        return frozenset()
    own = frozenset({f"{treaty}:{schedule}"})
    return own | {f"{treaty}:IV"} if also_schedule_iv else own


def national_classes(session: Session, day: date) -> Mapping[int, frozenset[str]]:
    """Return the classes of the national list by substance, as its dated entries stand on `day` (L1, L2).

    Read once in a transaction.
    """
    return remembered(session, ("national classes", day), partial(_national_classes, session, day))


def _national_classes(session: Session, day: date) -> Mapping[int, frozenset[str]]:
    rows = session.execute(
        select(NationalEntry.substance_id, NationalClass.code)
        .join(NationalClass, NationalClass.id == NationalEntry.class_id)
        .where(_entry_in_force(day))
    )
    found: dict[int, frozenset[str]] = {}
    for substance_id, code in rows:
        found[substance_id] = found.get(substance_id, frozenset()) | {code}
    return MappingProxyType(found)


def _entry_in_force(day: date) -> ColumnElement[bool]:
    return and_(
        NationalEntry.valid_from <= day,
        or_(NationalEntry.valid_to.is_(None), NationalEntry.valid_to >= day),
    )
