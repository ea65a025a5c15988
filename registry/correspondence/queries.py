"""What files of permits are made from, what other authorities sent, what went out to them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.correspondence.domain.facts import FileSource, application_data, permit_data
from registry.correspondence.domain.tree import Data
from registry.correspondence.models import CounterpartFile, PermitLetter
from registry.documents.queries import permit_source
from registry.endorsements.queries import endorsements_of
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.mail.queries import LetterFact, letters_by_keys
from registry.parties.queries import main_sites
from registry.permits.domain.facts import PermitFact
from registry.permits.queries import ApplicationRow, application_by_id, application_by_reference, permits_by_numbers
from registry.permits.queries.cases import counterparts_named
from registry.permits.queries.customs import write_offs_of
from registry.permits.queries.permits import counterparts_of_permits
from registry.permits.queries.register import application_of_permit, permit_replacing
from registry.settings import Settings
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries import substances_by_ids
from registry.substances.queries.base import wanted_ids
from registry.substances.queries.products import revisions_by_ids

VERIFY = "/verify/"
NO_PERMIT = N_("there is no permit with the number %(number)s")
NO_COUNTERPART = N_("there is no such file of another authority")


@dataclass(frozen=True, slots=True)
class Received:
    """A file of another authority, without its bytes."""

    id: int
    number: str
    country: str
    issuer: str | None
    issued_on: date
    expires_on: date
    our_number: str | None
    filed_under: str
    name: str
    format: str
    sha256: str
    received_at: datetime
    received_by: str


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter about a permit that went to an authority, and where it stands; None: its letter was cleared away."""

    id: int
    purpose: str
    attempt: int
    reason: str | None
    authority: str
    recipient: str
    letter_key: str
    pdf_sha256: str
    xml_sha256: str
    queued_at: datetime
    queued_by: str
    letter: LetterFact | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """What of ours a file of another authority belongs to: a permit, or an application that is none yet."""

    permit: PermitFact | None = None
    application: ApplicationRow | None = None

    @property
    def number(self) -> str:
        """Return the number or reference, empty where nothing of ours is known."""
        if self.permit is not None:
            return self.permit.number
        return self.application.asked.reference if self.application is not None else ""

    @property
    def organisation_id(self) -> int | None:
        """Return whose it is."""
        if self.permit is not None:
            return self.permit.organisation_id
        return self.application.asked.organisation_id if self.application is not None else None


_RECEIVED: tuple[InstrumentedAttribute[Any], ...] = tuple(
    getattr(CounterpartFile, name) for name in Received.__dataclass_fields__
)
_SENT: tuple[InstrumentedAttribute[Any], ...] = tuple(
    getattr(PermitLetter, name) for name in SentLetter.__dataclass_fields__ if name != "letter"
)


def require_permit(session: Session, number: str) -> PermitFact:
    """Return a permit by its number. Raises `NotFound`."""
    found = permits_by_numbers(session, [number]).get(number)
    if found is None:
        raise NotFound(Message(NO_PERMIT, {"number": number}))
    return found


def data_of_permit(session: Session, permit: PermitFact, settings: Settings, day: date) -> Data:
    """Return the data of a permit's file as of `day`; a fixed number of statements."""
    paper = permit_source(session, permit, settings)
    return permit_data(
        FileSource(
            paper=paper,
            day=day,
            country=settings.country,
            cas=_cas(session, paper.revisions.values()),
            write_offs=write_offs_of(session, [permit.id]).get(permit.id, ()),
            endorsements=endorsements_of(session, [permit.id]).get(permit.id, ()),
            replaced_by=permit_replacing(session, permit.id) or "",
            verification=settings.address.rstrip("/") + VERIFY + permit.token,
        )
    )


def data_of_ours(session: Session, ours: Ours, settings: Settings, day: date) -> Data:
    """Return what of ours is held against a file: the permit, or what the application asks for."""
    if ours.permit is not None:
        return data_of_permit(session, ours.permit, settings, day)
    if ours.application is None:
        return {}
    asked, chosen = ours.application.asked, ours.application.revision_ids
    found = revisions_by_ids(session, set(chosen.values()), day)
    revisions = {product: found[revision] for product, revision in chosen.items()}
    applicant = main_sites(session, [asked.organisation_id])[asked.organisation_id]
    return application_data(asked, applicant, revisions, settings.country, _cas(session, found.values()))


def _cas(session: Session, revisions: Collection[RevisionFact]) -> Mapping[int, str]:
    parts = {part.substance_id for revision in revisions for part in revision.components}
    return {number: fact.cas for number, fact in substances_by_ids(session, parts).items()}


