"""The turn of a year: what is still open, what the new year takes over, who has looked through what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import Forbidden, RegistryError
from registry.kernel.text import N_
from registry.quotas.domain.turn import NOTHING, TURN_ITEMS, TakenOver, TurnItem
from registry.quotas.service import turn as service
from registry.substances.domain.facts import SubstanceFact
from registry.supervision.pages.blueprint import link, positions_blueprint, rows
from registry.supervision.queries.turn import open_items
from registry.web.forms import PageForm
from registry.web.page_forms import UNREADABLE, show_refusal

READ, TURN = "quotas.read", service.TURN
Answer = Response | str | tuple[str, int]
FIRST_MONTH_AHEAD = 7
"""From this month on the end of the present year is looked at, before it that of the last."""


class TickForm(PageForm):
    """One item looked through, or not after all."""

    item = StringField(N_("Item"))
    done = BooleanField(N_("Looked through"))
    note = StringField(N_("Note"), [Length(max=service.LONGEST)])


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look through, as shown."""

    item: TurnItem
    count: int
    href: str | None
    tick: service.TickFact | None


@dataclass(frozen=True, slots=True)
class Row:
    """What the new year takes over of one substance, now and as it was opened; None before it is."""

    fact: SubstanceFact
    now: TakenOver
    opened: TakenOver | None

    @property
    def moved(self) -> Fraction:
        """Return by how much late postings have moved the stock of 1 January."""
        return self.now.stock - self.opened.stock if self.opened else Fraction(0)

    @property
    def excess_moved(self) -> Fraction:
        """Return by how much they have moved the excess."""
        return self.now.excess - self.opened.excess if self.opened else Fraction(0)


@positions_blueprint.get("/turn")
@asks(READ)
def turn_now() -> Response:
    """Lead to the turn that is at hand."""
    today = current_clock().today()
    year = today.year if today.month >= FIRST_MONTH_AHEAD else today.year - 1
    return redirect(url_for("positions.turn", year=year), 303)


@positions_blueprint.get("/turn/<int(min=1961, max=2099):year>")
@asks(READ)
def turn(year: int) -> str:
    """Show what is still open of a year and what the next one takes over."""
    return _page(year, TickForm())


@positions_blueprint.post("/turn/<int(min=1961, max=2099):year>/tick")
@asks(TURN)
def tick(year: int) -> Answer:
    """Say that one item was looked through."""
    form = TickForm()

    def take() -> None:
        item, note = str(form.item.data or ""), str(form.note.data or "")
        with unit_of_work(rows()) as session:
            service.tick(session, current_actor(), current_clock(), year, item, note, done=bool(form.done.data))

    return _done(year, form, take)


@positions_blueprint.post("/turn/<int(min=1961, max=2099):year>/open")
@asks(TURN)
def open_next(year: int) -> Answer:
    """Open the year that follows: what it takes over is written down."""

    def take() -> None:
        with unit_of_work(rows()) as session:
            service.open_year(session, current_actor(), current_clock(), year + 1)

    return _done(year, TickForm(), take)


def _done(year: int, form: TickForm, take: Callable[[], None]) -> Answer:
    if not form.validate_on_submit():
        return _page(year, form), UNREADABLE
    try:
        take()
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, TURN, f"turn of {year}")
        show_refusal(form, error)
        return _page(year, form), UNREADABLE
    return redirect(url_for("positions.turn", year=year), 303)


def _page(year: int, form: TickForm) -> str:
    session, clock = rows(), current_clock()
    counts, said = open_items(session, clock, year), service.ticks(session, year)
    opening = service.openings(session, (year + 1,)).get(year + 1)
    names = {tick.ticked_by for tick in said.values()} | ({opening.opened_by} if opening else set())
    return render_template(
        "supervision/turn.html",
        year=year,
        form=form,
        items=[_item(item, counts[item.code], year, said) for item in TURN_ITEMS.values()],
        rows=_rows(service.takes_over(session, clock.today(), year + 1), opening),
        opening=opening,
        people=people_named(session, names),
        may_turn=policy.holds(current_actor(), TURN),
        has_begun=clock.today().year > year,
    )


def _item(item: TurnItem, count: int, year: int, said: Mapping[str, service.TickFact]) -> Item:
    return Item(item, count, link(item.path.format(year=year, next=year + 1)), said.get(item.code))


def _rows(taken: service.Taken, opening: service.OpeningFact | None) -> list[Row]:
    return [
        Row(fact, now, opening.lines.get(number, NOTHING) if opening else None) for number, (fact, now) in taken.items()
    ]
