"""People who count at the wholesaler of the example country, and short words for what they do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.accounts import service as accounts
from registry.accounts.queries import actor_named
from registry.counts.domain.counts import Course, Key
from registry.counts.queries.courses import course_of
from registry.counts.service.closing import CaseClosed, close_case
from registry.counts.service.counting import CountAsked, enter_sheet, open_count
from registry.db import unit_of_work
from registry.intake.check import Report
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import FixedClock
from registry.parties.queries import sites_by_codes
from registry.stock.queries.held import shelf_units
from registry.substances.queries.products import revisions_for_products
from tests.world import BISHKEK, CLOCK, table_of, take_in

COLUMNS = "reference,site,counted_on,product,batch,quantity,counted_by,witness"
FREEZE = date(2024, 6, 30)


def at(day: date, hour: int = 9) -> FixedClock:
    """Return a clock on a day."""
    return FixedClock(datetime(day.year, day.month, day.day, hour, tzinfo=BISHKEK), BISHKEK)


def hired(session: Session, *usernames: str, code: str = "E-WHO", role: str = "wholesaler") -> list[Actor]:
    """Give people of one firm an account each; return them as they act."""
    organisation = sites_by_codes(session, [code])[code].organisation_id
    with unit_of_work(session):
        for name in usernames:
            one = accounts.NewAccount(
                name, name.title(), frozenset({role}), organisation, language="en", password="long enough for all"
            )
            accounts.create_account(session, SYSTEM, CLOCK, one)
    return [actor_named(session, name) for name in usernames]


def product_id(session: Session, code: str = "MOR10") -> int:
    """Return the id of a product."""
    return revisions_for_products(session, [code], FREEZE)[code][0].product_id


def opened(session: Session, actor: Actor, clock: FixedClock, day: date = FREEZE, *codes: str) -> int:
    """Open a count at the wholesaler; return its id."""
    site = sites_by_codes(session, ["E-WHO"])["E-WHO"]
    products = [product_id(session, code) for code in codes] if codes else None
    with unit_of_work(session):
        return open_count(session, actor, clock, CountAsked(site, day, products)).id


def sheet(
    session: Session, actor: Actor, clock: FixedClock, count_id: int, figures: Mapping[Key, int], number: int = 1
) -> Course:
    """Enter a sheet; return the count as it stands then."""
    with unit_of_work(session):
        enter_sheet(session, actor, clock, count_id, number, figures)
    return course(session, count_id)


def course(session: Session, count_id: int) -> Course:
    """Return a count."""
    found = course_of(session, count_id)
    assert found is not None
    return found


def closed(
    session: Session,
    actor: Actor,
    clock: FixedClock,
    count_id: int,
    cause: str,
    place: int = 1,
    day: date | None = None,
) -> str | None:
    """Close a case; return the entry it led to."""
    with unit_of_work(session):
        asked = CaseClosed(cause, "as found out", day or clock.today())
        return close_case(session, actor, clock, count_id, place, asked)


def reported(session: Session, *rows: str, actor: Actor = SYSTEM, clock: FixedClock = CLOCK) -> Report:
    """Take in a file of counts."""
    return take_in(session, "counts", table_of(COLUMNS, *rows), actor, clock)


def lying(session: Session, code: str = "E-WHO", product: str = "MOR10", label: str = "A1") -> int:
    """Return what the book says lies on one shelf now."""
    return shelf_units(session, sites_by_codes(session, [code])[code].id, product_id(session, product), label)
