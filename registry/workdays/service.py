"""Set days come in by file: the list of a year, and later changes of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message
from registry.workdays.models import WorkdayEntry
from registry.workdays.queries import set_days

FILE_KIND = "holidays"
WORKDAYS_GATE = 18
"""Gate of `db.lock_gate`: one file at a time, so that a day is compared with what stands."""


def record_days(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Record public holidays and shifted working days; a day set otherwise before is set anew, its history stays."""
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, WORKDAYS_GATE, [1])
    stands = {each.day: (each.sort, each.name, each.act) for each in set_days(session)}
    new: dict[date, tuple[str, str, str | None]] = {}
    bad = report.bad_rows
    rows: list[dict[str, Any]] = [row for row in checked.rows() if row["row"] not in bad]
    for row in rows:
        said = row["kind"], row["name"], row["act"]
        if new.get(row["day"], said) != said:
            twice = Message(
                N_("%(day)s stands in this file twice, each time otherwise"), {"day": row["day"].isoformat()}
            )
            report.problems.append(Problem("day", "twice", twice, row["row"]))
        elif stands.get(row["day"]) == said or row["day"] in new:
            report.duplicates += 1
        else:
            new[row["day"]] = said
    report.accepted = len(new)
    if report.refused or not new:
        return report
    session.connection().execute(
        insert(WorkdayEntry),
        [
            {
                "day": day,
                "sort": sort,
                "name": name,
                "act": act,
                "recorded_at": clock.now(),
                "recorded_by": actor.username,
            }
            for day, (sort, name, act) in sorted(new.items())
        ],
    )
    record(session, actor, clock, "workdays.record", source, {"accepted": report.accepted})
    return report
