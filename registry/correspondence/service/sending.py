"""Letters about permits to the authorities of other countries: the signed document and the file, queued with the deed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts.policy import require
from registry.audit.service import record
from registry.correspondence.domain.letters import (
    ISSUED,
    PURPOSES,
    SEND_ON_ISSUE,
    SENT,
    STOPPED,
    Purpose,
    concerns_abroad,
)
from registry.correspondence.models import PermitLetter
from registry.correspondence.queries import VERIFY, letters_of, require_permit
from registry.correspondence.service.exporting import Exported, export_of
from registry.correspondence.writing import XML
from registry.db import part_of_work
from registry.documents.domain import PERMIT_DOCUMENT, Content
from registry.documents.queries import kinds_beside, source_of
from registry.documents.service import Handed, Made, hand_out, prepare
from registry.flags.service import raise_flags
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem, RegistryError
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.mail.domain import Attachment, Letter
from registry.mail.service import queue
from registry.parties.domain import AuthorityFact
from registry.parties.queries import authority_of
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES
from registry.settings import Settings
from registry.substances.domain.facts import CLASS_OF_TREATY
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import LANGUAGES, country_name, translate_in

SEND = "correspondence.send"
PAPER_LANGUAGES = "ru-en"
"""Both stand on the paper; the letter is in the language of the authority where it is one of ours."""
FALLBACK = "en"
PDF = "application/pdf"
log = structlog.get_logger("registry.correspondence")
NOT_SENT = N_("the permit was not sent to the authority of %(country)s: %(why)s")


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, and why. `reason`: needed for every letter of the same purpose after the first."""

    number: str
    purpose: str = ISSUED.code
    reason: str = ""


def paper_of(session: Session, settings: Settings, number: str) -> Content:
    """Return the document that goes with a letter: the import certificate where there is one, else the permit's paper."""
    kind = kinds_beside(session, PERMIT_DOCUMENT, number)[-1]
    return source_of(session, kind, number, settings).content


def make_paper(session: Session, clock: Clock, settings: Settings, number: str) -> Made | None:
    """Make and sign the document unless it is kept: before the write, which signing would hold up. Raises `NotSigned`."""
    require_permit(session, number)
    return prepare(session, clock, settings, paper_of(session, settings, number), PAPER_LANGUAGES)


def send(
    session: Session, actor: Actor, clock: Clock, settings: Settings, asked: Sending, made: Made | None = None
) -> None:
    """Queue the letter about a permit. `made`: what `make_paper` returned; without it the document is made here.

    Raises `Invalid` where there is nobody to write to, nothing to say, or no reason to say it again;
    `NotSigned` without a key: then nothing is queued.
    """
    permit = require_permit(session, asked.number)
    require(actor, SEND, permit.organisation_id)
    _send(session, actor, clock, settings, permit, asked, made)


def send_on_issue(
    session: Session,
    actor: Actor,
    clock: Clock,
    parameters: Parameters,
    number: str,
    *,
    settings: Callable[[], Settings],
) -> None:
    """Send a permit that was just issued where the country wants it; what cannot be sent is flagged, the permit stands.

    A fault of ours is logged; the permit stays unsent, which the watch of the room finds.
    """
    if not parameters.switch(SEND_ON_ISSUE):
        return
    permit = require_permit(session, number)
    if not concerns_abroad(permit.kind):
        return
    try:
        with part_of_work(session):
            _send(session, actor, clock, settings(), permit, Sending(number), None)
    except RegistryError as refusal:
        said = Message(NOT_SENT, {"country": permit.partner_country, "why": refusal.message})
        finding = Finding(SENT, said, parameters.reported(SENT), subject=f"permit {number}")
        raise_flags(session, clock, [finding], permit.organisation_id)
    except Exception as error:
        log.exception("permit not sent", permit=number, error=type(error).__name__)


def addressee_of(session: Session, permit: PermitFact, clock: Clock) -> AuthorityFact | None:
    """Return the authority of the other country that answers for the goods of a permit."""
    lines = {line.revision_id for line in permit.lines.values()}
    classes = {each for one in revisions_by_ids(session, lines, permit.issued_on).values() for each in one.classes}
    subject = next((each for each in CLASS_OF_TREATY.values() if each in classes), None)
    told = (subject,) if subject else ()
    return authority_of(session, permit.partner_country, clock.today(), *told)


