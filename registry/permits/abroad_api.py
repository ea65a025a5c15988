"""Other countries' estimates for programs."""

from __future__ import annotations

from collections.abc import Mapping

from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.kernel.fields import Column, as_country, as_year
from registry.kernel.mass import grams
from registry.permits.queries.abroad import estimates_below
from registry.permits.schemas import EstimateAbroadSchema

READ = "quotas.read"
COUNTRY = Column("country", as_country, required=False, note="ISO 3166, two letters")
YEAR = Column("year", as_year, required=False, note="calendar year")

endpoints = Endpoints("abroad")


@endpoints.get("/estimates-abroad", READ, listed(EstimateAbroadSchema()), query=(COUNTRY, YEAR, *paging(int)))
def estimates(call: Call) -> Listed[Mapping[str, object]]:
    """What other countries may import, as published, the figure recorded last first."""
    below, size = call.query["cursor"], size_of(call.query)
    found = estimates_below(
        call.session,
        call.today,
        below and below[0],
        size + 1,
        country=call.query["country"],
        year=call.query["year"],
    )
    page = page_of(found, size, lambda one: (one.id,))
    bodies = [
        {
            "country": one.country,
            "year": one.year,
            "substance": one.substance_code,
            "quantity_g": grams(one.quantity),
            "published_on": one.published_on,
            "source": one.source,
        }
        for one in page.items
    ]
    return Listed(bodies, page.next)
