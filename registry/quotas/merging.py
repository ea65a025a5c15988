"""What this room knows of an organisation that is to be merged."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from registry.kernel.text import N_
from registry.mergers.domain import Asked, Hanging
from registry.parties.queries import sites_by_codes
from registry.quotas.queries import lines_held, lines_since

LINES = N_("Lines of quotas")
END_LINES = N_("Withdraw them, or record in a new line that they were in error.")


def of_site(session: Session, asked: Asked) -> list[Hanging]:
    """Return the lines of this year and later ones that name an organisation."""
    site = sites_by_codes(session, [asked.code]).get(asked.code)
    if site is None or not site.is_main:
        return []
    if asked.since is not None:
        count = lines_since(session, site.organisation_id, asked.since)
    else:
        count = lines_held(session, site.organisation_id, asked.today.year)
    return [Hanging(LINES, count, url_for("quotas.quotas", year=asked.today.year), END_LINES)]
