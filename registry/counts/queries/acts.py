"""Acts of destruction, and what an act says on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from registry.counts.domain.acts import GROUNDS, INSTITUTIONS, METHODS, ROLES, Act, Goods, Signature
from registry.counts.models import (
    DestructionAct,
    DestructionDone,
    DestructionLine,
    DestructionSignature,
    DestructionWithdrawal,
)
from registry.documents.domain import DESTRUCTION_ACT, Amount, Content, Listing, Section, Value
from registry.documents.queries import Source
from registry.documents.telling import name_of, product_name, quantity, substance_codes, told
from registry.kernel.mass import NG_PER_G
from registry.kernel.text import N_, Message
from registry.parties.queries import sites_by_ids
from registry.settings import Settings
from registry.stock.domain.kinds import DESTROY
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.base import wanted_ids
from registry.substances.queries.products import revisions_of_products

AnySelect = Select[*tuple[Any, ...]]


def acts(session: Session, ids: Iterable[int]) -> dict[int, Act]:
    """Return acts by id, goods in units of account; three statements, however many."""
    keys = wanted_ids(session, "wanted_act", ids)
    head: AnySelect = (
        select(
            DestructionAct.id,
            DestructionAct.site_id,
            DestructionAct.destroyed_on,
            DestructionAct.venue,
            DestructionAct.ground,
            DestructionAct.method,
            DestructionAct.note,
            DestructionAct.drafted_at,
            DestructionAct.drafted_by,
            DestructionDone.number,
            DestructionWithdrawal.reason,
        )
        .join(keys, keys.c.id == DestructionAct.id)
        .outerjoin(DestructionDone, DestructionDone.act_id == DestructionAct.id)
        .outerjoin(DestructionWithdrawal, DestructionWithdrawal.act_id == DestructionAct.id)
    )
    goods: dict[int, list[Goods]] = defaultdict(list)
    line = DestructionLine.__table__
    lines = line.select().join(keys, keys.c.id == line.c.act_id).order_by(line.c.product_id, line.c.label)
    for row in session.execute(lines):
        goods[row.act_id].append(Goods(row.product_id, row.label, int(row.units)))
    signatures: dict[int, list[Signature]] = defaultdict(list)
    signed = DestructionSignature.__table__
    for row in session.execute(
        signed.select().join(keys, keys.c.id == signed.c.act_id).order_by(signed.c.signed_at, signed.c.role)
    ):
        signatures[row.act_id].append(Signature(*row[1:]))
    return {
        row.id: replace(Act(*row), goods=tuple(goods[row.id]), signatures=tuple(signatures[row.id]))
        for row in session.execute(head)
    }


def act_ids(session: Session, site_ids: Sequence[int] | None, limit: int, offset: int) -> tuple[list[int], int]:
    """Return one page of acts of the sites, of any where None, the youngest first, and how many there are; two statements."""
    query: Select[int] = select(DestructionAct.id)
    if site_ids is not None:
        query = query.where(DestructionAct.site_id.in_(site_ids))
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return list(session.scalars(query.order_by(DestructionAct.id.desc()).limit(limit).offset(offset))), int(total)


def act_paper(session: Session, number: str, settings: Settings) -> Source | None:
    """Return what the paper of an act says, None where no act bears the number."""
    found = session.scalar(select(DestructionDone.act_id).where(DestructionDone.number == number))
    if found is None:
        return None
    act = acts(session, [found])[found]
    site = sites_by_ids(session, [act.site_id])[act.site_id]
    who = site.on(act.destroyed_on)
    products = revisions_of_products(session, {one.product_id for one in act.goods}, act.destroyed_on)
    revisions = {number: revision_on(each, act.destroyed_on) for number, each in products.items()}
    signed = [
        (
            Message(ROLES[one.role]),
            one.name,
            one.position,
            Message(INSTITUTIONS[one.institution]),
            one.signed_at.astimezone(settings.zone).date(),
        )
        for one in sorted(act.signatures, key=lambda one: list(ROLES).index(one.role))
    ]
    content = Content(
        kind=DESTRUCTION_ACT.code,
        subject=number,
        title=DESTRUCTION_ACT.name,
        authority=settings.authority,
        parts=(
            Section(
                N_("Identity"),
                told(
                    (N_("Number"), number),
                    (N_("Day of the destruction"), act.destroyed_on),
                    (N_("Place"), act.venue),
                    (N_("Site"), name_of(who)),
                    (N_("Code"), site.code),
                    (N_("Address"), who.address),
                    (N_("Ground"), Message(GROUNDS[act.ground])),
                    (N_("Method"), Message(METHODS[act.method])),
                    (N_("Note"), act.note),
                ),
            ),
            Listing(N_("Goods"), GOODS, (32, 14, 16, 22, 16), _goods(act, revisions)),
            Listing(N_("Signatures"), SIGNED, (22, 26, 22, 18, 12), signed),
        ),
        substances=substance_codes(revisions.values()),
    )
    return Source(content, site.organisation_id)


GOODS = (N_("Product"), N_("Batch"), N_("Quantity"), N_("Substance"), N_("As anhydrous base"))
SIGNED = (N_("Role"), N_("Name"), N_("Position"), N_("Institution"), N_("Day"))


def _goods(act: Act, revisions: dict[int, RevisionFact]) -> list[tuple[Value, ...]]:
    """Return a row for every substance of every batch."""
    rows: list[tuple[Value, ...]] = []
    for one in act.goods:
        revision = revisions[one.product_id]
        begins = (product_name(revision), one.label, quantity(revision, one.units))
        parts: list[tuple[Value, ...]] = [
            (
                f"{part.substance_name} · {part.substance_code}",
                Amount(one.units * part.base_ng_per_unit / NG_PER_G, N_("g")),
            )
            for part in revision.components
        ]
        rows.extend((*begins, *part) for part in (parts or [("", "")]))
    return rows


def destroyed_without_act(session: Session) -> list[tuple[str, int]]:
    """Return (reference, site id) of the destructions in the ledger that rest on no act; one statement.

    What was recorded before losses were told in notices is not asked for.
    """
    rows = session.execute(
        text(
            "SELECT m.reference, m.site_id FROM movement m LEFT JOIN destruction_done d ON d.number = m.document"
            " LEFT JOIN movement r ON r.reverses_id = m.id WHERE m.kind = :kind AND d.act_id IS NULL AND r.id IS NULL"
            " AND m.id > (SELECT MAX(movement_id) FROM loss_notice_start) ORDER BY m.id"
        ),
        {"kind": DESTROY.code},
    )
    return [(row[0], row[1]) for row in rows]
