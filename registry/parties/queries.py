"""Reading organisations, sites and authorities abroad: rows -> facts, one statement however many are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.domain import Recipient
from registry.accounts.queries import recipients_of as people_recipients
from registry.db import remembered_each
from registry.kernel.codes import nearest, search_key
from registry.kernel.text import N_, Message
from registry.parties.domain import EVERY_SUBJECT, AuthorityFact, SiteFact, SiteRevisionFact, responsible
from registry.parties.models import CompetentAuthority, Organisation, Site, SiteRevision
from registry.substances.queries.base import LIKE_ESCAPE, containing, wanted_codes, wanted_ids

MOST_SUGGESTED_FOR = 50
"""Different unknown codes of one file that get near matches; a file of wrong codes needs no more."""

OFFERED = 3
CONTACT_LANGUAGE = "ru"
"""The language of letters to a contact address that states none."""

_REVISION = (
    SiteRevision.effective_on,
    SiteRevision.kind,
    SiteRevision.name,
    SiteRevision.name_ru,
    SiteRevision.name_ky,
    SiteRevision.region,
    SiteRevision.address,
    SiteRevision.registration_number,
    SiteRevision.valid_from,
    SiteRevision.valid_to,
    SiteRevision.distance_selling,
)


def sites_by_codes(session: Session, codes: Iterable[str]) -> dict[str, SiteFact]:
    """Return sites by code with all their revisions; unknown codes are missing. One statement.

    The code of an organisation is that of its main site, so either may be asked for.
    """
    keys = wanted_codes(session, "wanted_site", codes)
    return {fact.code: fact for fact in _facts(session, _sites().join(keys, keys.c.code == Site.code))}


def sites_by_ids(session: Session, ids: Iterable[int]) -> dict[int, SiteFact]:
    """Return sites by id with all their revisions; unknown ids are missing. One statement."""
    keys = wanted_ids(session, "wanted_site", ids)
    return {fact.id: fact for fact in _facts(session, _sites().join(keys, keys.c.id == Site.id))}


def every_site(session: Session) -> list[SiteFact]:
    """Return all sites with all their revisions, by code. One statement."""
    return _facts(session, _sites())


def sites_of(session: Session, organisation_id: int) -> list[SiteFact]:
    """Return the sites of one organisation, the main one first."""
    found = _facts(session, _sites().where(Site.organisation_id == organisation_id))
    return sorted(found, key=lambda fact: (not fact.is_main, fact.code))


def main_sites(session: Session, organisation_ids: Iterable[int]) -> dict[int, SiteFact]:
    """Return the main site, which names the organisation, by organisation id. One statement."""
    keys = wanted_ids(session, "wanted_organisation", organisation_ids)
    chosen = _sites().join(keys, keys.c.id == Site.organisation_id).where(Site.is_main)
    return {fact.organisation_id: fact for fact in _facts(session, chosen)}


def organisation_codes(session: Session, organisation_ids: Iterable[int]) -> dict[int, str]:
    """Return the codes of organisations by id, which never change: asked once in a transaction. One statement."""

    def find(missing: set[int]) -> dict[int, str]:
        keys = wanted_ids(session, "wanted_organisation", missing)
        chosen = select(Organisation.id, Organisation.code).join(keys, keys.c.id == Organisation.id)
        return dict(session.execute(chosen).all())

    return remembered_each(session, "organisation codes", organisation_ids, find)


def organisations_by_codes(session: Session, codes: Iterable[str]) -> dict[str, int]:
    """Return the ids of organisations by code; codes of further sites are not organisations. One statement."""
    keys = wanted_codes(session, "wanted_organisation", codes)
    chosen = select(Organisation.code, Organisation.id).join(keys, keys.c.code == Organisation.code)
    return dict(session.execute(chosen).all())


@dataclass(frozen=True, slots=True)
class FoundSites:
    """One page of a list of sites; `total` counts all that match."""

    sites: list[SiteFact]
    total: int


def find_sites(
    session: Session,
    text: str = "",
    kind: str | None = None,
    *,
    organisation_id: int | None = None,
    region: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> FoundSites:
    """Return sites whose code or any name in the newest revision holds `text`, by code.

    `organisation_id` narrows the list to what a firm may see. Two statements.
    """
    newest = (
        select(SiteRevision.site_id, func.max(SiteRevision.number).label("number"))
        .group_by(SiteRevision.site_id)
        .subquery()
    )
    matching = (
        select(Site.id)
        .join(newest, newest.c.site_id == Site.id)
        .join(SiteRevision, (SiteRevision.site_id == Site.id) & (SiteRevision.number == newest.c.number))
    )
    if text.strip():
        matching = matching.where(SiteRevision.search_key.like(containing(text), escape=LIKE_ESCAPE))
    if kind is not None:
        matching = matching.where(SiteRevision.kind == kind)
    if organisation_id is not None:
        matching = matching.where(Site.organisation_id == organisation_id)
    if region is not None:
        matching = matching.where(SiteRevision.region == region)
    total = session.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    chosen = matching.order_by(Site.code).limit(limit).offset(offset).subquery()
    return FoundSites(_facts(session, _sites().join(chosen, chosen.c.id == Site.id)), total)


def sites_after(
    session: Session,
    after: str | None,
    limit: int,
    *,
    organisation_id: int | None = None,
    kind: str | None = None,
    main_only: bool = False,
) -> list[SiteFact]:
    """Return the sites behind the code `after`, by code: of one organisation, of one kind, main sites only. One statement."""
    newest = (
        select(SiteRevision.site_id, func.max(SiteRevision.number).label("number"))
        .group_by(SiteRevision.site_id)
        .subquery()
    )
    matching = (
        select(Site.id)
        .join(newest, newest.c.site_id == Site.id)
        .join(SiteRevision, (SiteRevision.site_id == Site.id) & (SiteRevision.number == newest.c.number))
    )
    if after is not None:
        matching = matching.where(Site.code > after)
    if organisation_id is not None:
        matching = matching.where(Site.organisation_id == organisation_id)
    if kind is not None:
        matching = matching.where(SiteRevision.kind == kind)
    if main_only:
        matching = matching.where(Site.is_main)
    chosen = matching.order_by(Site.code).limit(limit).subquery()
    return _facts(session, _sites().join(chosen, chosen.c.id == Site.id))


def regions(session: Session) -> list[str]:
    """Return the regions that any site names, in order; one statement."""
    chosen = select(SiteRevision.region).where(SiteRevision.region.is_not(None)).distinct()
    return sorted(region for region in session.scalars(chosen) if region)


def recorded_moments(session: Session, codes: Iterable[str]) -> dict[str, datetime]:
    """Return when sites were first recorded, by code. One statement."""
    keys = wanted_codes(session, "wanted_site", codes)
    first = (SiteRevision.site_id == Site.id) & (SiteRevision.number == 1)
    chosen = select(Site.code, SiteRevision.recorded_at).join(SiteRevision, first)
    return dict(session.execute(chosen.join(keys, keys.c.code == Site.code)).all())


def near_codes(session: Session, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for unknown `codes` the recorded codes most like each; only the first 50 get any. One statement."""
    wrong = sorted(set(codes))
    if not wrong:
        return {}
    known = {search_key(code): code for code in session.scalars(select(Site.code))}
    near: dict[str, tuple[str, ...]] = {}
    for code in wrong[:MOST_SUGGESTED_FOR]:
        near[code] = nearest(code, known, OFFERED)
    return near


