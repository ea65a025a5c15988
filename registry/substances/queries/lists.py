"""Substances, factors and limits of the lists as facts, as of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from registry.kernel.codes import search_key, substance_code
from registry.substances.domain.facts import EditionFact, RevisionFact, SubstanceFact
from registry.substances.domain.naming import SUGGESTIONS, NameKind
from registry.substances.domain.salts import FactorFact, OtherFactor, PrintedSalt, other_factor
from registry.substances.domain.schedule_three import LimitFact
from registry.substances.models import ConversionFactor, ScheduleEntry, ScheduleThreeLimit, Substance, SubstanceName
from registry.substances.queries.base import (
    LIKE_ESCAPE,
    all_editions,
    containing,
    edition_ids,
    in_force,
    national_classes,
    schedules_of,
    wanted_codes,
    wanted_ids,
)

MOST_NAMES = 2000


@dataclass(frozen=True, slots=True)
class Match:
    """A substance found by a name. `suggestion`: by a trade name, which never classifies.

    `exact`: the whole name or code was given, not only a part of it.
    """

    substance: SubstanceFact
    kind: str
    name: str
    suggestion: bool
    exact: bool = False


def editions_in_force(session: Session, as_of: date) -> dict[str, EditionFact]:
    """Return, by code of the list, the edition that counts on `as_of`; one statement."""
    return in_force(all_editions(session), as_of)


def substance_by_codes(session: Session, codes: Iterable[str], as_of: date) -> dict[str, SubstanceFact]:
    """Return substances by code as the lists write it; unknown codes are missing. Three statements."""
    keys = wanted_codes(session, "wanted_substance", codes)
    chosen = _substances(session, as_of).join(keys, keys.c.code == Substance.code)
    return {fact.code: fact for fact in _facts(session, chosen, as_of)}


def substances_by_ids(session: Session, ids: Iterable[int], as_of: date = date.max) -> dict[int, SubstanceFact]:
    """Return substances by id, with the schedules of the newest editions unless a day is given. Three statements."""
    keys = wanted_ids(session, "wanted_substance_id", ids)
    chosen = _substances(session, as_of).join(keys, keys.c.id == Substance.id)
    return {fact.id: fact for fact in _facts(session, chosen, as_of)}


def substances_on(session: Session, as_of: date, treaty: str | None = None) -> list[SubstanceFact]:
    """Return every substance (of one treaty), by name, with its schedules on `as_of`."""
    chosen = _substances(session, as_of).order_by(Substance.name)
    return _facts(session, chosen.where(Substance.treaty == treaty) if treaty else chosen, as_of)


def find_substances(session: Session, words: str, limit: int, as_of: date) -> list[Match]:
    """Return substances by any name, code or CAS number, the best match first, each once.

    Exact before beginning before middle; names of the list before aliases before trade names.
    """
    key, code_key = search_key(words), search_key(substance_code(words))
    if not key:
        return []
    rows = session.execute(
        select(SubstanceName.substance_id, SubstanceName.kind, SubstanceName.name, SubstanceName.search_key)
        .where(
            or_(
                SubstanceName.search_key == code_key,
                SubstanceName.search_key.like(containing(words), escape=LIKE_ESCAPE),
            )
        )
        .order_by(SubstanceName.search_key)
        .limit(MOST_NAMES)
    ).all()
    best: dict[int, Row[*tuple[Any, ...]]] = {}
    for row in sorted(rows, key=lambda found: _rank(found, key, code_key)):
        best.setdefault(row.substance_id, row)
    chosen = list(best.values())[:limit]
    ids = wanted_ids(session, "found_substance", (row.substance_id for row in chosen))
    facts = {
        fact.id: fact
        for fact in _facts(session, _substances(session, as_of).join(ids, ids.c.id == Substance.id), as_of)
    }
    return [
        Match(
            facts[row.substance_id],
            row.kind,
            row.name,
            suggestion=NameKind(row.kind) in SUGGESTIONS,
            exact=row.search_key in (key, code_key),
        )
        for row in chosen
    ]


def meant_by(matches: Sequence[Match]) -> SubstanceFact | None:
    """Return the one substance whose whole name or code was given; None where none or several were.

    A trade name never decides; a name the list prints goes before other names.
    """
    exact = [match for match in matches if match.exact and not match.suggestion]
    for kinds in ((NameKind.CODE, NameKind.LISTED), tuple(NameKind)):
        found = [match.substance for match in exact if match.kind in kinds]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _rank(row: Row[*tuple[Any, ...]], key: str, code_key: str) -> tuple[int, bool, int, str]:
    exact = row.search_key in (key, code_key)
    place = 0 if exact else 1 if row.search_key.startswith(key) else 2
    return place, NameKind(row.kind) in SUGGESTIONS, len(row.search_key), row.search_key


def factors_for(session: Session, substance_ids: Iterable[int], as_of: date) -> dict[int, list[FactorFact]]:
    """Return the printed factors of the editions in force on `as_of`, by substance, in printed order."""
    keys = wanted_ids(session, "wanted_factor", substance_ids)
    factor = ConversionFactor
    rows = session.execute(
        select(
            factor.id,
            factor.substance_id,
            factor.salt,
            factor.variant,
            factor.salt_as_printed,
            factor.hydrate,
            factor.base_ppm,
            factor.check_mark,
            factor.remarks,
        )
        .join(keys, keys.c.id == factor.substance_id)
        .where(factor.edition_id.in_(edition_ids(session, as_of)))
        .order_by(factor.id)
    )
    found: dict[int, list[FactorFact]] = defaultdict(list)
    for row in rows:
        printed = PrintedSalt(row.salt_as_printed, row.hydrate, row.variant)
        found[row.substance_id].append(FactorFact(row.id, row.salt, printed, row.base_ppm, row.check_mark, row.remarks))
    return dict(found)


def other_factors(session: Session, revision: RevisionFact, as_of: date) -> dict[tuple[int, str], OtherFactor]:
    """Return (substance id, salt) -> how the lists in force on `as_of` differ from the factors of a revision."""
    printed = factors_for(session, {part.substance_id for part in revision.components}, as_of)
    found = {
        (part.substance_id, part.salt): other_factor(
            part.substance_name, part.salt, part.base_ppm, printed.get(part.substance_id, [])
        )
        for part in revision.components
    }
    return {key: other for key, other in found.items() if other is not None}


def schedule_three_limits(session: Session, as_of: date) -> list[LimitFact]:
    """Return the limits of Schedule III (1961) in the edition in force on `as_of`, in printed order."""
    rows = session.scalars(
        select(ScheduleThreeLimit)
        .where(ScheduleThreeLimit.edition_id.in_(edition_ids(session, as_of)))
        .order_by(ScheduleThreeLimit.id)
    )
    return [
        LimitFact(
            rule=row.rule,
            drugs=_split(row.drugs),
            max_per_dosage_unit_ng=row.max_per_dosage_unit_ng,
            max_undivided_ppm=row.max_undivided_ppm,
            needs=_split(row.needs),
            measured_as=row.measured_as,
            other_ingredient=row.other_ingredient,
            extra_condition=row.extra_condition,
        )
        for row in rows
    ]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


def _substances(session: Session, as_of: date) -> Select[*tuple[Any, ...]]:
    current = ScheduleEntry.edition_id.in_(edition_ids(session, as_of))
    return select(
        Substance.id,
        Substance.code,
        Substance.name,
        Substance.treaty,
        Substance.cas,
        ScheduleEntry.schedule,
        ScheduleEntry.also_schedule_iv,
    ).outerjoin(ScheduleEntry, and_(ScheduleEntry.substance_id == Substance.id, current))


def _facts(session: Session, chosen: Select[*tuple[Any, ...]], as_of: date) -> list[SubstanceFact]:
    national = national_classes(session, as_of)
    return [
        SubstanceFact(
            id=row.id,
            code=row.code,
            name=row.name,
            treaty=row.treaty,
            cas=row.cas,
            schedules=schedules_of(row.treaty, row.schedule, row.also_schedule_iv),
            national_classes=national.get(row.id, frozenset()),
        )
        for row in session.execute(chosen)
    ]
