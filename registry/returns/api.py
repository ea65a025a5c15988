"""Returns for programs, in the shape of the contract (section 3)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app

from forms.figures import as_json
from registry.accounts.sessions import settings_of
from registry.api.endpoints import Call, Endpoints
from registry.kernel.fields import Column, as_day, as_year, choice
from registry.kernel.period import Period
from registry.returns.schemas import ReturnSchema
from registry.returns.service.make import make_return
from registry.web.locale import translate

QUARTERS = ("1", "2", "3", "4")
YEAR = Column("year", as_year)
QUARTER = Column("quarter", choice(QUARTERS), required=False, choices=QUARTERS, note="for the quarterly forms")
AS_OF = Column("as_of", as_day, required=False, note="as known at the end of this day; now unless told")

endpoints = Endpoints("returns")


@endpoints.get("/returns/<form>", "returns.read", ReturnSchema(), query=(YEAR, QUARTER, AS_OF))
def made(call: Call, form: str) -> Mapping[str, object]:
    """The draft of a return from the ledger; `form` is A, B, C, AP, BP, P or D."""
    quarter = call.query["quarter"]
    period = Period(call.query["year"], int(quarter) if quarter else None)
    settings = settings_of(current_app._get_current_object())  # type: ignore[attr-defined]
    draft = make_return(call.session, call.clock, settings, form.upper(), period, call.query["as_of"])
    return as_json(draft, translate)
