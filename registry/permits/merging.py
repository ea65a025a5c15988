"""What this room knows of an organisation or a product that is to be merged."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from registry.kernel.text import N_
from registry.mergers.domain import Asked, Hanging
from registry.parties.queries import sites_by_codes
from registry.permits.queries import merging
from registry.substances.queries.products import revisions_for_products

PERMITS, CASES, DRAFTS = N_("Permits"), N_("Applications"), N_("Drafts of applications")
END_PERMITS = N_("Use them up, record that they came back, or revoke them.")
DECIDE = N_("Decide on them, or let the holder withdraw them.")
DISCARD = N_("Let the holder submit or throw them away.")


def of_site(session: Session, asked: Asked) -> list[Hanging]:
    """Return what hangs on an organisation; a further site has no permits of its own."""
    site = sites_by_codes(session, [asked.code]).get(asked.code)
    if site is None or not site.is_main:
        return []
    found = _hanging(session, asked, site.organisation_id, None, url_for("permits.permits", organisation=asked.code))
    if asked.since is None:
        drafts = merging.drafts_kept(session, site.organisation_id)
        found.append(Hanging(DRAFTS, drafts, url_for("parties.organisation", code=asked.code), DISCARD))
    return found


def of_product(session: Session, asked: Asked) -> list[Hanging]:
    """Return what hangs on a product."""
    revisions = revisions_for_products(session, [asked.code], asked.today).get(asked.code)
    if not revisions:
        return []
    return _hanging(session, asked, None, revisions[-1].product_id, url_for("permits.permits"))


def _hanging(
    session: Session, asked: Asked, organisation: int | None, product: int | None, permits: str
) -> list[Hanging]:
    if asked.since is None:
        counts = (
            merging.open_permits(session, asked.today, organisation, product),
            merging.open_cases(session, organisation, product),
        )
    else:
        counts = (
            merging.permits_since(session, asked.since, organisation, product),
            merging.cases_since(session, asked.since, organisation, product),
        )
    return [
        Hanging(PERMITS, counts[0], permits, END_PERMITS),
        Hanging(CASES, counts[1], url_for("cases.cases"), DECIDE),
    ]
