"""Set days for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.kernel.fields import Column, as_year
from registry.workdays.queries import set_days
from registry.workdays.schemas import SetDaySchema

READ = "workdays.read"

endpoints = Endpoints("workdays")


@endpoints.get(
    "/working-days",
    READ,
    listed(SetDaySchema()),
    query=(Column("year", as_year, required=False, note="calendar year"), *paging(date)),
)
def days(call: Call) -> Listed[Mapping[str, object]]:
    """The public holidays and shifted working days, in the order of the calendar; other days follow the week."""
    after, size = call.query["cursor"], size_of(call.query)
    found = [one for one in set_days(call.session, call.query["year"]) if after is None or one.day > after[0]]
    page = page_of(found[: size + 1], size, lambda one: (one.day,))
    bodies = [{"day": one.day, "kind": one.sort, "name": one.name, "act": one.act} for one in page.items]
    return Listed(bodies, page.next)
