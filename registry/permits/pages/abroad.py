"""The page of other countries' estimates: what is published of each, with day and source."""

from __future__ import annotations

from flask import Blueprint, render_template
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.codes import COUNTRIES, substance_code
from registry.kernel.mass import NG_PER_G
from registry.kernel.text import N_
from registry.permits.queries.abroad import find_estimates
from registry.substances.queries import substance_by_codes
from registry.web.locale import country_name, format_day, format_moment, format_quantity, say
from registry.web.page_forms import QueryForm
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("abroad", __name__, template_folder="../templates")

READ, SEND = "quotas.read", "files.import.foreign_estimates"
YEAR_DIGITS = 4
NONE_SUCH = 0
"""The id of no substance."""
COLUMNS = (
    {"label": N_("Country")},
    {"label": N_("Substance")},
    {"label": N_("Year")},
    {"label": N_("Estimate or assessment"), "kind": "number"},
    {"label": N_("Published on")},
    {"label": N_("Source")},
    {"label": N_("Recorded")},
)


class AbroadFilter(QueryForm):
    """Which estimates to list."""

    country = SelectField(N_("Country"), choices=[], validate_choice=False)
    substance = StringField(N_("Code of the substance"))
    year = StringField(N_("Year"))


@blueprint.get("/estimates-abroad")
@asks(READ)
def estimates() -> str:
    """List what is published, by country, substance and year; of one figure the last published first: that one counts."""
    session, today, form = db.session(), current_clock().today(), AbroadFilter.asked()
    countries = sorted((country_name(code), code) for code in COUNTRIES)
    form.country.choices = [SelectChoice("", N_("all")), *(SelectChoice(code, name) for name, code in countries)]
    code, year = substance_code(form.word("substance")), form.word("year")
    known = substance_by_codes(session, [code], today) if code else {}
    number, size = asked_page(), asked_size()
    found, total = find_estimates(
        session,
        today,
        country=form.word("country") or None,
        substance_id=(known[code].id if code in known else NONE_SUCH) if code else None,
        year=int(year) if year.isascii() and year.isdigit() and len(year) == YEAR_DIGITS else None,
        limit=size,
        offset=offset(number, size),
    )
    people = people_named(session, {each.recorded_by for each in found})
    return render_template(
        "permits/abroad.html",
        form=form,
        columns=COLUMNS,
        rows=[
            [
                country_name(each.country),
                f"{each.substance_code} {say(each.substance_name)}",
                each.year,
                format_quantity(each.quantity / NG_PER_G, N_("g")),
                format_day(each.published_on),
                each.source,
                f"{format_moment(each.recorded_at)}, {people[each.recorded_by]}",
            ]
            for each in found
        ],
        page=Page(found, number, size, total),
        sends=policy.holds(current_actor(), SEND),
    )
