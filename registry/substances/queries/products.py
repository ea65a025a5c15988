"""Products and their dated revisions as facts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from forms.facts import FactorUse
from registry.db import remembered_each
from registry.kernel.mass import PPM, base_ng_per_unit
from registry.kernel.text import Message
from registry.substances.domain.facts import ComponentFact, EditionFact, RevisionFact
from registry.substances.domain.salts import BASE
from registry.substances.domain.schedule_three import Answer
from registry.substances.models import (
    ConversionFactor,
    Product,
    ProductComponent,
    ProductRevision,
    ScheduleEntry,
    Substance,
)
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


def revisions_for_products(
    session: Session, product_codes: Iterable[str], as_of: date
) -> dict[str, list[RevisionFact]]:
    """Return all revisions of the products, oldest first; unknown codes are missing from the answer.

    `as_of`: the day whose list editions give the schedules. Four statements, however many products.
    """
    keys = wanted_codes(session, "wanted_product", product_codes)
    rows = session.execute(_revisions().join(keys, keys.c.code == Product.code)).all()
    found: dict[str, list[RevisionFact]] = defaultdict(list)
    for fact in _with_components(session, rows, as_of):
        found[fact.code].append(fact)
    return dict(found)


def revisions_by_ids(session: Session, ids: Iterable[int], as_of: date) -> dict[int, RevisionFact]:
    """Return revisions by id, with schedules as of `as_of`; four statements, however many ids.

    A revision never changes: one that was read in this transaction is not read again.
    """

    def find(missing: set[int]) -> dict[int, RevisionFact]:
        keys = wanted_ids(session, "wanted_revision", missing)
        rows = session.execute(_revisions().join(keys, keys.c.id == ProductRevision.id)).all()
        return {fact.id: fact for fact in _with_components(session, rows, as_of)}

    found = remembered_each(session, _read_on(as_of), ids, find)
    return {fact.id: fact for fact in sorted(found.values(), key=lambda fact: (fact.code, fact.number))}


def revisions_of_products(session: Session, product_ids: Iterable[int], as_of: date) -> dict[int, list[RevisionFact]]:
    """Return all revisions of the products by product id, the oldest first; four statements, however many products.

    Always read: a revision may be recorded at any moment. `revisions_by_ids` knows them after this.
    """
    keys = wanted_ids(session, "wanted_product", product_ids)
    rows = session.execute(_revisions().join(keys, keys.c.id == ProductRevision.product_id)).all()
    facts = _with_components(session, rows, as_of)
    remembered_each(session, _read_on(as_of), [fact.id for fact in facts], lambda _: {fact.id: fact for fact in facts})
    found: dict[int, list[RevisionFact]] = defaultdict(list)
    for fact in facts:
        found[fact.product_id].append(fact)
    return dict(found)


def revision_ids(session: Session, product_ids: Iterable[int]) -> set[int]:
    """Return the ids of all revisions of the products, as they are recorded now. One small statement."""
    keys = wanted_ids(session, "wanted_product", product_ids)
    return set(session.scalars(select(ProductRevision.id).join(keys, keys.c.id == ProductRevision.product_id)))


def _read_on(as_of: date) -> tuple[str, date]:
    return "revisions", as_of


def revisions_with_substances(session: Session, substance_ids: Iterable[int], as_of: date) -> dict[int, RevisionFact]:
    """Return every revision, old ones too, that holds any of the substances, by id; four statements."""
    rows = session.execute(_revisions().where(ProductRevision.id.in_(holding(session, substance_ids)))).all()
    return {fact.id: fact for fact in _with_components(session, rows, as_of)}


def every_revision(session: Session, as_of: date) -> list[RevisionFact]:
    """Return every revision of every product by code and number, with its composition; four statements."""
    return _with_components(session, session.execute(_revisions()).all(), as_of)


def holding(session: Session, substance_ids: Iterable[int]) -> Select[int]:
    """Return, to be asked within another query, the ids of the revisions that hold any of the substances."""
    keys = wanted_ids(session, "wanted_content", substance_ids)
    return select(ProductComponent.revision_id).join(keys, keys.c.id == ProductComponent.substance_id)


def current_revisions(session: Session, as_of: date) -> list[RevisionFact]:
    """Return the revision of every product in force on `as_of`, by code; products that begin later come as they will."""
    youngest = (
        select(ProductRevision.product_id, func.max(ProductRevision.number).label("number"))
        .where(or_(ProductRevision.valid_from <= as_of, ProductRevision.number == 1))
        .group_by(ProductRevision.product_id)
        .subquery()
    )
    chosen = and_(
        youngest.c.product_id == ProductRevision.product_id,
        youngest.c.number == ProductRevision.number,
    )
    return _with_components(session, session.execute(_revisions().join(youngest, chosen)).all(), as_of)


def find_products(session: Session, words: str, limit: int, as_of: date) -> list[RevisionFact]:
    """Return products whose code, name in any language, GTIN or substance holds `words`, by code."""
    hits = (
        select(ProductRevision.product_id)
        .where(ProductRevision.search_key.like(containing(words), escape=LIKE_ESCAPE))
        .distinct()
    )
    codes = session.scalars(select(Product.code).where(Product.id.in_(hits)).order_by(Product.code).limit(limit)).all()
    found = revisions_for_products(session, codes, as_of)
    return [_in_force_or_first(found[code], as_of) for code in codes]


def products_page(
    session: Session, words: str, as_of: date, *, undecided: bool = False, limit: int = 50, offset: int = 0
) -> tuple[list[RevisionFact], int]:
    """Return one page of products by code, as in force on `as_of`, and how many there are in all.

    `words` as in `find_products`; `undecided`: only those whose newest revision leaves Schedule III open.
    """
    newest = (
        select(ProductRevision.product_id, func.max(ProductRevision.number).label("number"))
        .group_by(ProductRevision.product_id)
        .subquery()
    )
    last = and_(newest.c.product_id == ProductRevision.product_id, newest.c.number == ProductRevision.number)
    chosen = select(Product.code).join(ProductRevision, ProductRevision.product_id == Product.id).join(newest, last)
    if words.strip():
        chosen = chosen.where(ProductRevision.search_key.like(containing(words), escape=LIKE_ESCAPE))
    if undecided:
        chosen = chosen.where(ProductRevision.schedule_three == Answer.UNDECIDED.value)
    total = session.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    codes = session.scalars(chosen.order_by(Product.code).limit(limit).offset(offset)).all()
    found = revisions_for_products(session, codes, as_of)
    return [_in_force_or_first(found[code], as_of) for code in codes], total


def factor_use(session: Session, uses: Sequence[tuple[int, date]]) -> list[FactorUse]:
    """Return, for check C-21, the factor behind each component of `uses`: (revision id, day of its first movement).

    `printed_ppm` is what the edition in force on that day prints for the salt, None if it prints none.
    """
    revisions = revisions_by_ids(
        session, (revision for revision, _ in uses), max((day for _, day in uses), default=date.min)
    )
    editions = all_editions(session)
    substances = {part.substance_id for revision in revisions.values() for part in revision.components}
    printed = _printed(session, substances)
    answer: list[FactorUse] = []
    for revision_id, day in uses:
        revision = revisions[revision_id]
        valid = in_force(editions, day)
        answer.extend(_use(revision.code, part, valid, printed) for part in revision.components)
    return answer


def _use(
    product: str,
    part: ComponentFact,
    valid: Mapping[str, EditionFact],
    printed: Mapping[tuple[int, str, int], int | None],
) -> FactorUse:
    edition = next((e for e in valid.values() if (part.substance_id, part.salt, e.id) in printed), None)
    share = printed.get((part.substance_id, part.salt, edition.id)) if edition else None
    if part.salt == BASE:
        edition, share = None, PPM
    return FactorUse(
        substance=part.substance_code,
        product=product,
        salt=part.salt,
        base_ppm=part.base_ppm,
        printed_ppm=share,
        edition=f"{edition.list_code} {edition.edition}" if edition else "",
        edition_from=edition.valid_from if edition else None,
        later_edition=bool(edition and edition.by_later),
    )


def _printed(session: Session, substance_ids: Iterable[int]) -> dict[tuple[int, str, int], int | None]:
    keys = wanted_ids(session, "wanted_substance", substance_ids)
    factor = ConversionFactor
    rows = session.execute(
        select(factor.substance_id, factor.salt, factor.edition_id, factor.base_ppm).join(
            keys, keys.c.id == factor.substance_id
        )
    )
    return {(substance, salt, edition): share for substance, salt, edition, share in rows}


def _revisions() -> Select[*tuple[Any, ...]]:
    columns = [
        column
        for column in ProductRevision.__table__.columns
        if column.key not in ("search_key", "recorded_at", "recorded_by")
    ]
    return (
        select(Product.code, Product.unit, *columns)
        .join(ProductRevision, ProductRevision.product_id == Product.id)
        .order_by(Product.code, ProductRevision.number)
    )


def _with_components(session: Session, rows: Sequence[Row[*tuple[Any, ...]]], as_of: date) -> list[RevisionFact]:
    units = {row.id: row.unit for row in rows}
    keys = wanted_ids(session, "wanted_revision_parts", units)
    current = ScheduleEntry.edition_id.in_(edition_ids(session, as_of))
    part = ProductComponent
    found = session.execute(
        select(
            part.revision_id,
            part.substance_id,
            Substance.code,
            Substance.name,
            Substance.treaty,
            part.salt,
            part.amount_ng,
            part.base_ppm,
            part.factor_id,
            ScheduleEntry.schedule,
            ScheduleEntry.also_schedule_iv,
        )
        .join(keys, keys.c.id == part.revision_id)
        .join(Substance, Substance.id == part.substance_id)
        .outerjoin(ScheduleEntry, and_(ScheduleEntry.substance_id == part.substance_id, current))
        .order_by(part.revision_id, part.id)
    ).all()
    national = national_classes(session, as_of)
    parts: dict[int, list[ComponentFact]] = defaultdict(list)
    for row in found:
        parts[row.revision_id].append(_component(row, units[row.revision_id], national))
    return [_revision(row, tuple(parts[row.id])) for row in rows]


def _component(row: Row[*tuple[Any, ...]], unit: str, national: Mapping[int, frozenset[str]]) -> ComponentFact:
    return ComponentFact(
        substance_id=row.substance_id,
        substance_code=row.code,
        substance_name=row.name,
        treaty=row.treaty,
        schedules=schedules_of(row.treaty, row.schedule, row.also_schedule_iv),
        salt=row.salt,
        amount_ng=row.amount_ng,
        base_ppm=row.base_ppm,
        base_ng_per_unit=base_ng_per_unit(row.amount_ng, row.base_ppm, unit),
        national_classes=national.get(row.substance_id, frozenset()),
        factor_id=row.factor_id,
    )


def _revision(row: Row[*tuple[Any, ...]], components: tuple[ComponentFact, ...]) -> RevisionFact:
    reason = json.loads(row.schedule_three_reason)
    return RevisionFact(
        id=row.id,
        product_id=row.product_id,
        code=row.code,
        number=row.number,
        valid_from=row.valid_from,
        name=row.name,
        form=row.form,
        unit=row.unit,
        control=row.control,
        schedule_three=Answer(row.schedule_three).truth,
        components=components,
        name_ru=row.name_ru,
        name_ky=row.name_ky,
        other_ingredients=row.other_ingredients,
        gtin=row.gtin,
        manufacturer=row.manufacturer,
        country=row.country,
        schedule_three_reason=Message(reason["msgid"], reason["params"]),
    )


def _in_force_or_first(revisions: Sequence[RevisionFact], day: date) -> RevisionFact:
    begun = [revision for revision in revisions if revision.valid_from <= day]
    return begun[-1] if begun else revisions[0]
