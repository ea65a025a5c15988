"""SQLite: copied while in use by its own online backup, brought back by replacing the file at once."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from registry.db import Base, prepare_engine
from registry.kernel.text import N_, Message
from registry.supervision.service.backup.container import Writer, unpack
from registry.supervision.service.backup.manifest import BackupRefused, Manifest, Progress

MEMBER = "content/registry.db"
PAGES = 2_000
CHUNK = 1024 * 1024


def database_file(engine: Engine) -> Path:
    """Return the file of an SQLite database. Raises `BackupRefused` for one that lives in memory."""
    if not engine.url.database or engine.url.database == ":memory:":
        raise BackupRefused(Message(N_("a database in memory has no backup")))
    return Path(engine.url.database)


def dump(engine: Engine, writer: Writer, progress: Progress) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Write the database as it is at one moment; return table -> rows, and no columns (the file knows its own)."""
    source = database_file(engine)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=source.parent) as folder:
        copy = Path(folder) / "registry.db"
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as target:
            live.backup(target, pages=PAGES, progress=lambda _, left, all_: progress(source.name, all_ - left, all_))
            # One file without a journal beside it.
            target.execute("PRAGMA journal_mode=DELETE")
        with copy.open("rb") as file, writer.member(MEMBER) as inner:
            while chunk := file.read(CHUNK):
                inner.write(chunk)
        return row_counts(copy), {}


def row_counts(path: Path) -> dict[str, int]:
    """Return table -> number of rows of a database file."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in Base.metadata.sorted_tables
            }
    finally:
        engine.dispose()


def restore(
    engine: Engine, path: Path, manifest: Manifest, check: Callable[[Session], None], progress: Progress
) -> None:
    """Replace the database file by the one in the backup, after `check` has passed on it.

    What stands there now is whole until the last moment: the new file is unpacked and checked
    beside it and takes its name in one step. Processes that hold the old file must be started anew.
    """
    target = database_file(engine)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=target.parent) as folder:
        copy = Path(folder) / "registry.db"
        progress(target.name, 0, 1)
        unpack(path, MEMBER, copy)
        _require_sound(copy, manifest)
        fresh = prepare_engine(create_engine(f"sqlite:///{copy}"))
        try:
            with Session(fresh) as session:
                check(session)
        finally:
            fresh.dispose()
        _fold_journal(copy)
        engine.dispose()
        if target.exists():
            # What the old journal holds belongs to the old file and must never be read into the new one.
            _fold_journal(target)
        copy.replace(target)
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        progress(target.name, 1, 1)


def _require_sound(copy: Path, manifest: Manifest) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        outcome = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if outcome != "ok" or row_counts(copy) != dict(manifest.rows):
        raise BackupRefused(Message(N_("the database inside the backup is not whole")))


def _fold_journal(path: Path) -> None:
    """Bring everything a write-ahead journal holds into the file itself; a file that is none has no journal."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError:
        return
