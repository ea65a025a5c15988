"""Reading licences: rows -> facts, one statement however many organisations or numbers are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Subquery, and_, bindparam, func, select
from sqlalchemy.orm import Session

from registry.db import Moment, folded
from registry.kernel.codes import search_key
from registry.kernel.stops import Stop
from registry.licences.domain import LicenceFact
from registry.licences.models import Licence, LicenceRevision, LicenceStop
from registry.substances.queries.base import LIKE_ESCAPE, containing, wanted_codes, wanted_ids

SEPARATOR = ";"
_STOP = (
    LicenceStop.id.label("stop_id"),
    LicenceStop.cause,
    LicenceStop.from_on,
    LicenceStop.until_on,
    LicenceStop.note,
    LicenceStop.recorded_by,
    LicenceStop.recorded_at,
)


def licences_of(session: Session, organisation_ids: Iterable[int]) -> dict[int, tuple[LicenceFact, ...]]:
    """Return every revision of every licence of the organisations, by organisation id. One statement.

    A revision that was superseded says so, also when the next one names another holder.
    """
    dated = _dated()
    keys = wanted_ids(session, "wanted_organisation", organisation_ids)
    found: dict[int, list[LicenceFact]] = {}
    for fact in _read(session, _facts(dated).join(keys, keys.c.id == dated.c.organisation_id)):
        found.setdefault(fact.organisation_id, []).append(fact)
    return {organisation_id: tuple(facts) for organisation_id, facts in found.items()}


def licences_since(session: Session, organisation_id: int, since: datetime) -> int:
    """Return how many revisions of licences of an organisation were recorded after `since`. One statement."""
    later = LicenceRevision.recorded_at > bindparam("since", since, Moment)
    chosen = select(func.count()).where(LicenceRevision.organisation_id == organisation_id, later)
    return session.execute(chosen).scalar_one()


def recorded_moments(session: Session, numbers: Iterable[str]) -> dict[str, datetime]:
    """Return when the newest revision of licences was recorded, by number. One statement."""
    keys = wanted_codes(session, "wanted_licence", numbers)
    chosen = (
        select(Licence.number, LicenceRevision.recorded_at)
        .join(keys, keys.c.code == Licence.number)
        .join(LicenceRevision, LicenceRevision.licence_id == Licence.id)
        .order_by(LicenceRevision.number)
    )
    return dict(session.execute(chosen).all())


def licences_by_numbers(session: Session, numbers: Iterable[str]) -> dict[str, tuple[LicenceFact, ...]]:
    """Return licences by number, each with its revisions, the oldest first. One statement."""
    dated = _dated()
    keys = wanted_codes(session, "wanted_licence", numbers)
    found: dict[str, list[LicenceFact]] = {}
    for fact in _read(session, _facts(dated).join(keys, keys.c.code == dated.c.licence_number)):
        found.setdefault(fact.number, []).append(fact)
    return {number: tuple(facts) for number, facts in found.items()}


@dataclass(frozen=True, slots=True)
class FoundLicences:
    """One page of a list of licences, each as its newest revision says; `total` counts all that match."""

    licences: list[LicenceFact]
    total: int


def find_licences(
    session: Session,
    text: str = "",
    *,
    organisation_id: int | None = None,
    act: str | None = None,
    valid_on: date | None = None,
    ends_by: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> FoundLicences:
    """Return the newest revisions whose number holds `text`, by number.

    `organisation_id` narrows the list to one holder, `act` to those that name it, `valid_on` to those valid on a day,
    `ends_by` to those whose last day is not later than that day. Two statements.
    """
    dated = _dated()
    wanted: list[ColumnElement[bool]] = [dated.c.superseded_on.is_(None)]
    if text.strip():
        wanted.append(folded(dated.c.licence_number).like(containing(search_key(text)), escape=LIKE_ESCAPE))
    if organisation_id is not None:
        wanted.append(dated.c.organisation_id == organisation_id)
    if act is not None:
        words = SEPARATOR + dated.c.acts + SEPARATOR
        wanted.append(words.like(f"%{SEPARATOR}{act}{SEPARATOR}%"))
    if valid_on is not None:
        wanted += [dated.c.valid_from <= valid_on, dated.c.valid_to >= valid_on]
    if ends_by is not None:
        wanted.append(dated.c.valid_to <= ends_by)
    total = session.execute(select(func.count()).select_from(dated).where(and_(*wanted))).scalar_one()
    chosen = _facts(dated).where(*wanted).limit(limit).offset(offset)
    return FoundLicences(_read(session, chosen), total)


def licences_that_end(session: Session, first: date, last: date) -> list[LicenceFact]:
    """Return licences whose newest revision ends between two days, both included, the first to end first."""
    dated = _dated()
    ending = and_(dated.c.superseded_on.is_(None), dated.c.valid_to >= first, dated.c.valid_to <= last)
    found = _read(session, _facts(dated).where(ending))
    return sorted(found, key=lambda fact: (fact.valid_to, fact.number))


def licences_after(
    session: Session,
    after: str | None,
    limit: int,
    *,
    organisation_id: int | None = None,
    act: str | None = None,
    valid_on: date | None = None,
) -> list[LicenceFact]:
    """Return the newest revisions behind the number `after`, by number, narrowed as `find_licences` does. One statement."""
    dated = _dated()
    wanted: list[ColumnElement[bool]] = [dated.c.superseded_on.is_(None)]
    if after is not None:
        wanted.append(dated.c.licence_number > after)
    if organisation_id is not None:
        wanted.append(dated.c.organisation_id == organisation_id)
    if act is not None:
        words = SEPARATOR + dated.c.acts + SEPARATOR
        wanted.append(words.like(f"%{SEPARATOR}{act}{SEPARATOR}%"))
    if valid_on is not None:
        wanted += [dated.c.valid_from <= valid_on, dated.c.valid_to >= valid_on]
    return _read(session, _facts(dated).where(*wanted).limit(limit))


def _dated() -> Subquery:
    """Return revisions with their licence's number and the day the next one took over."""
    following = func.lead(LicenceRevision.effective_on, type_=Date).over(
        partition_by=LicenceRevision.licence_id, order_by=LicenceRevision.number
    )
    return (
        select(
            Licence.id.label("licence_id"),
            Licence.number.label("licence_number"),
            LicenceRevision.number.label("revision"),
            LicenceRevision.organisation_id,
            LicenceRevision.site_id,
            LicenceRevision.acts,
            LicenceRevision.scope,
            LicenceRevision.effective_on,
            following.label("superseded_on"),
            LicenceRevision.valid_from,
            LicenceRevision.valid_to,
            LicenceRevision.authority,
            LicenceRevision.limit_ng,
            LicenceRevision.conditions,
        )
        .join(LicenceRevision, LicenceRevision.licence_id == Licence.id)
        .subquery("dated")
    )


