"""What files of permits are made from, what other authorities sent, what went out to them."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from registry.correspondence.domain.facts import FileSource, permit_data
from registry.correspondence.domain.tree import Data
from registry.documents.queries import permit_source
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import PermitFact
from registry.permits.queries import permits_by_numbers
from registry.permits.queries.customs import write_offs_of
from registry.permits.queries.register import permit_replacing
from registry.settings import Settings
from registry.substances.queries import substances_by_ids

VERIFY = "/verify/"
NO_PERMIT = N_("there is no permit with the number %(number)s")


def require_permit(session: Session, number: str) -> PermitFact:
    """Return a permit by its number. Raises `NotFound`."""
    found = permits_by_numbers(session, [number]).get(number)
    if found is None:
        raise NotFound(Message(NO_PERMIT, {"number": number}))
    return found


def data_of_permit(session: Session, permit: PermitFact, settings: Settings, day: date) -> Data:
    """Return the data of a permit's file as of `day`; a fixed number of statements."""
    paper = permit_source(session, permit, settings)
    parts = {part.substance_id for revision in paper.revisions.values() for part in revision.components}
    return permit_data(
        FileSource(
            paper=paper,
            day=day,
            country=settings.country,
            cas={number: fact.cas for number, fact in substances_by_ids(session, parts).items()},
            write_offs=write_offs_of(session, [permit.id]).get(permit.id, ()),
            replaced_by=permit_replacing(session, permit.id) or "",
            verification=settings.address.rstrip("/") + VERIFY + permit.token,
        )
    )
