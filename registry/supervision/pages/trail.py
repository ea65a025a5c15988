"""The audit log, newest first, and its chain checked on demand."""

from __future__ import annotations

from flask import render_template, request

from registry.accounts.guard import asks
from registry.audit.domain import Fault
from registry.audit.queries import verify
from registry.supervision.pages.blueprint import rows, trail_blueprint
from registry.supervision.queries.trail import trail
from registry.web.paging import KeyPage, asked_size

DIGITS = 18


@trail_blueprint.get("/audit")
@asks("audit.read")
def audit() -> str:
    """List events, the newest first."""
    return _page(None)


@trail_blueprint.post("/audit/verify")
@asks("audit.read")
def verify_audit() -> str:
    """Check the whole chain and show what came of it."""
    return _page(verify(rows()))


def _page(outcome: tuple[int, list[Fault]] | None) -> str:
    size = asked_size()
    after = request.args.get("after", "")
    before = int(after) if after.isascii() and after.isdigit() and len(after) <= DIGITS else None
    subject, actor = request.args.get("subject", "")[:200], request.args.get("actor", "")[:80]
    found = trail(rows(), before=before, subject=subject, actor=actor, limit=size + 1)
    shown = found[:size]
    return render_template(
        "supervision/audit.html",
        page=KeyPage(shown, str(shown[-1].sequence) if len(found) > size else None),
        subject=subject,
        actor=actor,
        outcome=outcome,
    )