def unknown_organisation(session: Session, code: str) -> Message:
    """Return what to say of a code that no organisation bears, with the codes of organisations most like it."""
    near = organisations_by_codes(session, near_codes(session, [code]).get(code, ()))
    if near:
        msgid = N_("there is no organisation with the code “%(code)s”. Near to it: %(near)s")
        return Message(msgid, {"code": code, "near": ", ".join(sorted(near))})
    return Message(N_("there is no organisation with the code “%(code)s”"), {"code": code})


def _sites() -> Select[Any]:
    chosen: Any = select(
        Site.id, Site.code, Site.organisation_id, Organisation.code.label("organisation"), Site.is_main, *_REVISION
    )
    return (  # type: ignore[no-any-return]  # more columns than the stubs spell out
        chosen.select_from(Site)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .join(SiteRevision, SiteRevision.site_id == Site.id)
        .order_by(Site.code, SiteRevision.number)
    )


def _facts(session: Session, chosen: Select[Any]) -> list[SiteFact]:
    """Return one fact for each site of `chosen`, whose rows come by site and revision."""
    facts = []
    for (number, code, organisation_id, organisation_code, is_main), rows in groupby(
        session.execute(chosen), key=lambda row: tuple(row[:5])
    ):
        revisions = tuple(SiteRevisionFact(*row[5:]) for row in rows)
        facts.append(SiteFact(number, code, organisation_id, organisation_code, is_main, revisions))
    return facts


