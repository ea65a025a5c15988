"""A page of the journal was sent, and recorded or refused: told to whoever keeps what was refused."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.intake.reader import Table
from registry.kernel.actor import Actor
from registry.kernel.announcements import Announcement
from registry.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class TriedPage:
    """One page: `key` names it however often it is sent, `table` its rows as typed, `report` what came of it."""

    key: str
    table: Table
    report: Report


PAGE_TRIED: Announcement[[Session, Actor, Clock, TriedPage], None] = Announcement("a page of the journal was sent")
"""Told in a unit of work of its own, since nothing of a refused one stays."""
