"""Kept documents, and the facts their contents are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.accounts.queries import accounts_named
from registry.documents.contents import PermitSource, certificate_content, permit_content
from registry.documents.decisions import (
    EndorsedLine,
    Endorsement,
    endorsement_content,
    licence_content,
    refusal_content,
)
from registry.documents.domain import (
    CERTIFICATE,
    DESTRUCTION_ACT,
    DOCUMENT_KINDS,
    ENDORSEMENT,
    LICENCE_DOCUMENT,
    PERMIT_DOCUMENT,
    REFUSAL,
    Content,
    DocumentKind,
    Several,
)
from registry.documents.models import SignedDocument
from registry.documents.telling import name_of
from registry.endorsements.domain.facts import REASONS
from registry.endorsements.queries.endorsements import endorsement_sent
from registry.kernel.announcements import Announcement
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.licences.queries import licences_by_numbers, licences_of
from registry.parameters.queries import parameters_on
from registry.parties.queries import main_sites, sites_by_ids
from registry.permits import queries as permits
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, Way
from registry.permits.domain.parameters import VALIDITY_DAYS
from registry.permits.domain.transitions import State
from registry.permits.queries.register import application_of_permit
from registry.settings import Settings
from registry.substances.queries.products import revisions_by_ids

NO_DOCUMENT = N_("there is no such document")


@dataclass(frozen=True, slots=True)
class Kept:
    """A signed document without its bytes."""

    id: int
    kind: str
    subject: str
    languages: str
    digest: str
    sha256: str
    certificate: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a document says, and the organisation it is about, whose people may read it."""

    content: Content
    organisation_id: int


ACT_PAPER: Announcement[[Session, str, Settings], Source | None] = Announcement("paper of an act of destruction")
"""Answered with what the act of destruction of a number says; None where no act bears it."""


def _kept() -> Select[Any]:
    columns = SignedDocument.__table__.c
    return select(*(columns[name] for name in Kept.__dataclass_fields__))


def kept_documents(session: Session, kind: str, subject: str) -> list[Kept]:
    """Return the documents of one subject, the oldest first."""
    rows = session.execute(
        _kept().where(SignedDocument.kind == kind, SignedDocument.subject == subject).order_by(SignedDocument.id)
    )
    return [Kept(*row) for row in rows]


def kept_by_sha256(session: Session, sha256: str) -> Kept | None:
    """Return the document with exactly these bytes, None where we never issued one."""
    row = session.execute(_kept().where(SignedDocument.sha256 == sha256)).first()
    return Kept(*row) if row else None


def bytes_of(session: Session, document_id: int) -> bytes:
    """Return the bytes of a kept document."""
    return bytes(session.execute(select(SignedDocument.content).where(SignedDocument.id == document_id)).scalar_one())


def kind_named(code: str) -> DocumentKind:
    """Return a kind of document. Raises `NotFound`."""
    if code not in DOCUMENT_KINDS:
        raise NotFound(Message(NO_DOCUMENT))
    return DOCUMENT_KINDS[code]


def source_of(session: Session, kind: DocumentKind, subject: str, settings: Settings) -> Source:
    """Return what a document says from what is recorded. Raises `NotFound` where there is nothing to say."""
    makers = {
        PERMIT_DOCUMENT.code: _permit,
        CERTIFICATE.code: _certificate,
        REFUSAL.code: _refusal,
        LICENCE_DOCUMENT.code: _licence,
        ENDORSEMENT.code: _endorsement,
        DESTRUCTION_ACT.code: _destruction,
    }
    made = makers[kind.code](session, subject, settings) if kind.code in makers else None
    if made is None:
        raise NotFound(Message(NO_DOCUMENT))
    return made


def kinds_beside(session: Session, kind: DocumentKind, subject: str) -> tuple[DocumentKind, ...]:
    """Return the kinds of documents of one subject: a permit to import has a certificate beside it."""
    if kind not in (PERMIT_DOCUMENT, CERTIFICATE):
        return (kind,)
    found = permits.permits_by_numbers(session, [subject]).get(subject)
    return (PERMIT_DOCUMENT, CERTIFICATE) if found is not None and _has_certificate(found) else (PERMIT_DOCUMENT,)


def _has_certificate(permit: PermitFact) -> bool:
    return PERMIT_KINDS[permit.kind].way is Way.IMPORT and PERMIT_KINDS[permit.kind].reserves


def _permit(session: Session, number: str, settings: Settings) -> Source | None:
    found = permits.permits_by_numbers(session, [number]).get(number)
    if found is None:
        return None
    return Source(permit_content(permit_source(session, found, settings)), found.organisation_id)


