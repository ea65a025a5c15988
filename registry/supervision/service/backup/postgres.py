"""PostgreSQL without its own tools: every table by COPY out of one snapshot, and by COPY back in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.orm import Session

from registry.db import Base, unit_of_work
from registry.kernel.text import N_, Message
from registry.supervision.service.backup.container import Writer, opened
from registry.supervision.service.backup.manifest import BackupRefused, Manifest, Progress

CHUNK = 1024 * 1024


def dump(engine: Engine, writer: Writer, progress: Progress) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Write every table as it is in one snapshot; return table -> rows and table -> columns."""
    rows: dict[str, int] = {}
    columns: dict[str, list[str]] = {}
    tables = Base.metadata.sorted_tables
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection,
        connection.begin(),
    ):
        for number, table in enumerate(tables):
            progress(table.name, number, len(tables))
            columns[table.name] = [column.name for column in table.columns]
            rows[table.name] = _copy_out(connection, table, columns[table.name], writer)
    progress("", len(tables), len(tables))
    return rows, columns


def _copy_out(connection: Connection, table: Table, names: list[str], writer: Writer) -> int:
    cursor = _driver(connection).cursor()
    with writer.member(_member(table.name)) as inner:
        with cursor.copy(sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table.name), _listed(names))) as copy:
            for data in copy:
                inner.write(data)
        return int(cursor.rowcount)


def restore(
    engine: Engine, path: Path, manifest: Manifest, check: Callable[[Session], None], progress: Progress
) -> None:
    """Replace what every table holds, all in one transaction: until `check` has passed nothing has changed.

    The append-only guards are put aside for this transaction by the owner of the tables; the
    sequences go on after the highest number.
    """
    tables = Base.metadata.sorted_tables
    if {table.name for table in tables} != set(manifest.rows):
        raise BackupRefused(Message(N_("the tables of the backup are not those of this version")))
    with Session(engine) as session, unit_of_work(session):
        connection = session.connection()
        for table in tables:
            _execute(connection, "ALTER TABLE {} DISABLE TRIGGER USER", table.name)
        _driver(connection).cursor().execute(sql.SQL("TRUNCATE {}").format(_listed([table.name for table in tables])))
        for number, table in enumerate(tables):
            progress(table.name, number, len(tables))
            taken = _copy_in(connection, table.name, manifest, path)
            if taken != manifest.rows[table.name]:
                raise BackupRefused(Message(N_("the database inside the backup is not whole")))
            if "id" in table.columns:
                _execute(
                    connection,
                    "SELECT setval(pg_get_serial_sequence({name}, 'id'), COALESCE(MAX(id), 1), MAX(id) IS NOT NULL)"
                    " FROM {table}",
                    table.name,
                )
        for table in tables:
            _execute(connection, "ALTER TABLE {} ENABLE TRIGGER USER", table.name)
        check(session)
    progress("", len(tables), len(tables))


def _copy_in(connection: Connection, name: str, manifest: Manifest, path: Path) -> int:
    cursor = _driver(connection).cursor()
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _listed(manifest.columns[name]))
    with opened(path, _member(name)) as inner, cursor.copy(statement) as copy:
        while chunk := inner.read(CHUNK):
            copy.write(chunk)
    return int(cursor.rowcount)


def _execute(connection: Connection, statement: str, name: str) -> None:
    table = sql.Identifier(name)
    _driver(connection).cursor().execute(sql.SQL(statement).format(table, table=table, name=sql.Literal(name)))


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - psycopg's connection, which SQLAlchemy types as anything
    return connection.connection.driver_connection


def _listed(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _member(name: str) -> str:
    return f"content/{name}.copy"
