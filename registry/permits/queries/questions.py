"""What this room asks of higher ones: it may not import them, `registry.app` says who answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

from registry.kernel.announcements import Announcement

Asked = Collection[tuple[int, int, date]]
"""(organisation id, product id, day)."""

STOCK_ON_DAY: Announcement[[Session, Asked], Mapping[tuple[int, int, date], int]] = Announcement("stock on a day")
"""Answered with the units of account an organisation held of a product at the close of a day."""
