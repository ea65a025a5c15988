"""Making documents: from contents to signed bytes that are kept once and handed out unchanged."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from exports.papers.pdf import render
from registry.audit.service import record
from registry.db import lock_gate
from registry.documents import queries
from registry.documents.domain import DOCUMENT_KINDS, PAIRS, Content, Damaged, claims_of, signed_code, unsigned_code
from registry.documents.models import SignedDocument
from registry.documents.signing import PRACTICE, Key, sign, working_key
from registry.documents.wording import paper_of
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.settings import Settings

DOCUMENTS_GATE = 11
VERIFY = "/verify/"
REASON = N_("Issued by the authority")
DAMAGED = N_("the kept document %(number)s is not what was kept: it is not handed out")


@dataclass(frozen=True, slots=True)
class Made:
    """A signed document that may not be kept yet."""

    content: Content
    languages: str
    data: bytes
    certificate: str

    @property
    def sha256(self) -> str:
        """Return the digest of the file."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Handed:
    """A document as it is handed out."""

    name: str
    data: bytes
    sha256: str
    digest: str
    is_new: bool


def prepare(session: Session, clock: Clock, settings: Settings, content: Content, languages: str) -> Made | None:
    """Make and sign a document unless it is kept already. Raises `NotSigned`: without a key there is no document.

    Writes nothing: signing takes longer than a write should hold others up. `hand_out` keeps it.
    """
    if languages not in PAIRS:
        raise NotFound(Message(queries.NO_DOCUMENT))
    if _kept(session, content, languages) is not None:
        return None
    with working_key(settings, clock.now()) as key:
        data = sign(key, unsigned_page(key, settings, content, languages), clock.now(), REASON, settings.country)
        return Made(content, languages, data, key.fingerprint)


def unsigned_page(key: Key, settings: Settings, content: Content, languages: str) -> bytes:
    """Return the page that is to be signed. It never leaves the house as it is."""
    code = ""
    if content.token:
        unsigned = unsigned_code(settings.address.rstrip("/") + VERIFY + content.token, claims_of(content))
        code = signed_code(unsigned, key.sign_code(unsigned.encode()))
    stamp = PRACTICE if key.is_practice else ""
    return render(paper_of(content, languages, key.name, code, stamp))


def hand_out(
    session: Session, actor: Actor, clock: Clock, content: Content, languages: str, made: Made | None
) -> Handed:
    """Keep what `prepare` made, once, and return the kept bytes; both the making and the handing out are audited.

    Of two who made the same document at the same moment, both get the one that was kept first.
    """
    subject = f"{content.kind} {content.subject}"
    lock_gate(session, DOCUMENTS_GATE, [zlib.crc32(subject.encode()) & 0x7FFFFFFF])
    kept = _kept(session, content, languages)
    is_new = kept is None
    if kept is None:
        if made is None:
            raise NotFound(Message(queries.NO_DOCUMENT))
        _keep(session, actor, clock, made)
        told = {"languages": languages, "sha256": made.sha256, "certificate": made.certificate}
        record(session, actor, clock, "documents.make", subject, told)
        kept = _kept(session, content, languages)
    if kept is None:
        raise Damaged(Message(DAMAGED, {"number": content.subject}))
    data = queries.bytes_of(session, kept.id)
    if hashlib.sha256(data).hexdigest() != kept.sha256:
        raise Damaged(Message(DAMAGED, {"number": content.subject}))
    record(session, actor, clock, "documents.download", subject, {"languages": languages, "sha256": kept.sha256})
    return Handed(file_name(kept), data, kept.sha256, kept.digest, is_new)


def file_name(kept: queries.Kept) -> str:
    """Return the name of the file: what it is, the number, the languages."""
    number = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in kept.subject)
    return f"{kept.kind}-{number}-{kept.languages}.pdf"


def _kept(session: Session, content: Content, languages: str) -> queries.Kept | None:
    """Return the kept document: the first that was issued, of a kind that follows the facts the one that says the same."""
    found = [
        one for one in queries.kept_documents(session, content.kind, content.subject) if one.languages == languages
    ]
    if not DOCUMENT_KINDS[content.kind].once:
        found = [one for one in found if one.digest == content.digest]
    return found[0] if found else None


def _keep(session: Session, actor: Actor, clock: Clock, made: Made) -> None:
    session.execute(
        insert(SignedDocument).values(
            kind=made.content.kind,
            subject=made.content.subject,
            languages=made.languages,
            digest=made.content.digest,
            sha256=made.sha256,
            certificate=made.certificate,
            content=made.data,
            made_at=clock.now(),
            made_by=actor.username,
        )
    )
