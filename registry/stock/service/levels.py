"""Sites that change their level while they hold stock: the national stock follows, to the unit.

National stock is what the shelves of the wholesale level hold. So on every day
*national stock = sum of these shelves*, and three things must never break it:

* A site changes its level: what its shelves hold at the start of that day crosses the line, as
  consumption or out of it. Entries it had made by then on later days are counted by the new level.
* An entry from before such a day comes late: it changes what crossed, so its difference crosses too.
* An entry from before such a day is reversed after it: `domain.national.taken_back`.

What is posted for the first two are entries of the registry's own, of kind `LEVEL_CHANGE`: they
move no shelf, and are never changed or reversed, only followed by further ones.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.text import N_, Message
from registry.parties.domain import LevelChange, SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.domain.kinds import LEVEL_CHANGE, MOVEMENT_KINDS
from registry.stock.domain.lines import OWN_REFERENCE, Line
from registry.stock.domain.national import (
    Effect,
    crossing,
    difference,
    national_effect,
    taken_back,
    write_effect,
)
from registry.stock.queries.recorded import BatchFact
from registry.stock.queries.relevel import Touched, held_at_start, touched_since
from registry.stock.service.known import SITE_GATE
from registry.stock.service.settle import count_nationally
from registry.stock.service.shelves import DailyNets
from registry.stock.service.write import write_movements, write_posting
from registry.substances.queries.products import revisions_by_ids

LISTED_IN_AUDIT = 100


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """One entry the registry posts of itself: `units` of a batch on a shelf count for `effect` on a day. `corrects`: a reference."""

    site_id: int
    batch: BatchFact
    day: date
    units: int
    effect: Effect
    corrects: str | None = None


def crossed_later(nets: DailyNets, sites: Mapping[int, SiteFact], batches: Iterable[BatchFact]) -> list[OwnEntry]:
    """Return what must cross the line because `nets` change shelves before the day their site changed its level."""
    by_id = {batch.id: batch for batch in batches}
    found = []
    for (site_id, batch_id), days in sorted(nets.items()):
        for changed_on, level in sites[site_id].level_changes:
            units = sum(net for day, net in days.items() if day < changed_on)
            found.extend(_crossed(site_id, by_id[batch_id], changed_on, units if level.is_wholesale else -units))
    return found


def _crossed(site_id: int, batch: BatchFact, day: date, units: int) -> list[OwnEntry]:
    """Return the entry by which `units` come to the national stock (below zero: leave it); none for nothing."""
    return [OwnEntry(site_id, batch, day, abs(units), crossing(1 if units > 0 else -1))] if units else []


def own_lines(entries: Sequence[OwnEntry], posting_id: int) -> list[Line]:
    """Return the entries as lines of the posting `posting_id`, with references of the registry's own."""
    return [
        Line(
            0, f"{OWN_REFERENCE}{posting_id}:{number}", entry.day, LEVEL_CHANGE.code, entry.site_id,
            entry.batch.product_id, entry.batch.label, "", entry.units, 0, None, 0, write_effect(entry.effect),
            None, None, entry.corrects, None, None, None,
        )
        for number, entry in enumerate(entries, start=1)
    ]  # fmt: skip


