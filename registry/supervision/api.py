"""The quota position for programs, in the shape of the contract (section 4)."""

from __future__ import annotations

from collections.abc import Mapping

from registry.api.endpoints import Call, Endpoints
from registry.kernel.fields import Column, as_day, as_substance, as_year
from registry.quotas.domain.position import as_json
from registry.supervision.queries.positions import positions_on
from registry.supervision.schemas import PositionsSchema

YEAR = Column("year", as_year)
SUBSTANCE = Column("substance", as_substance, required=False, note="code of one substance")
AS_OF = Column(
    "as_of",
    as_day,
    required=False,
    note="another day than the usual one, which is today or the last day of a past year",
)

endpoints = Endpoints("quotas")


@endpoints.get("/quota-positions", "quotas.read", PositionsSchema(), query=(YEAR, SUBSTANCE, AS_OF))
def positions(call: Call) -> Mapping[str, object]:
    """The position of every substance of a year, or of one."""
    year, asked = call.query["year"], call.query["as_of"]
    found = positions_on(call.session, call.clock, year, asked, call.query["substance"])
    return {"year": year, "positions": [as_json(position, one.code, one.name) for one, position in found]}
