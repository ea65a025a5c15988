"""A refused file is kept in a unit of work of its own, since nothing of the refused one stays; then settled or discarded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.intake.check import Report
from registry.intake.reader import Table
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.persons import require_nobody_named
from registry.kernel.rules import Severity
from registry.kernel.text import N_, Message
from registry.mail.domain import masked
from registry.parties.queries import sites_by_codes
from registry.reporting.domain.refused import (
    LONGEST_REFERENCE,
    REFERENCE,
    SITE,
    RefusedFact,
    column_of,
    packed,
    rows_as_kept,
)
from registry.reporting.models import RefusedFile, RefusedRow
from registry.reporting.queries.refused import refused_file, settled_ids
from registry.stock.service.tried import TriedPage

READ, POST = "stock.lines.read", "stock.post"
KEEP, DISCARD = "reports.keep_refused", "reports.discard_refused"
NO_REASON = Message(N_("say why"))


@dataclass(frozen=True, slots=True)
class Came:
    """A file as it came; `table`: its rows as text, None where it could not be read."""

    name: str
    digest: str
    size_bytes: int
    table: Table | None


def keep_refused(session: Session, actor: Actor, clock: Clock, came: Came, report: Report) -> None:
    """Keep a refused file of a firm with what was wrong; the same file again is kept once, with what is wrong now.

    The caller opens a unit of work of its own. Files of people who are of no firm are not reports of a site.
    """
    if actor.organisation_id is None:
        return
    found = packed(report.problems, report.findings)
    table = came.table or Table((), [], [])
    content = rows_as_kept(table.header, table.rows, table.numbers, report.problems) if came.table else None
    same = (
        RefusedFile.organisation_id == actor.organisation_id,
        RefusedFile.digest == came.digest,
        RefusedFile.closed_at.is_(None),
        RefusedFile.findings == found,
        RefusedFile.content.is_not_distinct_from(content),
    )
    if session.scalar(select(RefusedFile.id).where(*same)) is not None:
        return
    columns = {name: n for n, name in enumerate(table.header)}
    references = [cell for cell in map(masked, column_of(columns, table.rows, REFERENCE)) if cell]
    named = {cell for cell in references if len(cell) <= LONGEST_REFERENCE}
    refusing = sum(finding.severity is Severity.REFUSE for finding in report.findings)
    values = {
        "site_id": _site_of(session, actor.organisation_id, set(column_of(columns, table.rows, SITE))),
        "name": masked(came.name),
        "size_bytes": came.size_bytes,
        "rows": len(table.rows),
        "unnamed": len(table.rows) - sum(cell in named for cell in references),
        "problems": len(report.problems) + refusing,
        "findings": found,
        "content": content,
        "sent_at": clock.now(),
        "sent_by": actor.username,
        "closed_at": None,
        "closed_by": None,
        "reason": None,
    }
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    key = {"organisation_id": actor.organisation_id, "digest": came.digest}
    kept = dialect.insert(RefusedFile).values(**values, **key)
    kept = kept.on_conflict_do_update(index_elements=list(key), set_=values)
    file_id = session.execute(kept.returning(RefusedFile.id)).scalar_one()
    session.execute(delete(RefusedRow).where(RefusedRow.file_id == file_id))
    if named:
        session.connection().execute(
            insert(RefusedRow),
            [{"file_id": file_id, "reference": one} for one in sorted(named)],
        )
    detail = {"file": file_id, "digest": came.digest, "rows": len(table.rows), "problems": values["problems"]}
    record(session, actor, clock, KEEP, f"movements {masked(came.name)}", detail)


def page_tried(session: Session, actor: Actor, clock: Clock, tried: TriedPage) -> None:
    """Keep a page of the journal that was refused, one however often it is sent; once it is recorded it is settled."""
    digest = hashlib.sha256(f"page {tried.key}".encode()).hexdigest()
    if tried.report.refused:
        size = sum(len(cell.encode()) for row in tried.table.rows for cell in row)
        keep_refused(session, actor, clock, Came(tried.key, digest, size, tried.table), tried.report)
        return
    mine = (RefusedFile.organisation_id == actor.organisation_id, RefusedFile.digest == digest)
    closed = {"closed_at": clock.now(), "closed_by": SYSTEM.username}
    session.execute(update(RefusedFile).where(*mine, RefusedFile.closed_at.is_(None)).values(**closed))


def _site_of(session: Session, organisation_id: int, codes: set[str]) -> int | None:
    """Return the one site of the firm that the rows name."""
    if len(codes - {""}) != 1:
        return None
    found = list(sites_by_codes(session, codes - {""}).values())
    return found[0].id if found and found[0].organisation_id == organisation_id else None


def settle(session: Session, clock: Clock) -> int:
    """Close the refused files whose rows are all in the ledger; return how many. A constant number of statements."""
    ids = settled_ids(session)
    if ids:
        closed = {"closed_at": clock.now(), "closed_by": SYSTEM.username}
        session.execute(
            update(RefusedFile).where(RefusedFile.id.in_(ids), RefusedFile.closed_at.is_(None)).values(**closed)
        )
    return len(ids)


def file_for(session: Session, actor: Actor, file_id: int, action: str = READ) -> RefusedFact:
    """Return a refused file. Raises `NotFound`, also for those of other firms."""
    found = refused_file(session, file_id)
    if found is None or policy.scope(actor, action) not in (None, found.organisation_id):
        raise NotFound(Message(N_("there is no such refused file")))
    return found


def discard(session: Session, actor: Actor, clock: Clock, file_id: int, reason: str) -> None:
    """Discard a refused file with a reason; what was wrong stays on record. Raises `NotFound`, `Invalid`, `Conflict`."""
    found = file_for(session, actor, file_id, POST)
    if not reason.strip():
        raise Invalid(NO_REASON, [Problem("reason", "missing", NO_REASON)])
    require_nobody_named("reason", reason)
    closed = {"closed_at": clock.now(), "closed_by": actor.username, "reason": reason.strip()}
    moved = session.execute(
        update(RefusedFile).where(RefusedFile.id == file_id, RefusedFile.closed_at.is_(None)).values(**closed)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(Message(N_("somebody has seen to this file already")))
    record(session, actor, clock, DISCARD, f"movements {found.name}", {"file": file_id, "reason": reason.strip()})