def _facts(dated: Subquery) -> Select[Any]:
    return select(dated).order_by(dated.c.licence_number, dated.c.revision)


def _read(session: Session, query: Select[Any]) -> list[LicenceFact]:
    """Return revisions with the stops of their licences; one statement."""
    chosen = query.subquery("chosen")
    rows = session.execute(
        select(chosen, *_STOP)
        .outerjoin(LicenceStop, LicenceStop.licence_id == chosen.c.licence_id)
        .order_by(chosen.c.licence_number, chosen.c.revision, LicenceStop.from_on, LicenceStop.id)
    )
    width = len(chosen.c)
    found: dict[tuple[int, int], tuple[Any, list[Stop]]] = {}
    for row in rows:
        _, stops = found.setdefault((row.licence_id, row.revision), (row, []))
        if row.stop_id is not None:
            stops.append(Stop(*row[width:]))
    return [_fact(row, tuple(stops)) for row, stops in found.values()]


def _fact(row: Any, stops: tuple[Stop, ...]) -> LicenceFact:  # noqa: ANN401 - a row of `_dated`
    return LicenceFact(
        id=row.licence_id,
        number=row.licence_number,
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        acts=frozenset(row.acts.split(SEPARATOR)),
        scope=tuple(row.scope.split(SEPARATOR)),
        effective_on=row.effective_on,
        superseded_on=row.superseded_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        authority=row.authority,
        limit_ng=row.limit_ng,
        conditions=row.conditions,
        stops=stops,
    )