def _certificate(session: Session, number: str, settings: Settings) -> Source | None:
    found = permits.permits_by_numbers(session, [number]).get(number)
    if found is None or not _has_certificate(found):
        return None
    return Source(certificate_content(permit_source(session, found, settings)), found.organisation_id)


def permit_source(session: Session, permit: PermitFact, settings: Settings) -> PermitSource:
    """Gather what a permit's paper is made from, as it was on the day of issue."""
    day, act = permit.issued_on, PERMIT_KINDS[permit.kind].act
    licences = licences_of(session, [permit.organisation_id]).get(permit.organisation_id, ())
    case_id = application_of_permit(session, permit.id)
    case = permits.application_by_id(session, case_id) if case_id is not None else None
    earlier = permits.permits_by_ids(session, [permit.replaces_id]) if permit.replaces_id else {}
    decided_by = case.decided_by if case else None
    return PermitSource(
        permit=permit,
        holder=main_sites(session, [permit.organisation_id])[permit.organisation_id],
        revisions=revisions_by_ids(session, {line.revision_id for line in permit.lines.values()}, day),
        covering=tuple(one for one in licences if act in one.acts and one.is_in_force(day)),
        authority=settings.authority,
        validity_days=parameters_on(session, day).number(VALIDITY_DAYS),
        application=case.asked.reference if case else "",
        decided_by=_person(session, decided_by),
        replaces=next((one.number for one in earlier.values()), ""),
    )


def _person(session: Session, username: str | None) -> str:
    known = accounts_named(session, [username]) if username else {}
    return next((fact.name or fact.username for fact in known.values()), username or "")


def _refusal(session: Session, reference: str, settings: Settings) -> Source | None:
    case = permits.application_by_reference(session, reference)
    if case is None or case.state != State.REFUSED.value or not case.refusal_ground:
        return None
    decided_at = permits.case_events(session, case.id)[-1].at
    decided_on = decided_at.astimezone(settings.zone).date()
    applicant = main_sites(session, [case.asked.organisation_id])[case.asked.organisation_id]
    found = revisions_by_ids(session, set(case.revision_ids.values()), decided_on)
    revisions = {product: found[revision] for product, revision in case.revision_ids.items()}
    content = refusal_content(
        case.asked, applicant, revisions, case.refusal_ground, case.refusal_text or "", decided_on, settings.authority
    )
    return Source(content, case.asked.organisation_id)


def _licence(session: Session, number: str, settings: Settings) -> Source | None:
    revisions = licences_by_numbers(session, [number]).get(number, ())
    if not revisions:
        return None
    last = revisions[-1]
    holder = main_sites(session, [last.organisation_id])[last.organisation_id]
    site = sites_by_ids(session, [last.site_id]).get(last.site_id) if last.site_id is not None else None
    return Source(licence_content(last, holder, site, settings.authority), last.organisation_id)


def _endorsement(session: Session, number: str, settings: Settings) -> Source | None:
    """Gather what our endorsement certifies to the authority that permitted the export."""
    found = endorsement_sent(session, number)
    if found is None:
        return None
    permit = permits.permits_by_ids(session, [found.permit_id])[found.permit_id]
    importer = main_sites(session, [permit.organisation_id])[permit.organisation_id].on(found.arrived_on)
    revisions = revisions_by_ids(session, {line.revision_id for line in permit.lines.values()}, permit.issued_on)
    lines = {line.id: line for line in permit.lines.values()}
    told = Endorsement(
        reference=found.number,
        permit_number=permit.number,
        foreign_number=found.foreign_number or "",
        foreign_issuer=permit.particulars.get("counterpart_issuer", ""),
        importer=name_of(importer),
        exporter=permit.partner,
        exporter_country=permit.partner_country,
        arrived_on=found.arrived_on,
        endorsed_on=found.endorsed_on,
        customs_office=found.customs_office or "",
        lines=tuple(
            EndorsedLine(revisions[lines[one.line_id].revision_id], lines[one.line_id].units, one.units)
            for one in found.lines.values()
        ),
        difference=Several(
            tuple(
                _why(revisions[lines[one.line_id].revision_id].code, REASONS[one.reason].name, one.text)
                for one in found.lines.values()
                if one.reason
            )
        ),
    )
    return Source(endorsement_content(told, settings.authority), permit.organisation_id)


def _destruction(session: Session, number: str, settings: Settings) -> Source | None:
    return next((each for each in ACT_PAPER.announce(session, number, settings) if each is not None), None)


def _why(product: str, reason: str, text: str | None) -> Message:
    said = {"product": product, "why": Message(reason), "text": text or ""}
    return Message(N_("%(product)s: %(why)s (%(text)s)") if text else N_("%(product)s: %(why)s"), said)
