"""What the pages of counts share: whose sites, how products and quantities are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts import policy
from registry.accounts.guard import current_actor
from registry.accounts.sessions import current_clock
from registry.counts.domain.counts import Stage
from registry.counts.service.counting import POST, READ
from registry.db import db
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_of
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_of_products
from registry.web.locale import current_language, format_quantity

blueprint = Blueprint("counts", __name__, template_folder="../templates", url_prefix="/counts")

TONES = {
    Stage.COUNTING: "blue",
    Stage.RECOUNTING: "blue",
    Stage.SECOND_COUNT: "orange",
    Stage.OPEN_CASES: "orange",
    Stage.CLOSED: "green",
    Stage.WITHDRAWN: "grey",
}


def rows() -> Session:
    """Return the database session of this request."""
    return db.session()


def today() -> date:
    """Return the day of this request."""
    return current_clock().today()


def own_sites() -> list[SiteFact] | None:
    """Return the sites the reader is narrowed to, the main one first; None for people of the authority, who see all."""
    organisation_id = policy.scope(current_actor(), READ)
    return None if organisation_id is None else sites_of(rows(), organisation_id)


def may_count(site: SiteFact) -> bool:
    """Say whether the reader may count at a site."""
    return policy.allows(current_actor(), POST, site.organisation_id)


def products_of(product_ids: Iterable[int]) -> Mapping[int, RevisionFact]:
    """Return the latest revision of each product."""
    return {number: each[-1] for number, each in revisions_of_products(rows(), product_ids, today()).items()}


def product_name(revision: RevisionFact) -> str:
    """Return code and name of a product in the reader's language."""
    name = {"ru": revision.name_ru, "ky": revision.name_ky}.get(current_language()) or revision.name
    return f"{revision.code} {name}"


def unit_name(revision: RevisionFact) -> str:
    """Return the unit of a product, a msgid."""
    return UNIT_NAMES[Unit(revision.unit)]


def in_unit(units: int, revision: RevisionFact) -> str:
    """Write units of account in the unit of the product, exactly."""
    return format_quantity(stated(units, revision.unit), unit_name(revision))


def site_choices(sites: Sequence[SiteFact]) -> list[SelectChoice]:
    """Return sites as choices: code, and code with name."""
    return [SelectChoice(site.code, f"{site.code} {site.name_in(current_language(), today())}") for site in sites]
