"""Authorities of other countries come in by file or by the page: a later row follows, nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.db import lock_gate
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.codes import search_key
from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message
from registry.parties.domain import EVERY_SUBJECT, AuthorityFact
from registry.parties.models import CompetentAuthority
from registry.parties.queries import authorities_of

FILE_KIND = "authorities"
AUTHORITIES_GATE = 14
"""Gate of `db.lock_gate`: one file of authorities at a time."""
WRITE = "authorities.write"
TOLD = ("name", "address", "email", "language", "phone", "source")

Key = tuple[str, str, date]
"""Country, subject, first day."""


def record_authorities(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Record authorities of other countries; of the same country, subject and day other words are an error."""
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, AUTHORITIES_GATE, [1])
    rows: list[dict[str, Any]] = list(checked.rows())
    bad = report.bad_rows
    known = authorities_of(session, {row["country"] for row in rows if row["country"]})
    stored = {(one.country, one.subject, one.valid_from): one for one in known}
    new: dict[Key, AuthorityFact] = {}
    for row in rows:
        if row["row"] in bad:
            continue
        one = _fact(row)
        key = one.country, one.subject, one.valid_from
        held = stored.get(key) or new.get(key)
        if held is None:
            new[key] = one
        elif replace(held, id=0) == one:
            report.duplicates += 1
        else:
            message = Message(
                N_("“%(name)s” is recorded from this day already: a change counts from a day of its own"),
                {"name": held.name},
            )
            report.problems.append(Problem("valid_from", "reference-reused", message, row["row"]))
    report.accepted = len(new)
    if report.refused or not new:
        return report
    session.connection().execute(insert(CompetentAuthority), [_row(one, actor, clock) for one in new.values()])
    countries = sorted({one.country for one in new.values()})
    record(session, actor, clock, "parties.authorities", source, {"accepted": report.accepted, "countries": countries})
    return report


def record_authority(session: Session, actor: Actor, clock: Clock, values: Mapping[str, object]) -> None:
    """Record one authority as a person typed it, by the columns of the file. Raises `Invalid`."""
    policy.require(actor, WRITE)
    one = Checked([1], {name: [value] for name, value in values.items()})
    report = record_authorities(session, actor, clock, one, "page")
    if report.problems:
        raise Invalid(Message(N_("the authority cannot be recorded like this")), report.problems)


def _fact(row: Mapping[str, Any]) -> AuthorityFact:
    told = {name: row[name] for name in TOLD}
    return AuthorityFact(0, row["country"], row["subject"] or EVERY_SUBJECT, row["valid_from"], **told)


def _row(one: AuthorityFact, actor: Actor, clock: Clock) -> dict[str, object]:
    return {
        "country": one.country,
        "subject": one.subject,
        "valid_from": one.valid_from,
        **{name: getattr(one, name) for name in TOLD},
        "search_key": search_key(" ".join(filter(None, (one.country, one.name, one.address, one.email)))),
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
