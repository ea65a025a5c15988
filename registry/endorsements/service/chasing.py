"""Reminders: a letter for each step of what is late, to the holder and to the authority abroad, queued once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import Recipient
from registry.audit.service import record
from registry.db import lock_gate
from registry.endorsements.domain.waiting import Waiting
from registry.endorsements.models import PermitReminder
from registry.endorsements.queries.after import reminders_of, watched
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter
from registry.mail.service import queue
from registry.parties.domain import AuthorityFact, responsible
from registry.parties.queries import authorities_on, recipients_of_organisations
from registry.web.locale import translate_in

CHASE = "permits.chase"
CHASE_GATE = 22
SUBJECT = N_("Permit %(number)s: reminder %(step)s")
AUTHORITY_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due: the step of a wait, and the letters it is written in."""

    wait: Waiting
    step: int
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Chased:
    """What a run did. `unreachable`: late, and nobody has an address."""

    reminders: tuple[Due, ...]
    unreachable: tuple[Waiting, ...]
    late: int

    @property
    def letters(self) -> int:
        """Return how many letters there are in all."""
        return sum(len(each.letters) for each in self.reminders)

    def as_json(self) -> dict[str, object]:
        """Return the outcome as a JSON object."""
        return {
            "late": self.late,
            "reminders": [
                {
                    "permit": each.wait.permit.number,
                    "kind": each.wait.kind.code,
                    "step": each.step,
                    "letters": len(each.letters),
                }
                for each in self.reminders
            ],
            "letters": self.letters,
            "unreachable": [{"permit": one.permit.number, "kind": one.kind.code} for one in self.unreachable],
        }


def chase(session: Session, actor: Actor, clock: Clock, authority: str) -> Chased:
    """Queue the letters of every reminder that is due and not written. `authority`: who signs them.

    Run twice it does nothing twice. A step that was slept through is not made up for: the newest is
    written. The number of statements does not grow with the permits.
    """
    policy.require(actor, CHASE)
    lock_gate(session, CHASE_GATE, [1])
    found = due(session, clock, authority)
    queue(session, clock, *(letter for each in found.reminders for letter in each.letters))
    if found.reminders:
        session.connection().execute(insert(PermitReminder), [_row(each, actor, clock) for each in found.reminders])
    told = {"reminders": len(found.reminders), "letters": found.letters, "late": found.late}
    record(session, actor, clock, CHASE, f"reminders of {clock.today().isoformat()}", told)
    return found


def due(session: Session, clock: Clock, authority: str) -> Chased:
    """Return the reminders that are due, without writing anything."""
    all_of_them = watched(session, clock)
    today, parameters = clock.today(), all_of_them.parameters
    late = [one for one in all_of_them.waiting() if one.is_late(today)]
    written = reminders_of(session, {one.permit.id for one in late})
    asked = [
        (one, step)
        for one in late
        if (one.kind.to_holder or one.kind.to_authority)
        and (step := one.step_on(today, parameters))
        and step not in {each.step for each in written.get((one.permit.id, one.kind.code), ())}
    ]
    readers = recipients_of_organisations(session, {one.permit.organisation_id for one, _ in asked})
    abroad = authorities_on(session, {one.permit.partner_country for one, _ in asked}, today)
    found = []
    for one, step in asked:
        other = responsible(abroad, one.permit.partner_country, all_of_them.subject_of(one.permit))
        found.append(Due(one, step, _letters(one, step, readers, other, authority)))
    return Chased(
        tuple(each for each in found if each.letters), tuple(each.wait for each in found if not each.letters), len(late)
    )


def _letters(
    one: Waiting,
    step: int,
    readers: Mapping[int, Sequence[Recipient]],
    abroad: AuthorityFact | None,
    authority: str,
) -> tuple[Letter, ...]:
    said = {
        "number": one.permit.number,
        "day": one.since,
        "step": step,
        "foreign": one.permit.counterpart_number or "–",
        "authority": authority,
    }
    letters = []
    if one.kind.to_holder:
        letters = [
            _letter(one, step, reader.address, reader.language, one.kind.to_holder, said)
            for reader in readers.get(one.permit.organisation_id, ())
        ]
    if one.kind.to_authority and abroad is not None and abroad.email:
        language = abroad.language or AUTHORITY_LANGUAGE
        letters.append(_letter(one, step, abroad.email, language, one.kind.to_authority, said))
    return tuple(letters)


def _letter(one: Waiting, step: int, address: str, language: str, msgid: str, said: Mapping[str, object]) -> Letter:
    return Letter(
        key=f"permit {one.permit.number} {one.kind.code} {step} {address}"[:KEY_LENGTH],
        recipient=address,
        language=language,
        subject=translate_in(language, Message(SUBJECT, said)),
        body=translate_in(language, Message(msgid, said)),
    )


def _row(each: Due, actor: Actor, clock: Clock) -> dict[str, object]:
    day: date = clock.today()
    return {
        "permit_id": each.wait.permit.id,
        "kind": each.wait.kind.code,
        "step": each.step,
        "sent_on": day,
        "letters": len(each.letters),
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
