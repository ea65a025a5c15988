"""Opening a year: what it takes over is written down once; what is looked through at its turn is ticked, by whom and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.accounts.policy import require_holds
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.quotas.domain.estimates import Piece
from registry.quotas.domain.turn import NOTHING, TURN_ITEMS, TakenOver, opening_moved, taken_over
from registry.quotas.models import YearOpening, YearOpeningLine, YearTick
from registry.quotas.queries import controlled, ledger_until, lines_until
from registry.substances.domain.facts import SubstanceFact, Treaty

TURN = "quotas.turn"
NOT_BEGUN = N_("%(year)s is opened from its 1 January on: the stock of that day is not known before")
OPENED = N_("%(year)s was opened already")
LONGEST = 2000

Taken = Mapping[int, tuple[SubstanceFact, TakenOver]]


@dataclass(frozen=True, slots=True)
class OpeningFact:
    """A year as it was opened: `lines` by substance id."""

    year: int
    opened_by: str
    opened_at: datetime
    lines: Mapping[int, TakenOver]


@dataclass(frozen=True, slots=True)
class TickFact:
    """Whether an item was looked through, as last said."""

    item: str
    done: bool
    note: str | None
    ticked_by: str
    ticked_at: datetime


def takes_over(session: Session, day: date, year: int) -> Taken:
    """Return what `year` takes over of every narcotic drug as the ledger stands now, by name; constant statements."""
    lines, ledger = lines_until(session, year), ledger_until(session, year)
    found = {
        fact.id: (fact, taken_over(year, lines.get(fact.id, ()), ledger.get(fact.id, {})))
        for fact in controlled(session, day)
        if fact.treaty == Treaty.NARCOTIC and (fact.id in ledger or fact.id in lines)
    }
    return {number: pair for number, pair in found.items() if not pair[1].is_empty}


def openings(session: Session, years: tuple[int, ...]) -> dict[int, OpeningFact]:
    """Return the years among these that were opened; two statements."""
    heads = session.execute(select(YearOpening).where(YearOpening.year.in_(years))).scalars().all()
    found: dict[int, dict[int, TakenOver]] = {head.year: {} for head in heads}
    years_of = {head.id: head.year for head in heads}
    for line in session.scalars(select(YearOpeningLine).where(YearOpeningLine.opening_id.in_(sorted(years_of)))):
        pieces = tuple(Piece(label, Fraction(amount)) for label, amount in json.loads(line.pieces))
        taken = TakenOver(Fraction(line.stock), Fraction(line.excess), pieces)
        found[years_of[line.opening_id]][line.substance_id] = taken
    return {head.year: OpeningFact(head.year, head.opened_by, head.opened_at, found[head.year]) for head in heads}


def ticks(session: Session, year: int) -> dict[str, TickFact]:
    """Return what was last said of each item of a year; one statement."""
    rows = session.scalars(select(YearTick).where(YearTick.year == year).order_by(YearTick.id))
    return {row.item: TickFact(row.item, row.done, row.note, row.ticked_by, row.ticked_at) for row in rows}


def open_year(session: Session, actor: Actor, clock: Clock, year: int) -> int:
    """Write down what `year` takes over as it stands now; return of how many substances.

    Raises `Conflict` before its 1 January and for a year that was opened.
    """
    require_holds(actor, TURN)
    if clock.today() < date(year, 1, 1):
        raise Conflict(Message(NOT_BEGUN, {"year": year}))
    if openings(session, (year,)):
        raise Conflict(Message(OPENED, {"year": year}))
    taken = takes_over(session, clock.today(), year)
    opening = session.execute(
        insert(YearOpening).values(year=year, opened_by=actor.username, opened_at=clock.now()).returning(YearOpening.id)
    ).scalar_one()
    if taken:
        rows = [
            {
                "opening_id": opening,
                "substance_id": number,
                "stock": str(each.stock),
                "excess": str(each.excess),
                "pieces": json.dumps([(piece.label, str(piece.quantity)) for piece in each.pieces]),
            }
            for number, (_, each) in taken.items()
        ]
        session.connection().execute(insert(YearOpeningLine), rows)
    record(session, actor, clock, "quotas.open_year", f"quotas of {year}", {"substances": len(taken)})
    return len(taken)


def tick(session: Session, actor: Actor, clock: Clock, year: int, item: str, note: str, *, done: bool) -> None:
    """Say of one item that it was looked through, or that it was not after all; nothing said before is lost."""
    require_holds(actor, TURN)
    if item not in TURN_ITEMS:
        raise NotFound(Message(N_("there is no such item")))
    if len(note) > LONGEST:
        message = Message(N_("the text is longer than %(most)s characters"), {"most": LONGEST})
        raise Invalid(message, [Problem("note", "too-long", message)])
    session.execute(
        insert(YearTick).values(
            year=year,
            item=item,
            done=done,
            note=note.strip() or None,
            ticked_by=actor.username,
            ticked_at=clock.now(),
        )
    )
    record(session, actor, clock, "quotas.tick", f"turn of {year}", {"item": item, "done": done})


def moved_openings(session: Session, clock: Clock) -> list[Finding]:
    """Return what late postings have changed of this year and the last since they were opened."""
    today = clock.today()
    parameters = parameters_on(session, today)
    found: list[Finding | None] = []
    for year, opening in openings(session, (today.year - 1, today.year)).items():
        now = takes_over(session, today, year)
        facts = {fact.id: fact for fact in controlled(session, today)}
        for number in sorted(now.keys() | opening.lines.keys()):
            before, after = opening.lines.get(number, NOTHING), now[number][1] if number in now else NOTHING
            if number in facts:
                found.append(opening_moved(facts[number], year, before, after, parameters))
    return [finding for finding in found if finding is not None]
