"""Organisations and sites as records that may be merged; what this room and accounts know of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask import url_for
from sqlalchemy.orm import Session

from registry.accounts.queries import accounts_of
from registry.kernel.text import N_
from registry.mergers.domain import SITE, Asked, Hanging, Trait
from registry.mergers.kinds import Mergeable
from registry.mergers.queries import survivors_of
from registry.parties.domain import ORGANISATION_KINDS, SiteFact
from registry.parties.queries import sites_by_codes, sites_of
from registry.web.locale import current_language, say

SITES, ACCOUNTS = N_("Further sites"), N_("Accounts")
MERGE_SITES = N_("Merge each of them into a site of the organisation that stays.")
MOVE_ACCOUNTS = N_("Give them the organisation that stays, or disable them.")


def describe(session: Session, codes: Collection[str], today: date) -> dict[str, list[Trait]]:
    """Return of each site the fields by which people recognise it."""
    return {code: _traits(site, today) for code, site in sites_by_codes(session, codes).items()}


def _traits(site: SiteFact, today: date) -> list[Trait]:
    now = site.on(today)
    return [
        Trait(N_("Name"), now.name_in(current_language())),
        Trait(N_("Kind"), say(ORGANISATION_KINDS[now.kind].name)),
        Trait(N_("Organisation"), site.organisation_code),
        Trait(N_("Registration number"), now.registration_number or ""),
        Trait(N_("Region"), now.region or ""),
        Trait(N_("Address"), now.address or ""),
    ]


def of_site(session: Session, asked: Asked) -> list[Hanging]:
    """Return the further sites of an organisation that stand for themselves, and its accounts."""
    site = sites_by_codes(session, [asked.code]).get(asked.code)
    if site is None or not site.is_main or asked.since is not None:
        return []
    further = [each.code for each in sites_of(session, site.organisation_id) if not each.is_main]
    left = len(further) - len(survivors_of(session, SITE, further))
    people = [one for one in accounts_of(session, site.organisation_id) if one.active]
    return [
        Hanging(SITES, left, url_for("parties.organisation", code=asked.code), MERGE_SITES),
        Hanging(ACCOUNTS, len(people), url_for("accounts.accounts"), MOVE_ACCOUNTS),
    ]


MERGEABLE = Mergeable(
    SITE, N_("Organisation or site"), describe, lambda code: url_for("parties.organisation", code=code)
)
