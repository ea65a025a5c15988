"""What this room knows of an organisation or site that is to be merged."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from registry.kernel.text import N_
from registry.licences.queries import licences_of, licences_since
from registry.mergers.domain import Asked, Hanging
from registry.parties.queries import sites_by_codes

LICENCES = N_("Licences")
END_LICENCES = N_("Revoke them, and record licences for the one that stays.")


def of_site(session: Session, asked: Asked) -> list[Hanging]:
    """Return the licences in force or to come: of a main site all of its organisation's, else its own."""
    site = sites_by_codes(session, [asked.code]).get(asked.code)
    if site is None:
        return []
    href = url_for("licences.licences", organisation=site.organisation_code)
    if asked.since is not None:
        return [Hanging(LICENCES, licences_since(session, site.organisation_id, asked.since), href, END_LICENCES)]
    standing = [
        one
        for one in licences_of(session, [site.organisation_id]).get(site.organisation_id, ())
        if one.superseded_on is None
        and any(last >= asked.today for _, last in one.days)
        and (site.is_main or one.site_id == site.id)
    ]
    return [Hanging(LICENCES, len(standing), href, END_LICENCES)]
