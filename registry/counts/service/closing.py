"""A case closed: with its cause, after a second count, and by an entry of the ledger where the book is still wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.counts.domain.causes import CAUSES, Cause, fits
from registry.counts.domain.counts import SECOND, Book, Course, Outcome, Result
from registry.counts.models import CountClosing
from registry.counts.queries.book import books
from registry.counts.service.counting import locked
from registry.intake.check import check_table
from registry.intake.reader import Table
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock, day_of
from registry.kernel.errors import Conflict, Invalid, Problem, RuleRefused
from registry.kernel.mass import stated
from registry.kernel.persons import require_nobody_named
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.stock.domain.kinds import MovementKind
from registry.stock.domain.lines import COLUMNS
from registry.stock.service import post
from registry.substances.domain.facts import revision_on
from registry.substances.queries.products import revisions_of_products

NO_CASE = Message(N_("there is no open case on this line: somebody may have closed it meanwhile"))
COUNT_AGAIN = Message(N_("it is counted a second time first, by two people"))
NOT_THIS_CAUSE = Message(N_("this cause does not fit what was found: choose one that does"))
NO_WORDS = Message(N_("say what was found out"))
WRONG_DAY = N_("a day from the freeze line (%(day)s) until today")
NOT_POSTED = Message(N_("the ledger refuses the entry: nothing was closed"))


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """How somebody closes a case. `occurred_on`: the day of the entry that makes the book right."""

    cause: str
    explanation: str
    occurred_on: date


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a case by now, in units of account: found in the end, and what is left of the difference.

    `again`: the second count, None while it is under way or where none is asked for.
    """

    book: Book
    found: int
    again: int | None
    left: int


def found_of(session: Session, clock: Clock, course: Course, result: Result) -> Found:
    """Return what a case comes to now: the book as it is known by now, the second count before the first one. One statement.

    The second count is compared with the book at the close of the day it was entered on; a figure that the shelf
    had at any moment since the freeze line leaves nothing to explain.
    """
    line = (course.fact.id, *result.key)
    book = books(session, [line]).get(line, Book())
    again = course.counted_again().get(result.key)
    if again is None:
        return Found(book, result.counted, None, _left(result.counted, book, course.fact.frozen_on))
    rounds = [each for each in course.rounds if each.part == SECOND and each.whole and result.key in each.agreed]
    entered = max(sheet.entered_at for sheet in rounds[-1].sheets)
    return Found(book, again, again, _left(again, book, day_of(entered, clock.zone)))


def _left(found: int, book: Book, day: date) -> int:
    if found == book.units or book.explains(found):
        return 0
    return found - book.units - sum(change for each, change in book.later if each <= day)


def open_case(course: Course, place: int) -> Result:
    """Return an open case of a count. Raises `Conflict` where there is none."""
    for each in course.open_cases:
        if each.place == place:
            return each
    raise Conflict(NO_CASE)


def close_case(
    session: Session, actor: Actor, clock: Clock, count_id: int, place: int, asked: CaseClosed
) -> str | None:
    """Close a case; return the reference of the entry that was posted, None where the book is right.

    Raises `NotFound`, `Conflict` where no such case is open or it waits for its second count, `Invalid`,
    and whatever the ledger says to the entry.
    """
    course, site = locked(session, actor, count_id)
    result = open_case(course, place)
    facts = found_of(session, clock, course, result)
    if result.outcome is Outcome.DIFFERS and facts.again is None:
        raise Conflict(COUNT_AGAIN)
    cause = _checked(course, result, facts, asked, clock.today())
    entry = None
    if cause.posts is not None:
        entry = f"{course.fact.reference}-{place}"
        document = {"reference": entry, "document": course.fact.reference, "note": asked.explanation.strip()}
        cells = _movement(session, clock, site, result, cause.posts, facts.left, asked.occurred_on) | document
        _post(session, actor, clock, cells, f"count {course.fact.reference}")
    values = {
        "count_id": count_id,
        "place": place,
        "cause": cause.code,
        "explanation": asked.explanation.strip(),
        "entry": entry,
        "closed_at": clock.now(),
        "closed_by": actor.username,
    }
    session.connection().execute(insert(CountClosing), [values])
    detail = {"line": place, "cause": cause.code, "entry": entry}
    record(session, actor, clock, "counts.close", f"count {course.fact.reference}", detail)
    return entry


def _checked(course: Course, result: Result, facts: Found, asked: CaseClosed, today: date) -> Cause:
    """Return the cause. Raises `Invalid` with everything that is wrong."""
    problems = []
    cause = CAUSES.get(asked.cause)
    if cause is None or not fits(cause, facts.left, natural=result.outcome is Outcome.NATURAL):
        problems.append(Problem("cause", "does-not-fit", NOT_THIS_CAUSE))
    if not asked.explanation.strip():
        problems.append(Problem("explanation", "missing", NO_WORDS))
    if not course.fact.frozen_on <= asked.occurred_on <= today:
        said = Message(WRONG_DAY, {"day": course.fact.frozen_on.isoformat()})
        problems.append(Problem("occurred_on", "not-that-day", said))
    if problems or cause is None:
        raise Invalid(problems[0].message, problems)
    require_nobody_named("explanation", asked.explanation)
    return cause


def _movement(
    session: Session,
    clock: Clock,
    site: SiteFact,
    result: Result,
    kind: MovementKind,
    left: int,
    occurred_on: date,
) -> dict[str, str]:
    """Return the cells of the entry that takes what is left of a difference into the book."""
    product, label = result.key
    revision = revision_on(revisions_of_products(session, [product], clock.today())[product], occurred_on)
    return {
        "occurred_on": occurred_on.isoformat(),
        "kind": kind.code,
        "site": site.code,
        "product": revision.code,
        "quantity": stated(abs(left), revision.unit),
        "batch": label,
    }


def _post(session: Session, actor: Actor, clock: Clock, cells: Mapping[str, str], source: str) -> None:
    """Post one entry as a file would report it. Raises `Invalid` or `RuleRefused` with what the ledger says."""
    names = tuple(column.name for column in COLUMNS)
    checked = check_table(Table(names, [[cells.get(name, "") for name in names]], [1]), COLUMNS)
    report = post(session, actor, clock, checked, source)
    if report.problems:
        raise Invalid(NOT_POSTED, [replace(problem, row=None) for problem in report.problems])
    if report.refused:
        raise RuleRefused(NOT_POSTED, report.findings)
