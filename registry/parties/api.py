"""Organisations, sites and authorities abroad for programs; a firm reads its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.kernel.errors import NotFound
from registry.kernel.fields import Column, as_code, as_country, choice
from registry.kernel.text import N_, Message
from registry.mergers.domain import SITE
from registry.mergers.queries import survivors_of
from registry.parties.domain import ORGANISATION_KINDS, SiteFact
from registry.parties.queries import authorities_after, organisations_by_codes, sites_after, sites_of
from registry.parties.schemas import AuthoritySchema, OrganisationSchema, SiteSchema

READ, AUTHORITIES = "parties.read", "authorities.read"
KIND = Column("kind", choice(ORGANISATION_KINDS), required=False, choices=tuple(ORGANISATION_KINDS))
COUNTRY = Column("country", as_country, required=False, note="ISO 3166, two letters")
ORGANISATION = Column("organisation", as_code, required=False, note="code of an organisation")

endpoints = Endpoints("parties")


@endpoints.get("/organisations", READ, listed(SiteSchema()), query=(KIND, *paging(str)))
def organisations(call: Call) -> Listed[Mapping[str, object]]:
    """Every organisation, by code, told by its main site."""
    return _page(call, call.scope(READ), main_only=True)


@endpoints.get("/organisations/<path:code>", READ, OrganisationSchema())
def organisation(call: Call, code: str) -> Mapping[str, object]:
    """One organisation by its code, with all its sites."""
    found = _in_scope(call, code)
    sites = _bodies(call, sites_of(call.session, found))
    return {**sites[0], "sites": sites}


@endpoints.get("/sites", READ, listed(SiteSchema()), query=(ORGANISATION, KIND, *paging(str)))
def sites(call: Call) -> Listed[Mapping[str, object]]:
    """Every site, by code."""
    code = call.query["organisation"]
    holder = call.scope(READ) if code is None else _in_scope(call, code)
    return _page(call, holder, main_only=False)


@endpoints.get("/authorities", AUTHORITIES, listed(AuthoritySchema()), query=(COUNTRY, *paging(str, str)))
def authorities(call: Call) -> Listed[Mapping[str, object]]:
    """Who answers in other countries today, by country and subject."""
    size = size_of(call.query)
    found = authorities_after(call.session, call.today, call.query["cursor"], size + 1, call.query["country"])
    return page_of([asdict(one) for one in found], size, lambda body: (body["country"], body["subject"]))


def _in_scope(call: Call, code: str) -> int:
    """Return the id of the organisation `code`; an unknown one and one outside the caller's rights are both not found."""
    found = organisations_by_codes(call.session, [code]).get(code)
    if found is None or call.scope(READ) not in (None, found):
        raise NotFound(Message(N_("there is no organisation with the code %(code)s"), {"code": code}))
    return found


def _page(call: Call, holder: int | None, *, main_only: bool) -> Listed[Mapping[str, object]]:
    after, size = call.query["cursor"], size_of(call.query)
    found = sites_after(
        call.session,
        after and after[0],
        size + 1,
        organisation_id=holder,
        kind=call.query["kind"],
        main_only=main_only,
    )
    return page_of(_bodies(call, found), size, lambda body: (body["code"],))


def _bodies(call: Call, sites: Sequence[SiteFact]) -> list[Mapping[str, object]]:
    merged = survivors_of(call.session, SITE, [site.code for site in sites])
    return [site_body(call, site, merged.get(site.code)) for site in sites]


def site_body(call: Call, site: SiteFact, merged_into: str | None) -> Mapping[str, object]:
    """Return a site as its body is written, as of today."""
    now = site.on(call.today)
    return {
        "code": site.code,
        "organisation": site.organisation_code,
        "is_main": site.is_main,
        "kind": now.kind,
        "level": now.level.value,
        "name": now.name,
        "name_ru": now.name_ru,
        "name_ky": now.name_ky,
        "region": now.region,
        "address": now.address,
        "registration_number": now.registration_number,
        "distance_selling": now.distance_selling,
        "valid_from": now.valid_from,
        "valid_to": now.valid_to,
        "merged_into": merged_into,
    }