def _send(
    session: Session,
    actor: Actor,
    clock: Clock,
    settings: Settings,
    permit: PermitFact,
    asked: Sending,
    made: Made | None,
) -> None:
    purpose = _purpose(permit, asked, clock)
    authority = _require_addressee(session, permit, clock)
    attempt = _attempt(session, clock, permit, asked)
    content = paper_of(session, settings, permit.number)
    paper = hand_out(
        session,
        actor,
        clock,
        content,
        PAPER_LANGUAGES,
        made or prepare(session, clock, settings, content, PAPER_LANGUAGES),
    )
    file = export_of(session, actor, clock, settings, permit, XML)
    letter = _letter(permit, purpose, authority, attempt, (paper, file), settings, clock)
    queue(session, clock, letter)
    session.execute(
        insert(PermitLetter).values(
            permit_id=permit.id,
            purpose=purpose.code,
            attempt=attempt,
            reason=asked.reason.strip() or None,
            authority=authority.name,
            recipient=letter.recipient,
            letter_key=letter.key,
            pdf_sha256=hashlib.sha256(paper.data).hexdigest(),
            xml_sha256=file.sha256,
            queued_at=clock.now(),
            queued_by=actor.username,
        )
    )
    told = {"purpose": purpose.code, "attempt": attempt, "recipient": letter.recipient, "reason": asked.reason}
    digests = {"pdf_sha256": paper.sha256, "xml_sha256": file.sha256}
    record(session, actor, clock, "correspondence.send", f"permit {permit.number}", told | digests)


def _purpose(permit: PermitFact, asked: Sending, clock: Clock) -> Purpose:
    if asked.purpose not in PURPOSES:
        said = {"text": asked.purpose[:40], "known": ", ".join(PURPOSES)}
        raise _invalid("purpose", "unknown-value", N_("“%(text)s” is none of: %(known)s"), **said)
    if not concerns_abroad(permit.kind):
        raise _invalid("purpose", "no-trade", N_("a permit of this kind concerns no other country"))
    if asked.purpose == STOPPED.code and permit.stopped_on(clock.today()) is None:
        raise _invalid("purpose", "stands", N_("the permit stands: there is nothing to take back"))
    return PURPOSES[asked.purpose]


def _require_addressee(session: Session, permit: PermitFact, clock: Clock) -> AuthorityFact:
    found = addressee_of(session, permit, clock)
    if found is None or not found.email:
        said = N_(
            "no address of the authority of %(country)s is recorded: record it among the authorities of other countries"
        )
        raise _invalid("number", "no-address", said, country=permit.partner_country)
    return found


def _attempt(session: Session, clock: Clock, permit: PermitFact, asked: Sending) -> int:
    """Return which letter of its purpose this is; of two at once the second collides with the first's row."""
    before = [one for one in letters_of(session, permit.id) if one.purpose == asked.purpose]
    if before and not asked.reason.strip():
        said = N_("it was sent already on %(day)s: say why it goes again")
        raise _invalid("reason", "missing", said, day=before[0].queued_at.astimezone(clock.zone).date())
    return len(before) + 1


def _invalid(field: str, code: str, msgid: str, **params: object) -> Invalid:
    message = Message(msgid, params)
    return Invalid(message, [Problem(field, code, message)])


def _letter(
    permit: PermitFact,
    purpose: Purpose,
    authority: AuthorityFact,
    attempt: int,
    papers: tuple[Handed, Exported],
    settings: Settings,
    clock: Clock,
) -> Letter:
    language = authority.language if authority.language and authority.language in LANGUAGES else FALLBACK
    pdf, file = papers
    stop = permit.stopped_on(clock.today())
    said = {
        "addressee": authority.name,
        "number": permit.number,
        "kind": Message(PERMIT_KINDS[permit.kind].name),
        "state": Message(PERMIT_STATE_NAMES[permit.state_on(clock.today())]),
        "country": country_name(settings.country, language=language),
        "first": permit.issued_on,
        "last": permit.expires_on,
        "day": stop.from_on if stop else "",
        "partner": permit.partner,
        "address": settings.address.rstrip("/") + VERIFY + permit.token,
        "authority": settings.authority,
    }
    return Letter(
        key=f"permit {permit.number} abroad {purpose.code} {attempt}",
        recipient=str(authority.email),
        language=language,
        subject=translate_in(language, Message(purpose.subject, said)),
        body=translate_in(language, Message(purpose.body, said)).strip(),
        attachments=(
            Attachment(pdf.name, PDF, pdf.data),
            Attachment(file.name, file.media_type, file.content),
        ),
    )