def received_for(session: Session, permit: PermitFact) -> list[Received]:
    """Return the files of other authorities about a permit, the newest first: by their number, by ours, or filed there."""
    case_id = application_of_permit(session, permit.id)
    case = application_by_id(session, case_id) if case_id is not None else None
    own = [permit.number, *([case.asked.reference] if case else [])]
    return _received(session, _is_about(own, permit.partner_country, permit.counterpart_number))


def received_for_case(session: Session, row: ApplicationRow) -> list[Received]:
    """Return the files of other authorities about what an application asks for, the newest first."""
    asked = row.asked
    return _received(session, _is_about([asked.reference], asked.partner_country, asked.counterpart_number))


def _is_about(own: Collection[str], country: str, theirs: str | None) -> ColumnElement[bool]:
    return or_(
        CounterpartFile.filed_under.in_(own),
        CounterpartFile.our_number.in_(own),
        and_(CounterpartFile.country == country, CounterpartFile.number == theirs),
    )


def received_page(session: Session, limit: int, offset: int = 0, below: int | None = None) -> list[Received]:
    """Return files of other authorities, the newest first, `below` an id where given."""
    chosen = [CounterpartFile.id < below] if below is not None else []
    return _received(session, *chosen, limit=limit, offset=offset)


def received_count(session: Session) -> int:
    """Return how many files other authorities sent."""
    return int(session.execute(select(func.count(CounterpartFile.id))).scalar_one())


def received_by_id(session: Session, number: int) -> Received:
    """Return one file. Raises `NotFound`."""
    found = _received(session, CounterpartFile.id == number)
    if not found:
        raise NotFound(Message(NO_COUNTERPART))
    return found[0]


def received_again(session: Session, sha256: str, filed_under: str) -> Received:
    """Return a file that came before, by its digest."""
    return _received(session, CounterpartFile.sha256 == sha256, CounterpartFile.filed_under == filed_under)[0]


def facts_of(session: Session, received_ids: Collection[int]) -> dict[int, Data]:
    """Return the facts of files, by id; one statement."""
    rows = session.execute(
        select(CounterpartFile.id, CounterpartFile.facts).where(CounterpartFile.id.in_(list(received_ids)))
    )
    return {number: json.loads(text) for number, text in rows}


def content_of(session: Session, received_id: int) -> bytes:
    """Return a file as it came."""
    chosen = select(CounterpartFile.content).where(CounterpartFile.id == received_id)
    return bytes(session.execute(chosen).scalar_one())


def _received(
    session: Session, *chosen: ColumnElement[bool], limit: int | None = None, offset: int = 0
) -> list[Received]:
    rows = select(*_RECEIVED).where(*chosen).order_by(CounterpartFile.id.desc()).limit(limit).offset(offset)
    return [Received(*row) for row in session.execute(rows)]


def ours_of(session: Session, received: Received) -> Ours:
    """Return what of ours a file belongs to: where it was filed, what it names, what names it; a permit before an application."""
    for number in (received.filed_under, received.our_number or ""):
        if number and (found := ours_named(session, number)).number:
            return found
    permits = [
        number
        for country, _, number in counterparts_of_permits(session, [received.number])
        if country == received.country
    ]
    if permits:
        return Ours(permit=permits_by_numbers(session, permits[-1:]).get(permits[-1]))
    asked = [
        reference
        for country, _, reference in counterparts_named(session, [received.number])
        if country == received.country
    ]
    return Ours(application=application_by_reference(session, asked[-1])) if asked else Ours()


def ours_named(session: Session, number: str) -> Ours:
    """Return the permit of this number, else the application of this reference."""
    permit = permits_by_numbers(session, [number]).get(number)
    return Ours(permit=permit) if permit else Ours(application=application_by_reference(session, number))


def told_abroad(session: Session, permit_ids: Collection[int], purpose: str) -> set[int]:
    """Return those of the permits about which a letter of this purpose was queued; one statement."""
    keys = wanted_ids(session, "wanted_permit", permit_ids)
    chosen = PermitLetter.permit_id.in_(select(keys.c.id))
    return set(session.scalars(select(PermitLetter.permit_id).where(chosen, PermitLetter.purpose == purpose)))


def letters_of(session: Session, permit_id: int) -> list[SentLetter]:
    """Return the letters about a permit, the newest first, and where each stands; two statements."""
    rows = session.execute(select(*_SENT).where(PermitLetter.permit_id == permit_id).order_by(PermitLetter.id.desc()))
    found = [SentLetter(*row) for row in rows]
    letters = letters_by_keys(session, [one.letter_key for one in found])
    return [replace(one, letter=letters.get(one.letter_key)) for one in found]
