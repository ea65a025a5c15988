"""Organisations by code, asked of a higher room through hooks: accounts keeps only their ids.

``app.extensions["registry.organisation_id"]`` is called with a session and a code and returns
an id or None; ``app.extensions["registry.organisation_codes"]`` with a session and ids and
returns their codes; ``app.extensions["registry.organisation_unknown"]`` with a session and a code
nobody bears and returns what to say of it. All are wired where the parts meet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from flask import current_app
from sqlalchemy.orm import Session

from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message

ORGANISATION_ID = "registry.organisation_id"
ORGANISATION_CODES = "registry.organisation_codes"
ORGANISATION_UNKNOWN = "registry.organisation_unknown"


def organisation_id(session: Session, code: str | None) -> int | None:
    """Return the id of the organisation called `code`, None for no code. Raises `Invalid` for an unknown one."""
    if not code or not code.strip():
        return None
    find = current_app.extensions.get(ORGANISATION_ID)
    found: int | None = find(session, code.strip()) if find is not None else None
    if found is None:
        unknown = _unknown(session, code.strip())
        raise Invalid(unknown, [Problem("organisation", "unknown-organisation", unknown)])
    return found


def _unknown(session: Session, code: str) -> Message:
    say: Callable[[Session, str], Message] | None = current_app.extensions.get(ORGANISATION_UNKNOWN)
    plain = Message(N_("there is no organisation with the code “%(code)s”"), {"code": code})
    return plain if say is None else say(session, code)


def organisation_codes(session: Session, ids: Collection[int | None]) -> Mapping[int, str]:
    """Return the codes of organisations by id; an id nobody knows shows as its number."""
    wanted = {number for number in ids if number is not None}
    find = current_app.extensions.get(ORGANISATION_CODES)
    found: Mapping[int, str] = find(session, wanted) if find is not None and wanted else {}
    return {number: found.get(number, f"#{number}") for number in wanted}