def contact_of(session: Session, organisation_id: int) -> tuple[str | None, str | None]:
    """Return the contact address of an organisation and the language letters to it are in."""
    row = session.execute(
        select(Organisation.email, Organisation.email_language).where(Organisation.id == organisation_id)
    ).first()
    return (row.email, row.email_language) if row else (None, None)


def recipients_of_organisations(session: Session, organisation_ids: Iterable[int]) -> dict[int, list[Recipient]]:
    """Return organisation id -> who reads letters to it: its people with an address, and its contact; two statements.

    An address stands once, in the language of the person who has it. No address: no entry.
    """
    wanted = set(organisation_ids)
    found: dict[int, dict[str, Recipient]] = {}
    for person in people_recipients(session, wanted):
        if person.organisation_id is not None:
            found.setdefault(person.organisation_id, {}).setdefault(person.address, person)
    contacts = select(Organisation.id, Organisation.code, Organisation.email, Organisation.email_language).where(
        Organisation.id.in_(wanted), Organisation.email.is_not(None)
    )
    for number, code, address, language in session.execute(contacts):
        if address is None:
            continue
        contact = Recipient(address, language or CONTACT_LANGUAGE, code, number)
        found.setdefault(number, {}).setdefault(address, contact)
    return {number: list(readers.values()) for number, readers in found.items()}


_AUTHORITY: tuple[InstrumentedAttribute[Any], ...] = tuple(
    getattr(CompetentAuthority, name) for name in AuthorityFact.__dataclass_fields__
)


def authority_of(session: Session, country: str, day: date, subject: str = EVERY_SUBJECT) -> AuthorityFact | None:
    """Return the authority that answers in `country` on `day` for `subject`, see `domain.responsible`. One statement."""
    return responsible(authorities_on(session, [country], day), country, subject)


def authorities_on(session: Session, countries: Iterable[str], day: date) -> dict[tuple[str, str], AuthorityFact]:
    """Return the authorities in force on `day`, by country and subject. One statement."""
    return {(one.country, one.subject): one for one in authorities_of(session, countries) if one.valid_from <= day}


def authorities_of(session: Session, countries: Iterable[str]) -> list[AuthorityFact]:
    """Return every row of these countries, of each subject the oldest first. One statement."""
    keys = wanted_codes(session, "wanted_country", countries)
    chosen = (
        select(*_AUTHORITY)
        .join(keys, keys.c.code == CompetentAuthority.country)
        .order_by(CompetentAuthority.country, CompetentAuthority.subject, CompetentAuthority.valid_from)
    )
    return [AuthorityFact(*row) for row in session.execute(chosen)]


def find_authorities(
    session: Session, day: date, text: str = "", country: str | None = None, *, limit: int = 50, offset: int = 0
) -> tuple[list[AuthorityFact], int]:
    """Return the authorities in force on `day` whose name or address holds `text`, by country, and how many. Two statements."""
    matching = _in_force(day, country)
    if text.strip():
        matching = matching.where(CompetentAuthority.search_key.like(containing(text), escape=LIKE_ESCAPE))
    total = session.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    return [AuthorityFact(*row) for row in session.execute(matching.limit(limit).offset(offset))], total


def authorities_after(
    session: Session, day: date, after: tuple[str, str] | None, limit: int, country: str | None = None
) -> list[AuthorityFact]:
    """Return the authorities in force on `day` behind country and subject `after`; one statement."""
    matching = _in_force(day, country)
    if after is not None:
        matching = matching.where(tuple_(CompetentAuthority.country, CompetentAuthority.subject) > tuple_(*after))
    return [AuthorityFact(*row) for row in session.execute(matching.limit(limit))]


def _in_force(day: date, country: str | None) -> Select[Any]:
    newest = (
        select(
            CompetentAuthority.country, CompetentAuthority.subject, func.max(CompetentAuthority.valid_from).label("day")
        )
        .where(CompetentAuthority.valid_from <= day)
        .group_by(CompetentAuthority.country, CompetentAuthority.subject)
        .subquery()
    )
    chosen = (
        select(*_AUTHORITY)
        .join(
            newest,
            (newest.c.country == CompetentAuthority.country)
            & (newest.c.subject == CompetentAuthority.subject)
            & (newest.c.day == CompetentAuthority.valid_from),
        )
        .order_by(CompetentAuthority.country, CompetentAuthority.subject)
    )
    return chosen if country is None else chosen.where(CompetentAuthority.country == country)


def authority_countries(session: Session) -> list[str]:
    """Return the countries of which an authority is recorded; one statement."""
    return sorted(session.scalars(select(CompetentAuthority.country).distinct()))