def follow_levels(session: Session, actor: Actor, clock: Clock, changes: Sequence[LevelChange]) -> dict[int, Message]:
    """Post what a change of level brings about; return for each site, in a sentence, what that was.

    The same statements for one shelf and for thousands. Locks: sites, substances, positions, audit.
    """
    lock_gate(session, SITE_GATE, {change.after.id for change in changes})
    entries = _entries(session, changes)
    if not entries:
        return {change.after.id: _said(change, []) for change in changes}
    source = LEVEL_CHANGE.code
    digest = hashlib.sha256(repr(entries).encode()).hexdigest()
    posting_id = write_posting(session, actor, clock, source, digest, len(entries))
    lines = own_lines(entries, posting_id)
    batch_ids = {(entry.batch.product_id, entry.batch.label): entry.batch.id for entry in entries}
    write_movements(session, lines, batch_ids, {}, posting_id)
    revisions = revisions_by_ids(session, {entry.batch.revision_id for entry in entries}, clock.today())
    revision_of = {(entry.batch.product_id, entry.batch.label): revisions[entry.batch.revision_id] for entry in entries}
    count_nationally(session, clock, lines, revision_of)
    codes = [change.after.code for change in changes[:LISTED_IN_AUDIT]]
    record(
        session, actor, clock, "stock.follow_levels", f"posting {posting_id}", {"sites": codes, "entries": len(entries)}
    )
    references: dict[int, list[str]] = defaultdict(list)
    for line in lines:
        references[line.site_id].append(line.reference)
    return {change.after.id: _said(change, references.get(change.after.id, [])) for change in changes}


def _entries(session: Session, changes: Sequence[LevelChange]) -> list[OwnEntry]:
    steps = [(change.after.id, day, step) for change in changes for day, step in change.steps]
    held = held_at_start(session, steps)
    touched = touched_since(session, [(change.after.id, change.steps[0][0]) for change in changes])
    crossed = [entry for one in held for entry in _crossed(one.site_id, one.batch, one.day, one.units * one.step)]
    return [*crossed, *_counted_anew(session, changes, touched)]


def _counted_anew(session: Session, changes: Iterable[LevelChange], touched: Sequence[Touched]) -> list[OwnEntry]:
    """Return the corrections of entries that are of another level than they were judged by."""
    before = {change.before.id: change.before for change in changes}
    others = {one.counterparty_id for one in touched if one.counter_delta and one.counterparty_id is not None}
    others |= {one.site_id for one in touched}
    known = sites_by_ids(session, others - before.keys()) if others - before.keys() else {}
    after = known | {change.after.id: change.after for change in changes}
    found = []
    for one in touched:
        effect = difference(_counted(one, known | before), _counted(one, after))
        if effect:
            found.append(OwnEntry(one.site_id, one.batch, one.occurred_on, one.units, effect, one.reference))
    return found


def _counted(one: Touched, sites: Mapping[int, SiteFact]) -> Effect:
    """Return what an entry counts for, by the levels of `sites`."""
    if one.original_kind is None or one.original_on is None:
        return _judged(one, one.kind, one.occurred_on, sites)
    original = _judged(one, one.original_kind, one.original_on, sites)
    legs = ((one.site_id, one.site_delta), (one.counterparty_id, one.counter_delta))
    change = sum(delta for site, delta in legs if delta and site and sites[site].level_on(one.occurred_on).is_wholesale)
    return taken_back([original], change // one.units)


def _judged(one: Touched, kind_code: str, day: date, sites: Mapping[int, SiteFact]) -> Effect:
    kind = MOVEMENT_KINDS[kind_code]
    other = sites[one.counterparty_id] if kind.two_sided and one.counterparty_id is not None else None
    return national_effect(
        kind,
        wholesale=sites[one.site_id].level_on(day).is_wholesale,
        counter_wholesale=other.level_on(day).is_wholesale if other else None,
    )


def _said(change: LevelChange, references: Sequence[str]) -> Message:
    """Say what was posted about one site."""
    day, step = change.steps[0]
    if not references:
        return Message(N_("Nothing had to be posted: its shelves were empty"))
    said = {"day": day.isoformat(), "count": len(references), "reference": references[0]}
    if step > 0:
        return Message(
            N_(
                "From %(day)s its stock counts as national stock and no longer as consumed: entries posted: %(count)s, the first “%(reference)s”"
            ),
            said,
        )
    return Message(
        N_(
            "From %(day)s its stock counts as consumed and no longer as national stock: entries posted: %(count)s, the first “%(reference)s”"
        ),
        said,
    )
