"""Writing product revisions: decided, then inserted in bulk; nothing written is ever changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.codes import search_key
from registry.kernel.mass import PPM
from registry.substances.domain.facts import ComponentFact, RevisionFact
from registry.substances.domain.schedule_three import Part, Preparation, decide_schedule_three
from registry.substances.models import Product, ProductComponent, ProductRevision
from registry.substances.queries import schedule_three_limits
from registry.substances.queries.base import wanted_codes, wanted_ids

FIELDS = ("name", "name_ru", "name_ky", "form", "other_ingredients", "gtin", "manufacturer", "country", "control")
"""What a revision states besides its composition; the unit belongs to the product and never changes."""


@dataclass(frozen=True, slots=True)
class DraftComponent:
    """One substance of a revision to be written."""

    substance_id: int
    substance_code: str
    substance_name: str
    treaty: str
    salt: str
    amount_ng: int
    base_ppm: int
    factor_id: int | None

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from the other components of the product."""
        return self.substance_code, self.salt


@dataclass(frozen=True, slots=True)
class Draft:
    """A revision to be written. `number` 1 means that the product itself is new."""

    code: str
    unit: str
    number: int
    valid_from: date
    fields: dict[str, str]
    components: tuple[DraftComponent, ...] = ()


def fields_of(revision: RevisionFact) -> dict[str, str]:
    """Return what `revision` states besides its composition, by the names of `FIELDS`."""
    return {name: getattr(revision, name) for name in FIELDS}


def draft_component(fact: ComponentFact) -> DraftComponent:
    """Return a component as it stands, to be carried into the next revision."""
    return DraftComponent(
        fact.substance_id,
        fact.substance_code,
        fact.substance_name,
        fact.treaty,
        fact.salt,
        fact.amount_ng,
        fact.base_ppm,
        fact.factor_id,
    )


def write_drafts(session: Session, actor: Actor, clock: Clock, drafts: Sequence[Draft]) -> None:
    """Write products, revisions and components with a constant number of statements."""
    if not drafts:
        return
    new = [{"code": draft.code, "unit": draft.unit} for draft in drafts if draft.number == 1]
    if new:
        session.execute(insert(Product), new)
    keys = wanted_codes(session, "drafted_product", (draft.code for draft in drafts))
    chosen = select(Product.code, Product.id).join(keys, keys.c.code == Product.code)
    products = dict(session.execute(chosen).all())
    limits = schedule_three_limits(session, clock.today())
    rows: list[dict[str, Any]] = []
    for draft in drafts:
        decision = decide_schedule_three(_preparation(draft), limits)
        rows.append(
            {
                "product_id": products[draft.code],
                "number": draft.number,
                "valid_from": draft.valid_from,
                **draft.fields,
                "search_key": _search_key(draft),
                "schedule_three": decision.answer.value,
                "schedule_three_reason": json.dumps(
                    {"msgid": decision.reason.msgid, "params": dict(decision.reason.params)}, ensure_ascii=False
                ),
                "recorded_at": clock.now(),
                "recorded_by": actor.username,
            }
        )
    session.execute(insert(ProductRevision), rows)
    _write_components(session, drafts, products)


def _write_components(session: Session, drafts: Sequence[Draft], products: dict[str, int]) -> None:
    keys = wanted_ids(session, "drafted_revision", products.values())
    revision = ProductRevision
    found = session.execute(
        select(revision.product_id, revision.number, revision.id).join(keys, keys.c.id == revision.product_id)
    )
    ids = {(product, number): key for product, number, key in found}
    rows = [
        {
            "revision_id": ids[products[draft.code], draft.number],
            "substance_id": part.substance_id,
            "salt": part.salt,
            "amount_ng": part.amount_ng,
            "base_ppm": part.base_ppm,
            "factor_id": part.factor_id,
        }
        for draft in drafts
        for part in draft.components
    ]
    if rows:
        session.execute(insert(ProductComponent), rows)


def _preparation(draft: Draft) -> Preparation:
    parts = tuple(
        Part(part.substance_code, part.substance_name, part.treaty, Fraction(part.amount_ng * part.base_ppm, PPM))
        for part in draft.components
    )
    fields = draft.fields
    return Preparation(fields["form"], draft.unit, fields["control"], fields["other_ingredients"], parts)


def _search_key(draft: Draft) -> str:
    fields = draft.fields
    words = [draft.code, fields["name"], fields["name_ru"], fields["name_ky"], fields["gtin"]]
    words += [text for part in draft.components for text in (part.substance_code, part.substance_name)]
    return search_key(" ".join(words))
