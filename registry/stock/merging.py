"""What the ledger knows of a site or a product that is to be merged."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from registry.kernel.text import N_
from registry.mergers.domain import Asked, Hanging
from registry.parties.queries import sites_by_codes
from registry.stock.queries.merging import entries_since, shelves_held
from registry.stock.service.known import lock_sites
from registry.substances.queries.products import revisions_for_products

SHELVES, ENTRIES = N_("Shelves that hold something"), N_("Entries of the ledger")
MOVE_STOCK = N_("Enter a supply or a transfer to the site that stays.")
REPACK_STOCK = N_("Enter it out of one product and into the other as processing, with one document.")
LEFT = N_("It stays where it was entered.")


def of_site(session: Session, asked: Asked) -> list[Hanging]:
    """Return what lies at a site; when it is decided, nobody posts there meanwhile."""
    site = sites_by_codes(session, [asked.code]).get(asked.code)
    if site is None:
        return []
    if asked.deciding:
        lock_sites(session, {site.id})
    if asked.since is not None:
        entries = entries_since(session, asked.since, site.id, None)
        return [Hanging(ENTRIES, entries, url_for("stock.movements", site=asked.code), LEFT)]
    shelves = shelves_held(session, site.id, None)
    return [Hanging(SHELVES, shelves, url_for("stock.balances", site=asked.code), MOVE_STOCK)]


def of_product(session: Session, asked: Asked) -> list[Hanging]:
    """Return what lies of a product anywhere."""
    revisions = revisions_for_products(session, [asked.code], asked.today).get(asked.code)
    if not revisions:
        return []
    product, href = revisions[-1].product_id, url_for("stock.movements", product=asked.code)
    if asked.since is not None:
        return [Hanging(ENTRIES, entries_since(session, asked.since, None, product), href, LEFT)]
    return [Hanging(SHELVES, shelves_held(session, None, product), href, REPACK_STOCK)]
