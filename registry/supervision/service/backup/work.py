"""Making, checking and bringing back a backup, on either database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, delete, inspect
from sqlalchemy.orm import Session

from registry.audit.queries import verify as verify_audit
from registry.audit.service import record
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import Clock
from registry.kernel.text import N_, Message
from registry.stock.queries.verify import verify as verify_ledger
from registry.supervision.queries.state import schema_head
from registry.supervision.queries.tables import table
from registry.supervision.service.backup import lite, postgres
from registry.supervision.service.backup.container import SEAL_LENGTH, require_whole, sealed_file
from registry.supervision.service.backup.manifest import ENDING, BackupRefused, Manifest, Progress

SQLITE = "sqlite"
KINDS = {SQLITE: lite, "postgresql": postgres}


@dataclass(frozen=True, slots=True)
class Installation:
    """What a backup is made of or brought back to: `code_head` is the newest migration of the code."""

    engine: Engine
    clock: Clock
    version: str
    code_head: str | None

    @property
    def kind(self) -> str:
        """Return the kind of database, as a manifest names it."""
        return self.engine.dialect.name


def quiet(_name: str, _done: int, _all: int) -> None:
    """Report no progress."""


def create_backup(installation: Installation, folder: Path, progress: Progress = quiet) -> tuple[Path, Manifest]:
    """Write one sealed file into `folder` and return it; other people may go on working meanwhile.

    Raises `BackupRefused` for a database in memory. A second backup of the same second takes the
    place of the first.
    """
    with Session(installation.engine) as session:
        head = schema_head(session)
    moment = installation.clock.now()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"registry-{moment:%Y%m%d-%H%M%S}{ENDING}"
    with sealed_file(path) as writer:
        rows, columns = KINDS[installation.kind].dump(installation.engine, writer, progress)
        manifest = Manifest(
            registry_version=installation.version,
            schema_head=head,
            database=installation.kind,
            made_at=moment.isoformat(timespec="seconds"),
            rows=rows,
            columns=columns,
            members=writer.members,
            digest=writer.digest,
        )
        writer.finish(manifest)
    _note(installation, "backup.create", path, manifest)
    return path, manifest


def verify_backup(path: Path) -> Manifest:
    """Return the manifest of a backup after reading every byte of it. Raises `BackupRefused` for any damage."""
    return require_whole(path)


def restore_backup(
    installation: Installation, path: Path, make_schema: Callable[[], None], progress: Progress = quiet
) -> Manifest:
    """Bring the database back to what the backup holds, or leave it as it is.

    `make_schema` runs the migrations where there is no schema yet. Raises `BackupRefused` for a
    damaged file, for one of another kind of database or another schema, and when ledger or audit
    log do not hold in it. All sessions end: whoever was signed out since must not be signed in again.
    """
    manifest = require_whole(path)
    _require_fitting(installation, manifest)
    if installation.kind != SQLITE and not inspect(installation.engine).has_table(table("audit_head").name):
        make_schema()
    if installation.kind != SQLITE:
        with Session(installation.engine) as session:
            _require_same_schema(schema_head(session), manifest)

    def check(session: Session) -> None:
        _require_same_schema(schema_head(session), manifest)
        require_sound(session)

    KINDS[installation.kind].restore(installation.engine, path, manifest, check, progress)
    with Session(installation.engine) as session, unit_of_work(session):
        session.execute(delete(table("web_session")))
    _note(installation, "backup.restore", path, manifest)
    return manifest


def require_sound(session: Session) -> None:
    """Raise `BackupRefused` unless the ledger and the whole audit log hold."""
    ledger = verify_ledger(session).faults
    _, audit = verify_audit(session)
    if ledger or audit:
        raise BackupRefused(
            Message(
                N_(
                    "nothing was replaced: the backup has %(ledger)s faults in the ledger and %(audit)s in the audit log"
                ),
                {"ledger": len(ledger), "audit": len(audit)},
            )
        )


def _require_fitting(installation: Installation, manifest: Manifest) -> None:
    if manifest.database != installation.kind:
        raise BackupRefused(
            Message(
                N_("the backup is of %(found)s, this installation runs on %(here)s"),
                {"found": manifest.database, "here": installation.kind},
            )
        )
    _require_same_schema(installation.code_head, manifest)


def _require_same_schema(head: str | None, manifest: Manifest) -> None:
    if head != manifest.schema_head:
        raise BackupRefused(
            Message(
                N_("the backup has schema %(found)s of version %(version)s, here it is %(here)s"),
                {"found": manifest.schema_head or "-", "version": manifest.registry_version, "here": head or "-"},
            )
        )


def _note(installation: Installation, action: str, path: Path, manifest: Manifest) -> None:
    """Record in the audit log which file was made or brought back."""
    with Session(installation.engine) as session, unit_of_work(session):
        detail = {"digest": manifest.digest, "rows": sum(manifest.rows.values()), "seal": seal_of(path)}
        record(session, SYSTEM, installation.clock, action, path.name, detail)


def seal_of(path: Path) -> str:
    """Return the seal a backup ends with."""
    with path.open("rb") as file:
        file.seek(-SEAL_LENGTH, 2)
        return file.read().decode("ascii", "replace")
