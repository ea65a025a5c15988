"""A permit handed out as a file; every handing out is audited with the digest of what left."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.accounts.policy import allows
from registry.audit.service import record
from registry.correspondence.mapping import OfficialSchema
from registry.correspondence.queries import NO_PERMIT, data_of_permit, require_permit
from registry.correspondence.writing import FileFormat
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.kernel.text import Message
from registry.permits.domain.facts import PermitFact
from registry.settings import Settings

READ = "permits.read"


@dataclass(frozen=True, slots=True)
class Exported:
    """A permit's file as it leaves."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the digest of the file."""
        return hashlib.sha256(self.content).hexdigest()


def export_permit(
    session: Session, actor: Actor, clock: Clock, settings: Settings, number: str, written: FileFormat | OfficialSchema
) -> Exported:
    """Return a permit as a file, in a format of our own or by the mapping of an official schema.

    Raises `NotFound`, also for a permit that is not the reader's.
    """
    permit = require_permit(session, number)
    if not allows(actor, READ, permit.organisation_id):
        raise NotFound(Message(NO_PERMIT, {"number": number}))
    return export_of(session, actor, clock, settings, permit, written)


def export_of(
    session: Session,
    actor: Actor,
    clock: Clock,
    settings: Settings,
    permit: PermitFact,
    written: FileFormat | OfficialSchema,
) -> Exported:
    """Return the file of a permit whose reader was asked for; writes the audit event."""
    content = written.write(data_of_permit(session, permit, settings, clock.today()))
    exported = Exported(file_name(permit.number, written), written.media_type, content)
    told = {"format": written.name, "sha256": exported.sha256}
    record(session, actor, clock, "correspondence.export", f"permit {permit.number}", told)
    return exported


def file_name(number: str, written: FileFormat | OfficialSchema) -> str:
    """Return the name of the file: the number, and for an official schema which one."""
    plain = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in number)
    return f"permit-{plain}{written.ending}"
