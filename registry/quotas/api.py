"""Quota lines for programs of the authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.kernel.errors import NotFound
from registry.kernel.fields import Column, as_substance, as_year, choice
from registry.kernel.mass import grams
from registry.kernel.text import N_, Message
from registry.parties.queries import main_sites
from registry.quotas.domain.kinds import QUOTA_KINDS
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.states import LineState
from registry.quotas.queries import lines_below
from registry.quotas.schemas import QuotaLineSchema
from registry.substances.queries.lists import substance_by_codes, substances_by_ids

READ = "quotas.read"
STATES = tuple(state.value for state in LineState)
YEAR = Column("year", as_year, required=False, note="calendar year")
SUBSTANCE = Column("substance", as_substance, required=False, note="code of the list, such as NM 009")
KIND = Column("kind", choice(QUOTA_KINDS), required=False, choices=tuple(QUOTA_KINDS))
STATE = Column("state", choice(STATES), required=False, choices=STATES, note="published: what everybody may know")

endpoints = Endpoints("quota_lines")


@endpoints.get("/quota-lines", READ, listed(QuotaLineSchema()), query=(YEAR, SUBSTANCE, KIND, STATE, *paging(int)))
def lines(call: Call) -> Listed[Mapping[str, object]]:
    """Every quota line, drafts and proposals among them, the one recorded last first."""
    below, size, code = call.query["cursor"], size_of(call.query), call.query["substance"]
    known = substance_by_codes(call.session, [code], call.today) if code else {}
    if code and code not in known:
        raise NotFound(Message(N_("there is no substance with the code “%(code)s”"), {"code": code}))
    found = lines_below(
        call.session,
        below and below[0],
        size + 1,
        year=call.query["year"],
        kind=call.query["kind"],
        state=call.query["state"],
        substance_id=known[code].id if code else None,
    )
    page = page_of(found, size, lambda line: (line.id,))
    return Listed(_bodies(call, page.items), page.next)


def _bodies(call: Call, found: Sequence[LineFact]) -> list[Mapping[str, object]]:
    names = substances_by_ids(call.session, {line.substance_id for line in found}, call.today)
    holders = main_sites(call.session, {line.organisation_id for line in found if line.organisation_id is not None})
    return [
        {
            "year": line.year,
            "substance": names[line.substance_id].code,
            "kind": line.kind,
            "item": line.item,
            "organisation": holders[line.organisation_id].organisation_code if line.organisation_id else None,
            "quantity_g": grams(line.quantity_ng),
            "state": line.state,
            "act": line.act,
            "act_date": line.act_date,
            "effective_on": line.effective_on,
            "note": line.note,
        }
        for line in found
    ]
