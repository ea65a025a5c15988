"""The page of set days: one year, and whether a list is missing."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.text import N_
from registry.web.locale import format_day, format_moment, say
from registry.workdays.domain import DAY_SORTS, missing_years
from registry.workdays.queries import set_days

blueprint = Blueprint("workdays", __name__, template_folder="templates")

READ, SEND = "workdays.read", "files.import.holidays"
YEAR_DIGITS = 4
COLUMNS = (
    {"label": N_("Day")},
    {"label": N_("Sort")},
    {"label": N_("Name")},
    {"label": N_("Act")},
    {"label": N_("Recorded")},
)


@blueprint.get("/working-days")
@asks(READ)
def workdays() -> str:
    """List the public holidays and shifted working days of one year, this one unless another is asked for."""
    session, today = db.session(), current_clock().today()
    found = set_days(session)
    listed = sorted({each.day.year for each in found} | {today.year})
    typed = request.args.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == YEAR_DIGITS else today.year
    shown = [each for each in found if each.day.year == year]
    people = people_named(session, {each.recorded_by for each in shown})
    return render_template(
        "workdays/list.html",
        year=year,
        years=[(each, url_for("workdays.workdays", year=each)) for each in listed],
        missing=missing_years({each.day.year for each in found}, today),
        columns=COLUMNS,
        rows=[
            [
                format_day(each.day),
                say(DAY_SORTS[each.sort].name),
                each.name,
                each.act,
                f"{format_moment(each.recorded_at)}, {people[each.recorded_by]}",
            ]
            for each in shown
        ],
        sends=policy.holds(current_actor(), SEND),
    )
