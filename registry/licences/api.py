"""Licences for programs; a firm reads its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.kernel.errors import NotFound
from registry.kernel.fields import Column, as_code, as_day, choice
from registry.kernel.mass import grams
from registry.kernel.text import N_, Message
from registry.licences.domain import ACTS, LicenceFact
from registry.licences.queries import licences_after, licences_by_numbers
from registry.licences.schemas import LicenceSchema
from registry.parties.queries import main_sites, organisations_by_codes, sites_by_ids

READ = "licences.read"
ORGANISATION = Column("organisation", as_code, required=False, note="code of the holder")
ACT = Column("act", choice(ACTS), required=False, choices=tuple(ACTS), note="only licences that name this act")
VALID_ON = Column("valid_on", as_day, required=False, note="only licences valid on this day")

endpoints = Endpoints("licences")


@endpoints.get("/licences", READ, listed(LicenceSchema()), query=(ORGANISATION, ACT, VALID_ON, *paging(str)))
def licences(call: Call) -> Listed[Mapping[str, object]]:
    """Every licence as its newest revision says, by number."""
    after, size, code = call.query["cursor"], size_of(call.query), call.query["organisation"]
    holder = call.scope(READ)
    if code is not None:
        asked = organisations_by_codes(call.session, [code]).get(code, 0)
        if holder not in (None, asked):
            raise NotFound(Message(N_("there is no organisation with the code %(code)s"), {"code": code}))
        holder = asked
    found = licences_after(
        call.session,
        after and after[0],
        size + 1,
        organisation_id=holder,
        act=call.query["act"],
        valid_on=call.query["valid_on"],
    )
    return page_of(licence_bodies(call, found), size, lambda body: (body["number"],))


@endpoints.get("/licences/<path:number>", READ, LicenceSchema())
def licence(call: Call, number: str) -> Mapping[str, object]:
    """One licence by its number."""
    revisions = licences_by_numbers(call.session, [number]).get(number)
    if not revisions or call.scope(READ) not in (None, revisions[-1].organisation_id):
        raise NotFound(Message(N_("there is no licence with the number %(number)s"), {"number": number}))
    return licence_bodies(call, revisions[-1:])[0]


def licence_bodies(call: Call, facts: Sequence[LicenceFact]) -> list[Mapping[str, object]]:
    """Return licences as their bodies are written; two statements, however many."""
    holders = main_sites(call.session, {fact.organisation_id for fact in facts})
    sites = sites_by_ids(call.session, {fact.site_id for fact in facts if fact.site_id is not None})
    return [
        {
            "number": fact.number,
            "organisation": holders[fact.organisation_id].organisation_code,
            "site": sites[fact.site_id].code if fact.site_id is not None else None,
            "acts": [act for act in ACTS if act in fact.acts],
            "substances": list(fact.scope),
            "valid_from": fact.valid_from,
            "valid_to": fact.valid_to,
            "authority": fact.authority,
            "limit_g": grams(fact.limit_ng) if fact.limit_ng is not None else None,
            "conditions": fact.conditions,
            "effective_on": fact.effective_on,
        }
        for fact in facts
    ]
