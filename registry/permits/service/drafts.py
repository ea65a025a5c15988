"""Drafts of applications: cells as they were typed, one version after another; only the last is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from registry.accounts.policy import require
from registry.audit.service import record
from registry.db import lock_gate
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, Problem, Stale
from registry.kernel.fields import PERSONAL_NUMBER
from registry.kernel.personal_number import is_likely_in
from registry.kernel.text import N_, Message
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.transitions import SUBMIT
from registry.permits.models import ApplicationDraft
from registry.permits.queries.drafts import count_drafts, draft_by_id
from registry.permits.service.applications import Submission, submit_application

DRAFTS_GATE = 47
MOST = 100
"""Drafts an organisation keeps at a time: whoever needs more has forgotten some."""
LONGEST = 100_000
"""Characters of a draft as it is kept: a hundred lines and every particular fit well."""


def save_draft(
    session: Session, actor: Actor, clock: Clock, organisation_id: int, kind: str, cells: Mapping[str, str]
) -> int:
    """Keep a new draft of an organisation; return its id. Nothing in it is judged but that no person is named."""
    require(actor, SUBMIT.action, organisation_id)
    if kind not in PERMIT_KINDS:
        raise Invalid(Message(N_("“%(text)s” is not a kind of permit"), {"text": kind}), [])
    lock_gate(session, DRAFTS_GATE, [organisation_id])
    if count_drafts(session, organisation_id) >= MOST:
        raise Invalid(
            Message(N_("your organisation keeps %(most)s drafts already: submit or discard one first"), {"most": MOST}),
            [],
        )
    values = {"organisation_id": organisation_id, "kind": kind, "version": 1, **_typed(actor, clock, cells)}
    draft_id = session.execute(insert(ApplicationDraft).values(values).returning(ApplicationDraft.id)).scalar_one()
    record(session, actor, clock, "permits.draft.save", f"draft {draft_id}", {"kind": kind})
    return int(draft_id)


def change_draft(
    session: Session, actor: Actor, clock: Clock, draft_id: int, version: int, cells: Mapping[str, str]
) -> int:
    """Put `cells` in place of what the draft holds, if it is still `version`; return its new version.

    Raises `Stale` when a colleague was faster: nothing is overwritten.
    """
    _require(session, actor, draft_id)
    changed = session.execute(
        update(ApplicationDraft)
        .where(ApplicationDraft.id == draft_id, ApplicationDraft.version == version)
        .values(version=version + 1, **_typed(actor, clock, cells))
    )
    _require_one(changed.rowcount)  # type: ignore[attr-defined]
    record(session, actor, clock, "permits.draft.save", f"draft {draft_id}", {"version": version + 1})
    return version + 1


def discard_draft(session: Session, actor: Actor, clock: Clock, draft_id: int, version: int) -> None:
    """Throw a draft away, if nobody has changed it since `version` was read."""
    _require(session, actor, draft_id)
    _drop(session, draft_id, version)
    record(session, actor, clock, "permits.draft.discard", f"draft {draft_id}", {})


def submit_draft(session: Session, actor: Actor, clock: Clock, draft_id: int, version: int, command: Submission) -> int:
    """Submit what a draft has become; the draft goes in the same unit of work. Return the id of the application."""
    _require(session, actor, draft_id)
    _drop(session, draft_id, version)
    return submit_application(session, actor, clock, command)


def _typed(actor: Actor, clock: Clock, cells: Mapping[str, str]) -> dict[str, object]:
    """Return what is kept of `cells`. Raises `Invalid` with every cell in which a personal number stands."""
    named = [Problem(name, "personal-number", PERSONAL_NUMBER) for name, value in cells.items() if is_likely_in(value)]
    if named:
        raise Invalid(PERSONAL_NUMBER, named)
    text = json.dumps({name: value for name, value in cells.items() if value}, ensure_ascii=False, sort_keys=True)
    if len(text) > LONGEST:
        raise Invalid(Message(N_("the draft is longer than %(most)s characters"), {"most": LONGEST}), [])
    return {"cells": text, "changed_by": actor.username, "changed_at": clock.now()}


def _require(session: Session, actor: Actor, draft_id: int) -> None:
    """Raise `Forbidden` for a draft of another organisation, `Conflict` for one that has gone."""
    draft = draft_by_id(session, draft_id)
    if draft is None:
        raise Conflict(_overtaken())
    require(actor, SUBMIT.action, draft.organisation_id)


def _drop(session: Session, draft_id: int, version: int) -> None:
    gone = session.execute(
        delete(ApplicationDraft).where(ApplicationDraft.id == draft_id, ApplicationDraft.version == version)
    )
    _require_one(gone.rowcount)  # type: ignore[attr-defined]


def _require_one(rows: int) -> None:
    if rows != 1:
        raise Stale(_overtaken())


def _overtaken() -> Message:
    return Message(N_("somebody else has changed, submitted or discarded this draft since you opened it"))
