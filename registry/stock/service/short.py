"""Shelves that would go below zero: the row that takes them there, what would fit, and which batches do lie there."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.stock.domain import rules
from registry.stock.domain.lines import Line
from registry.stock.domain.shortage import Shortage, shortage
from registry.stock.queries.held import batches_lying
from registry.stock.service.judge import Judge
from registry.stock.service.shelves import DailyNets, Held, Shelf, overdrawn, takers_of
from registry.substances.domain.facts import RevisionFact


def judge_shelves(
    session: Session,
    judge: Judge,
    lines: list[Line],
    batch_ids: dict[tuple[int, str], int],
    held: dict[Shelf, Held],
    nets: DailyNets,
) -> None:
    """Find every shelf that would go below zero, once, at the first row that takes it there."""
    faults = overdrawn(session, held, nets)
    if not faults:
        return
    takers = takers_of(lines, batch_ids, faults)
    shortages = [(shelf, shortage(takers[shelf], shelf[0], fault)) for shelf, fault in faults.items()]
    absent = [(shelf, short) for shelf, short in shortages if _is_absent(shelf, held[shelf], short)]
    lying = batches_lying(session, {(shelf[0], short.line.product_id) for shelf, short in absent}) if absent else {}
    products = {revisions[0].product_id: revisions[0] for revisions in judge.known.products.values()}
    missing = {shelf for shelf, _ in absent}
    for shelf, short in shortages:
        product = products[short.line.product_id]
        there = lying.get((shelf[0], product.product_id), ())
        message = _nothing_there(product, short, there) if shelf in missing else _lacks(product, short)
        judge.find(
            rules.BALANCE,
            message,
            short.line,
            observed=stated(short.line.units, product.unit),
            limit=stated(short.available, product.unit),
            unit=product.unit,
            largest_quantity=None if short.largest is None else stated(short.largest, product.unit),
        )


def _is_absent(shelf: Shelf, held: Held, short: Shortage) -> bool:
    """Say whether a line takes from its own shelf a batch of which nothing is there: a wrong batch, most often.

    What lies on another's shelf is not told.
    """
    return short.line.site_id == shelf[0] and not held.units and not short.available


def _lacks(product: RevisionFact, short: Shortage) -> Message:
    return Message(
        N_("on %(day)s the shelf would lack %(missing)s %(unit)s of %(product)s, batch “%(batch)s”"),
        {
            "day": short.fault.day.isoformat(),
            "missing": stated(short.fault.missing, product.unit),
            "unit": Message(UNIT_NAMES[Unit(product.unit)]),
            "product": product.code,
            "batch": short.line.label,
        },
    )


def _nothing_there(product: RevisionFact, short: Shortage, there: tuple[str, ...]) -> Message:
    said: Mapping[str, object] = {
        "product": product.code,
        "batch": short.line.label,
        "known": ", ".join(f"“{label}”" for label in there if label),
    }
    if not there:
        return Message(N_("there is nothing of %(product)s on this shelf, of batch “%(batch)s” or any other"), said)
    if not said["known"]:
        return Message(
            N_("batch “%(batch)s” of %(product)s is not on this shelf; what lies there has no batch number"), said
        )
    if not short.line.label:
        return Message(N_("what lies of %(product)s on this shelf has a batch number, name it: %(known)s"), said)
    return Message(N_("batch “%(batch)s” of %(product)s is not on this shelf; on it lie the batches %(known)s"), said)
