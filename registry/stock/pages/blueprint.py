"""What the pages of the ledger share: whose sites, how a quantity is written, what a product is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from flask import Blueprint, current_app
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

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
from registry.web.locale import current_language, format_grams, format_quantity, say

blueprint = Blueprint("stock", __name__, template_folder="../templates", url_prefix="/stock")

READ = "stock.read"
READ_LINES = "stock.lines.read"
POST = "stock.post"
NO_SITE = N_("there is no site or organisation with the code “%(code)s”")


def rows() -> Session:
    """Return the database session of this request."""
    return db.session()


def today() -> date:
    """Return the day of this request."""
    return current_clock().today()


def may(action: str) -> bool:
    """Say whether the reader holds `action`, for links that lead there."""
    return policy.holds(current_actor(), action)


def own_sites(action: str) -> list[SiteFact] | None:
    """Return the sites the reader is narrowed to, the main one first; None for people of the authority, who see all."""
    organisation_id = policy.scope(current_actor(), action)
    return None if organisation_id is None else sites_of(rows(), organisation_id)


def site_named(code: str, own: Sequence[SiteFact] | None) -> SiteFact:
    """Return the site `code` if the reader may see it.

    Raises `NotFound` for an unknown code and for the site of another organisation alike: a firm
    does not learn which codes exist.
    """
    known = {site.code: site for site in own} if own is not None else sites_by_codes(rows(), [code])
    if code not in known:
        raise NotFound(Message(NO_SITE, {"code": code[:64]}))
    return known[code]


def site_name(site: SiteFact) -> str:
    """Return the name of a site in the reader's language, as of today."""
    return site.name_in(current_language(), today())


def product_name(revision: RevisionFact) -> str:
    """Return the name of a product in the reader's language."""
    return {"ru": revision.name_ru, "ky": revision.name_ky}.get(current_language()) or revision.name


def unit_name(revision: RevisionFact) -> str:
    """Return the unit of a product, a msgid."""
    return UNIT_NAMES[Unit(revision.unit)]


def in_unit(units: int, revision: RevisionFact) -> str:
    """Write units of account in the unit of the product, exactly."""
    return format_quantity(stated(units, revision.unit), unit_name(revision))


def in_base(amounts: Iterable[tuple[int, RevisionFact]]) -> list[str]:
    """Write what units of products hold of each substance, in exact grams of anhydrous base: ``morphine 1,5 g``."""
    return [f"{say(name)} {format_grams(mass)}" for name, mass in base_of(amounts).items()]


def base_of(amounts: Iterable[tuple[int, RevisionFact]]) -> Mapping[str, Fraction]:
    """Return substance name -> exact nanograms of base that units of products hold together."""
    held: dict[str, Fraction] = {}
    for units, revision in amounts:
        for part in revision.components:
            held[part.substance_name] = held.get(part.substance_name, Fraction(0)) + units * part.base_ng_per_unit
    return dict(sorted(held.items()))


def page_at(path: str) -> str | None:
    """Return `path` if a page answers there, else None: pages of other rooms are known by their address only."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return None
    return path
