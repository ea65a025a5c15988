"""A count opened, its sheets, its withdrawal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.queries import is_same_person
from registry.audit.service import record
from registry.counts.domain.counts import FIRST, CountFact, Course, Key, Round
from registry.counts.domain.rules import TWO_PEOPLE
from registry.counts.models import CountFigure, CountSheet, CountWithdrawal, StockCount
from registry.counts.queries.book import shelves_on
from registry.counts.queries.courses import counts_on, course_of
from registry.counts.service.rounds import advance, open_rounds
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleRefused
from registry.kernel.persons import require_nobody_named
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.service.known import lock_sites

POST, READ = "stock.post", "stock.lines.read"
NO_COUNT = Message(N_("there is no such count"))
TO_COME = Message(N_("this day has not come yet"))
PASSED = Message(N_("this round is over: somebody entered the last sheet meanwhile"))
OTHER_PERSON = Message(N_("you have counted in this round already: another person enters the second sheet"))
EMPTY = Message(N_("write what you found, 0 where nothing lies there"))
NOT_ASKED = Message(N_("this round asks for its own lines only"))
NO_WAY_BACK = Message(N_("this count is compared with the book already: it stays"))
NO_REASON = Message(N_("say why"))
LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class CountAsked:
    """A count as somebody opens it: the site, the freeze line, the products, None for everything that lies there."""

    site: SiteFact
    frozen_on: date
    product_ids: Sequence[int] | None = None


def open_count(session: Session, actor: Actor, clock: Clock, asked: CountAsked) -> CountFact:
    """Open a count: what the book knows at the site at the close of the freeze day is asked for, without its figures.

    Raises `Forbidden`, `Invalid` for a day that has not come.
    """
    policy.require(actor, POST, asked.site.organisation_id)
    if asked.frozen_on > clock.today():
        raise Invalid(TO_COME, [Problem("frozen_on", "in-the-future", TO_COME)])
    lock_sites(session, [asked.site.id])
    lines = shelves_on(session, asked.site.id, asked.frozen_on, asked.product_ids)
    (fact,) = new_counts(session, actor, clock, [(asked.site, asked.frozen_on)])
    open_rounds(session, clock, [(fact, 1, FIRST, lines)])
    detail = {"frozen_on": asked.frozen_on.isoformat(), "lines": len(lines)}
    record(session, actor, clock, "counts.open", f"count {fact.reference}", detail)
    return fact


def new_counts(
    session: Session, actor: Actor, clock: Clock, wanted: Sequence[tuple[SiteFact, date]]
) -> list[CountFact]:
    """Give counts their numbers, one after the other for each site and day; their sites are locked. Two statements."""
    taken = counts_on(session, [(site.id, day) for site, day in wanted])
    facts = []
    for site, day in wanted:
        number = taken[site.id, day] = taken.get((site.id, day), 0) + 1
        reference = f"{site.code[:LONGEST_CODE]}-{day:%Y%m%d}-C{number}"
        facts.append(CountFact(0, reference, site.id, day, clock.now(), actor.username))
    told = ("reference", "site_id", "frozen_on", "opened_at", "opened_by")
    rows = [{name: getattr(fact, name) for name in told} for fact in facts]
    made = session.execute(insert(StockCount).returning(StockCount.reference, StockCount.id), rows)
    ids: dict[str, int] = dict(made.all())
    return [replace(fact, id=ids[fact.reference]) for fact in facts]


def seen_by(session: Session, actor: Actor, count_id: int, action: str = READ) -> tuple[Course, SiteFact]:
    """Return a count and its site. Raises `NotFound` for what is none, and for those of others alike."""
    course = course_of(session, count_id)
    site = sites_by_ids(session, [course.fact.site_id])[course.fact.site_id] if course is not None else None
    if course is None or site is None or policy.scope(actor, action) not in (None, site.organisation_id):
        raise NotFound(NO_COUNT)
    return course, site


def locked(session: Session, actor: Actor, count_id: int) -> tuple[Course, SiteFact]:
    """Return a count that nobody else touches until the transaction ends, as `seen_by` does for who posts."""
    _, site = seen_by(session, actor, count_id, POST)
    lock_sites(session, [site.id])
    return seen_by(session, actor, count_id, POST)


def enter_sheet(
    session: Session, actor: Actor, clock: Clock, count_id: int, number: int, figures: Mapping[Key, int]
) -> Course:
    """Keep the sheet of one person in a round, units of account by line; the second one takes the count to its next step.

    Raises `NotFound`, `Conflict` for a round that is over, `RuleRefused` (CNT-01) for whoever entered
    the first sheet, `Invalid` for a line that is missing.
    """
    course, _ = locked(session, actor, count_id)
    waiting = course.waits
    if waiting is None or waiting.number != number:
        raise Conflict(PASSED)
    if has_counted(session, waiting, actor):
        raise RuleRefused(OTHER_PERSON, [Finding(TWO_PEOPLE, OTHER_PERSON, TWO_PEOPLE.severity)])
    if not figures.keys() >= set(waiting.asked):
        raise Invalid(EMPTY, [Problem("quantity", "missing", EMPTY)])
    if number > 1 and not figures.keys() <= set(waiting.asked):
        raise Invalid(NOT_ASKED, [Problem("product", "not-asked", NOT_ASKED)])
    place = len(waiting.sheets) + 1
    write_sheets(session, actor, clock, [(count_id, number, place, actor.username, figures)])
    detail = {"round": number, "lines": len(figures)}
    record(session, actor, clock, "counts.enter", f"count {course.fact.reference}", detail)
    course, _ = seen_by(session, actor, count_id, POST)
    advance(session, clock, [course])
    return course


def has_counted(session: Session, waiting: Round, actor: Actor) -> bool:
    """Say whether this person has entered a sheet of the round already, under any account."""
    return any(is_same_person(session, sheet.counter, actor.username) for sheet in waiting.sheets)


SheetRow = tuple[int, int, int, str, Mapping[Key, int]]
"""Count id, round, place on it, who counted, the figures."""


def write_sheets(session: Session, actor: Actor, clock: Clock, sheets: Sequence[SheetRow]) -> None:
    """Append sheets with their figures; two statements at most."""
    stamp = {"entered_at": clock.now(), "entered_by": actor.username}
    heads = [
        {"count_id": count_id, "number": number, "place": place, "counter": counter} | stamp
        for count_id, number, place, counter, _ in sheets
    ]
    session.connection().execute(insert(CountSheet), heads)
    figures = [
        {"count_id": count_id, "number": number, "place": place, "product_id": product, "label": label, "units": units}
        for count_id, number, place, _, found in sheets
        for (product, label), units in found.items()
    ]
    if figures:
        session.connection().execute(insert(CountFigure), figures)


def withdraw_count(session: Session, actor: Actor, clock: Clock, count_id: int, reason: str) -> None:
    """End a count that was opened by mistake, before it is compared with the book. Raises `Conflict` later, `Invalid` without a reason."""
    course, _ = locked(session, actor, count_id)
    if not reason.strip():
        raise Invalid(NO_REASON, [Problem("reason", "missing", NO_REASON)])
    require_nobody_named("reason", reason)
    if course.results or course.fact.withdrawn is not None:
        raise Conflict(NO_WAY_BACK)
    values = {
        "count_id": count_id,
        "reason": reason.strip(),
        "withdrawn_at": clock.now(),
        "withdrawn_by": actor.username,
    }
    session.connection().execute(insert(CountWithdrawal), [values])
    record(session, actor, clock, "counts.withdraw", f"count {course.fact.reference}", {"reason": reason.strip()})
