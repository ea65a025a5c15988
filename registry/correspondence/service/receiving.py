"""Taking in the permit of another authority: read strictly, kept as it came, held against ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.accounts.policy import require
from registry.audit.service import record
from registry.correspondence.domain.differences import Difference, differences
from registry.correspondence.domain.letters import AGREES
from registry.correspondence.domain.tree import Data
from registry.correspondence.mapping import OfficialSchema
from registry.correspondence.models import CounterpartFile
from registry.correspondence.queries import (
    Ours,
    Received,
    data_of_ours,
    ours_named,
    ours_of,
    received_again,
    received_by_id,
)
from registry.correspondence.reading import read_versioned, refusal
from registry.flags.service import raise_flags
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.settings import Settings

RECEIVE = "correspondence.receive"
OWN_FORMAT = "permit-"
"""Before the version of our own format."""
"""What a file of our own format is kept under, XML and JSON alike."""
LONGEST_NAME = 200
NO_SUCH = N_("there is no permit and no application with the number %(number)s")
OWN_FILE = N_("the file is of our own authority (%(country)s): here belong permits of other countries")
DIFFERS = N_("permit %(file)s of %(country)s says something else than ours; places: %(count)s, its page lists them")


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a file in came to."""

    received: Received
    ours: Ours
    differences: Sequence[Difference]
    is_new: bool


@dataclass(frozen=True, slots=True)
class ComingFile:
    """A file as somebody sends it. `about`: our permit or application it is put to, empty: found by the numbers."""

    name: str
    content: bytes
    about: str = ""
    schema: OfficialSchema | None = None


def receive(session: Session, actor: Actor, clock: Clock, settings: Settings, file: ComingFile) -> Taken:
    """Keep a file of another authority; the same one again changes nothing.

    Raises `Invalid` with every problem, `NotFound` for an `about` that is nothing of ours.
    """
    require(actor, RECEIVE)
    if file.about and not ours_named(session, file.about).number:
        raise NotFound(Message(NO_SUCH, {"number": file.about}))
    written, data = _read(file)
    if data["authority"]["country"] == settings.country:
        raise refusal("own-file", OWN_FILE, country=settings.country)
    number = _keep(session, actor, clock, file, written, data)
    if number is None:
        received = received_again(session, hashlib.sha256(file.content).hexdigest(), file.about)
    else:
        received = received_by_id(session, number)
    ours = ours_of(session, received)
    found = compared(session, ours, data, settings, clock.today())
    if number is not None:
        _note(session, actor, clock, received, ours, found)
    return Taken(received, ours, found, number is not None)


def compared(session: Session, ours: Ours, data: Data, settings: Settings, day: date) -> list[Difference]:
    """Return where the facts of a file differ from what it belongs to; nothing where that is not known."""
    return differences(data_of_ours(session, ours, settings, day), data) if ours.number else []


def _read(file: ComingFile) -> tuple[str, Data]:
    """Return the name of the format and what the file says."""
    if file.schema:
        return file.schema.name, file.schema.read(file.content)
    version, data = read_versioned(file.content)
    return OWN_FORMAT + version, data


def _keep(session: Session, actor: Actor, clock: Clock, file: ComingFile, written: str, data: Data) -> int | None:
    """Write the row; None where the same file is filed there already."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "number": data["identity"]["number"],
        "country": data["authority"]["country"],
        "issuer": data["authority"].get("name"),
        "issued_on": date.fromisoformat(data["validity"]["issued_on"]),
        "expires_on": date.fromisoformat(data["validity"]["expires_on"]),
        "our_number": data.get("foreign_document", {}).get("number"),
        "filed_under": file.about,
        "name": file.name[-LONGEST_NAME:],
        "format": written,
        "sha256": hashlib.sha256(file.content).hexdigest(),
        "facts": json.dumps(data, ensure_ascii=False),
        "content": file.content,
        "received_at": clock.now(),
        "received_by": actor.username,
    }
    once = dialect.insert(CounterpartFile).values(row).on_conflict_do_nothing(index_elements=["sha256", "filed_under"])
    return session.execute(once.returning(CounterpartFile.id)).scalar()


def _note(
    session: Session, actor: Actor, clock: Clock, received: Received, ours: Ours, found: Sequence[Difference]
) -> None:
    told = {
        "sha256": received.sha256,
        "country": received.country,
        "number": received.number,
        "ours": ours.number,
        "differences": sorted({one.code for one in found}),
    }
    record(session, actor, clock, "correspondence.receive", f"counterpart {received.id}", told)
    if not any(one.is_sure for one in found):
        return
    said = Message(DIFFERS, {"file": received.number, "country": received.country, "count": len(found)})
    severity = parameters_on(session, clock.today()).reported(AGREES)
    subject = f"{'permit' if ours.permit else 'application'} {ours.number}, counterpart {received.id}"
    raise_flags(session, clock, [Finding(AGREES, said, severity, subject=subject)], ours.organisation_id)
