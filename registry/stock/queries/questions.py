"""What this room asks of higher ones: it may not import them, `registry.app` says who answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from registry.kernel.announcements import Announcement
from registry.kernel.clock import Clock

Months = Collection[tuple[int, date]]
"""(site id, first day of a month)."""

PERIODS_CLOSED: Announcement[[Session, Clock, Months], Months] = Announcement("closed periods")
"""Answered with those of the months that are closed today. Whoever closes one waits until the asking transaction ends."""
