"""Other countries' estimates and what our permits have taken of them, set-based."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.permits.domain.checks import ForeignEstimate as Estimate
from registry.permits.domain.checks import Original
from registry.permits.domain.facts import bound_base_ng
from registry.permits.domain.kinds import PERMIT_KINDS, Way
from registry.permits.models import ForeignEstimate, Permit, PermitArrival, PermitLine
from registry.permits.queries.permits import is_open, permits_by_numbers
from registry.substances.queries.base import wanted
from registry.substances.queries.lists import substances_by_ids
from registry.substances.queries.products import revisions_by_ids

Key = tuple[str, int, int]
"""Country, year, substance id."""
EXPORTING = tuple(kind.code for kind in PERMIT_KINDS.values() if kind.way is Way.EXPORT)


def foreign_estimates(session: Session, clock: Clock, keys: Collection[Key]) -> dict[Key, Estimate]:
    """Return what is published for each key by today, with what export permits of that year took or may take.

    A permit takes what moved on it; while goods may still move on it, the whole of its lines.
    Five statements.
    """
    if not keys:
        return {}
    asked = wanted(session, "wanted_abroad", {"country": "text", "year": "int", "substance": "int"}, sorted(keys))
    rows = session.execute(
        select(
            ForeignEstimate.country,
            ForeignEstimate.year,
            ForeignEstimate.substance_id,
            ForeignEstimate.quantity_ng,
            ForeignEstimate.published_on,
            ForeignEstimate.source,
        )
        .join(
            asked,
            (asked.c.country == ForeignEstimate.country)
            & (asked.c.year == ForeignEstimate.year)
            & (asked.c.substance == ForeignEstimate.substance_id),
        )
        .where(ForeignEstimate.published_on <= clock.today())
        .order_by(ForeignEstimate.published_on)
    )
    # A later publication stands in place of an earlier one.
    latest = {(row.country, row.year, row.substance_id): row for row in rows}
    taken = _taken(session, clock, latest.keys())
    return {
        key: Estimate(Fraction(row.quantity_ng), row.published_on, taken.get(key, Fraction(0)), row.source)
        for key, row in latest.items()
    }


def _taken(session: Session, clock: Clock, keys: Collection[Key]) -> dict[Key, Fraction]:
    today = clock.today()
    moved = (
        select(PermitArrival.permit_id, PermitArrival.product_id, func.sum(PermitArrival.units).label("units"))
        .group_by(PermitArrival.permit_id, PermitArrival.product_id)
        .subquery("moved")
    )
    countries = {country for country, _, _ in keys}
    years = {year for _, year, _ in keys}
    open_now = is_open(today)
    rows = session.execute(
        select(
            Permit.partner_country,
            Permit.quota_year,
            PermitLine.revision_id,
            PermitLine.units,
            func.coalesce(moved.c.units, 0),
            open_now,
        )
        .join(PermitLine, PermitLine.permit_id == Permit.id)
        .outerjoin(moved, (moved.c.permit_id == PermitLine.permit_id) & (moved.c.product_id == PermitLine.product_id))
        .where(Permit.kind.in_(EXPORTING), Permit.partner_country.in_(countries), Permit.quota_year.in_(years))
    ).all()
    revisions = revisions_by_ids(session, {row[2] for row in rows}, today)
    taken: dict[Key, Fraction] = {}
    for country, year, revision, units, came, is_still_open in rows:
        counted = max(units, int(came)) if is_still_open else int(came)
        for substance, base in bound_base_ng(revisions[revision]).items():
            key = country, year, substance
            taken[key] = taken.get(key, Fraction(0)) + counted * base
    return taken


def originals(session: Session, asked: Mapping[str, int]) -> dict[str, Original]:
    """Return, by number, the import permits that goods to be re-exported came on; `asked`: number -> organisation id.

    `gone`: what re-exports that name it have taken out or may still. Ten statements at most.
    """
    if not asked:
        return {}
    found = permits_by_numbers(session, asked)
    gone = _gone(session, asked)
    return {
        number: Original(
            found=number in found
            and found[number].organisation_id == organisation
            and PERMIT_KINDS[found[number].kind].way is Way.IMPORT,
            came={product: line.arrived_units for product, line in found[number].lines.items()}
            if number in found
            else {},
            gone=gone.get(number, {}),
        )
        for number, organisation in asked.items()
    }


def _gone(session: Session, numbers: Collection[str]) -> dict[str, dict[int, int]]:
    """Return number of the import permit -> product id -> units that re-export permits gave, stopped ones left out."""
    kinds = tuple(kind.code for kind in PERMIT_KINDS.values() if "original_permit" in kind.needs)
    ids = session.scalars(select(Permit.number).where(Permit.kind.in_(kinds))).all()
    gone: dict[str, dict[int, int]] = {}
    for permit in permits_by_numbers(session, ids).values():
        number = permit.particulars.get("original_permit", "")
        if number in numbers:
            for product, line in permit.lines.items():
                took = line.arrived_units if permit.stops or permit.arrived_on else line.units
                of = gone.setdefault(number, {})
                of[product] = of.get(product, 0) + took
    return gone


@dataclass(frozen=True, slots=True)
class Published:
    """One figure of another country as it was published."""

    id: int
    country: str
    year: int
    substance_code: str
    substance_name: str
    quantity: Fraction
    published_on: date
    source: str | None
    recorded_at: datetime
    recorded_by: str


def find_estimates(
    session: Session,
    today: date,
    *,
    country: str | None = None,
    substance_id: int | None = None,
    year: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Published], int]:
    """Return one page of what is published, by country, substance and year, the last publication first; and how many in all."""
    narrowed = {
        ForeignEstimate.country: country,
        ForeignEstimate.substance_id: substance_id,
        ForeignEstimate.year: year,
    }
    chosen = [column == value for column, value in narrowed.items() if value is not None]
    total = session.execute(select(func.count(ForeignEstimate.id)).where(*chosen)).scalar_one()
    order = (
        ForeignEstimate.country,
        ForeignEstimate.substance_id,
        ForeignEstimate.year.desc(),
        ForeignEstimate.published_on.desc(),
    )
    rows = session.scalars(select(ForeignEstimate).where(*chosen).order_by(*order).limit(limit).offset(offset)).all()
    return _published(session, rows, today), total


def estimates_below(
    session: Session,
    today: date,
    below: int | None,
    limit: int,
    *,
    country: str | None = None,
    year: int | None = None,
) -> list[Published]:
    """Return figures recorded before the one of id `below`, the youngest first, narrowed where asked."""
    narrowed = {ForeignEstimate.country: country, ForeignEstimate.year: year}
    chosen = [column == value for column, value in narrowed.items() if value is not None]
    if below is not None:
        chosen.append(ForeignEstimate.id < below)
    query = select(ForeignEstimate).where(*chosen).order_by(ForeignEstimate.id.desc()).limit(limit)
    return _published(session, session.scalars(query).all(), today)


def _published(session: Session, rows: Sequence[ForeignEstimate], today: date) -> list[Published]:
    names = substances_by_ids(session, {row.substance_id for row in rows}, today)
    return [
        Published(
            row.id,
            row.country,
            row.year,
            names[row.substance_id].code,
            names[row.substance_id].name,
            Fraction(row.quantity_ng),
            row.published_on,
            row.source,
            row.recorded_at,
            row.recorded_by,
        )
        for row in rows
    ]
