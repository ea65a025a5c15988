"""What the pages of substitution therapy share: the blueprint and the month asked for."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint

from registry.accounts.sessions import current_clock
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message

blueprint = Blueprint("therapy", __name__, template_folder="../templates", url_prefix="/therapy")
FIRST_YEAR, LAST_YEAR = 1961, 2099


def asked_month(text: str) -> date:
    """Return the first day of the month asked for, of this month where none is. Raises `NotFound`."""
    if not text.strip():
        return current_clock().today().replace(day=1)
    try:
        first = date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        first = date.min
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise NotFound(Message(N_("there is no month “%(month)s”: write it as 2026-03"), {"month": text[:20]}))
    return first


def following(first: date) -> date:
    """Return the first day of the month after."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
