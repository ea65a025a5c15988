"""What the pages of journals share: whose sites, which site and product are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, request
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import current_actor
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.errors import NotFound
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes, sites_of
from registry.substances.domain.facts import RevisionFact
from registry.web.locale import current_language, format_quantity

blueprint = Blueprint("journals", __name__, template_folder="../templates", url_prefix="/journals")

READ, READ_LINES = "stock.read", "stock.lines.read"


def rows() -> Session:
    """Return the database session of this request."""
    return db.session()


def today() -> date:
    """Return the day of this request."""
    return current_clock().today()


def own_sites(action: str) -> list[SiteFact] | None:
    """Return the sites the reader is narrowed to, the main one first; None for people of the authority, who see all."""
    organisation_id = policy.scope(current_actor(), action)
    return None if organisation_id is None else sites_of(rows(), organisation_id)


def asked_site(own: Sequence[SiteFact] | None) -> SiteFact | None:
    """Return the site asked for, the first of the own ones where none is. Raises `NotFound`, also for sites of others."""
    code = request.args.get("site", "").strip()
    if not code:
        return own[0] if own else None
    known = {site.code: site for site in own} if own is not None else sites_by_codes(rows(), [code])
    if code not in known:
        raise NotFound(Message(N_("there is no site or organisation with the code “%(code)s”"), {"code": code[:64]}))
    return known[code]


def site_name(site: SiteFact) -> str:
    """Return code and name of a site in the reader's language."""
    return f"{site.code} {site.name_in(current_language(), today())}"


def in_unit(units: int, revision: RevisionFact) -> str:
    """Write units of account in the unit of the product, exactly."""
    return format_quantity(stated(units, revision.unit), UNIT_NAMES[Unit(revision.unit)])
