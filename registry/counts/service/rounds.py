"""What follows a sheet: lines asked again, the comparison with the book, the second count. For many counts at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.counts.domain.counts import (
    FIRST,
    SECOND,
    Book,
    CountFact,
    Course,
    Key,
    Outcome,
    agreed_in,
    compared,
)
from registry.counts.domain.parameters import CASE_DAYS
from registry.counts.domain.rules import DIFFERENCE
from registry.counts.models import CountLine, CountResult, CountRound
from registry.counts.queries.book import Wanted, books, issued, norms
from registry.flags.service import raise_flags
from registry.kernel.clock import Clock
from registry.kernel.mass import PPM
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import sites_by_ids
from registry.workdays.queries import working_days

NewRound = tuple[CountFact, int, int, Sequence[Key]]
"""A count, the number of its next round, the part it belongs to, the lines it asks for."""
FOUND = N_("the count %(reference)s finds otherwise than the book: lines %(count)s")


def open_rounds(session: Session, clock: Clock, rounds: Sequence[NewRound]) -> None:
    """Ask for the lines of new rounds; two statements at most."""
    if not rounds:
        return
    heads = [
        {"count_id": fact.id, "number": number, "part": part, "opened_at": clock.now()}
        for fact, number, part, _ in rounds
    ]
    session.connection().execute(insert(CountRound), heads)
    lines = [
        {"count_id": fact.id, "number": number, "product_id": product, "label": label, "row_reference": None}
        for fact, number, _, asked in rounds
        for product, label in asked
    ]
    if lines:
        session.connection().execute(insert(CountLine), lines)


def advance(session: Session, clock: Clock, courses: Iterable[Course]) -> list[Finding]:
    """Take counts whose last round is whole to their next step; return what the comparison found, flagged already.

    A constant number of statements, however many counts and lines.
    """
    fresh: list[NewRound] = []
    done: list[Course] = []
    for course in courses:
        last = course.rounds[-1]
        if not last.whole:
            continue
        if last.differing:
            fresh.append((course.fact, last.number + 1, last.part, last.differing))
        elif last.part == FIRST:
            done.append(course)
    cases, findings = _compare(session, clock, done)
    fresh.extend(cases)
    open_rounds(session, clock, fresh)
    return findings


def _compare(session: Session, clock: Clock, courses: Sequence[Course]) -> tuple[list[NewRound], list[Finding]]:
    """Write the results of counts that are agreed on; return the second rounds and the findings."""
    if not courses:
        return [], []
    counted = {course.fact.id: agreed_in(course.rounds, FIRST) for course in courses}
    wanted = [(number, *key) for number, figures in counted.items() for key in figures]
    known = books(session, wanted)
    allowed = _norms(session, {course.fact.id: course.fact.frozen_on for course in courses}, wanted)
    today = parameters_on(session, clock.today())
    due_on = working_days(session).last_of(clock.today(), today.number(CASE_DAYS))
    rows, rounds, findings = [], list[NewRound](), list[Finding]()
    sites = sites_by_ids(session, {course.fact.site_id for course in courses})
    for course in courses:
        fact, again = course.fact, list[Key]()
        for place, key in enumerate(sorted(counted[fact.id]), 1):
            book, figure = known.get((fact.id, *key), Book()), counted[fact.id][key]
            outcome = compared(figure, book, allowed.get((fact.id, *key), 0))
            if outcome is Outcome.DIFFERS:
                again.append(key)
            rows.append(_row(fact.id, place, key, figure, book, outcome, due_on))
        if again:
            rounds.append((fact, course.rounds[-1].number + 1, SECOND, again))
            findings.append(
                Finding(
                    DIFFERENCE,
                    Message(FOUND, {"reference": fact.reference, "count": len(again)}),
                    today.reported(DIFFERENCE),
                    observed=str(len(again)),
                    limit="0",
                    subject=f"count {fact.reference}",
                    organisation_id=sites[fact.site_id].organisation_id,
                )
            )
    if rows:
        session.connection().execute(insert(CountResult), rows)
    raise_flags(session, clock, findings)
    return rounds, findings


def _row(
    count_id: int, place: int, key: Key, counted: int, book: Book, outcome: Outcome, due_on: date
) -> dict[str, object]:
    return {
        "count_id": count_id,
        "place": place,
        "product_id": key[0],
        "label": key[1],
        "counted": counted,
        "book": book.units,
        "outcome": outcome.value,
        "due_on": due_on if outcome is Outcome.DIFFERS else None,
    }


def _norms(session: Session, frozen: Mapping[int, date], wanted: Sequence[Wanted]) -> dict[Wanted, int]:
    """Return the natural loss allowed of each line, in units of account: none where no norm is set."""
    known = norms(session, {product for _, product, _ in wanted})
    shares = {
        line: max((each for each in known[line[1]] if each[0] <= frozen[line[0]]), default=(None, 0))[1]
        for line in wanted
        if line[1] in known
    }
    gone = issued(session, shares) if shares else {}
    return {line: gone.get(line, 0) * share // PPM for line, share in shares.items()}
