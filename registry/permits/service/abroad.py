"""Estimates of other countries come in by file: what INCB publishes, each with its day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.mass import grams
from registry.kernel.text import N_, Message
from registry.permits.models import ForeignEstimate
from registry.substances.queries.lists import substance_by_codes
from registry.substances.queries.near import unknown_substances

FILE_KIND = "foreign_estimates"
ABROAD_GATE = 10
"""Gate of `db.lock_gate`: one file at a time, so that a figure is recorded once."""

Key = tuple[str, int, int, date]


def record_foreign_estimates(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Record estimates and assessments of other countries; the same day with another figure is an error."""
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, ABROAD_GATE, [1])
    rows: list[dict[str, Any]] = list(checked.rows())
    bad = report.bad_rows
    codes = {str(row["substance"]) for row in rows if row["substance"]}
    known = substance_by_codes(session, codes, clock.today())
    unknown = unknown_substances(session, codes - known.keys(), clock.today())
    countries = {row["country"] for row in rows if row["country"]}
    stored: dict[Key, int] = {
        (each.country, each.year, each.substance_id, each.published_on): each.quantity_ng
        for each in session.scalars(select(ForeignEstimate).where(ForeignEstimate.country.in_(countries)))
    }
    new: dict[Key, int] = {}
    sources: dict[Key, str | None] = {}
    for row in rows:
        if row["row"] in bad:
            continue
        if row["substance"] not in known:
            report.problems.append(Problem("substance", "unknown-substance", unknown[row["substance"]], row["row"]))
            continue
        key = row["country"], row["year"], known[row["substance"]].id, row["published_on"]
        held = stored.get(key, new.get(key))
        if held is None:
            new[key], sources[key] = row["quantity_g"], row["source"]
        elif held == row["quantity_g"]:
            report.duplicates += 1
        else:
            message = Message(
                N_("this figure is recorded already with %(quantity)s g: a change is published on a day of its own"),
                {"quantity": grams(held)},
            )
            report.problems.append(Problem("quantity_g", "reference-reused", message, row["row"]))
    report.accepted = len(new)
    if report.refused or not new:
        return report
    session.connection().execute(
        insert(ForeignEstimate),
        [
            {
                "country": country,
                "year": year,
                "substance_id": substance,
                "published_on": day,
                "quantity_ng": quantity,
                "source": sources[country, year, substance, day],
                "recorded_at": clock.now(),
                "recorded_by": actor.username,
            }
            for (country, year, substance, day), quantity in new.items()
        ],
    )
    record(session, actor, clock, "permits.foreign_estimates", source, {"accepted": report.accepted})
    return report
