"""Handing a document to somebody who may read it, made and signed first where it is not kept yet; for pages and programs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.db import unit_of_work
from registry.documents import queries, service
from registry.documents.domain import DocumentKind
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.kernel.text import Message
from registry.settings import Settings


def issue(
    session: Session, actor: Actor, clock: Clock, settings: Settings, kind: str, languages: str, subject: str
) -> service.Handed:
    """Return a document somebody may read, made first where it is not kept yet. Raises `NotSigned` without a key."""
    source = readable(session, actor, settings, kind, subject)[1]
    made = service.prepare(session, clock, settings, source.content, languages)
    with unit_of_work(session):
        return service.hand_out(session, actor, clock, source.content, languages, made)


def readable(
    session: Session, actor: Actor, settings: Settings, code: str, subject: str
) -> tuple[DocumentKind, queries.Source]:
    """Return a document the person may read; what lies outside their rights is refused like what does not exist."""
    kind = queries.kind_named(code)
    source = queries.source_of(session, kind, subject, settings)
    if not policy.allows(actor, kind.action, source.organisation_id):
        raise NotFound(Message(queries.NO_DOCUMENT))
    return kind, source
