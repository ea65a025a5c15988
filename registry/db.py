"""The database: engine, `Base`, `unit_of_work`, and rows handed to SQL as one value.

The only module that commits, and the only one that touches Flask-SQLAlchemy. On SQLite a
unit of work takes the write lock at once (``BEGIN IMMEDIATE``): with a plain ``BEGIN`` two
writers that both read first fail with "database is locked".
"""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from registry.kernel.errors import Conflict, Invalid, Problem, RegistryError
from registry.kernel.fields import PERSONAL_NUMBER
from registry.kernel.personal_number import is_likely_in
from registry.kernel.text import N_, Message

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MS = 30_000
COLLISIONS = frozenset({"23505", "40P01"})
"""PostgreSQL: unique violation, deadlock detected."""
WRITE = "registry_write"
BEFORE_COMMIT = "registry_before_commit"
REMEMBERED = "registry_remembered"

Identity = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What all rows subclass."""

    metadata = MetaData(naming_convention=NAMING)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware in Python on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """Refuse naive moments and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return UTC, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Note(TypeDecorator[str]):
    """What people write in their own words: no personal number is ever kept in it, whoever forgot to ask before.

    The services ask first and say where; this is the last door. Raises `Invalid`, which `unit_of_work` hands on.
    """

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: ARG002
        """Return the type in the database: text, or text of at most so many characters."""
        return Text() if self.length is None else String(self.length)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse a text in which a personal number stands."""
        if value is not None and is_likely_in(value):
            raise Invalid(PERSONAL_NUMBER, [Problem("note", "personal-number", PERSONAL_NUMBER)])
        return value


db = SQLAlchemy(metadata=Base.metadata)


@contextmanager
def unit_of_work(session: Session) -> Iterator[Session]:
    """Commit everything or nothing; on SQLite take the write lock at once.

    Callables registered with `before_commit` run last, inside the transaction.
    """
    if session.in_transaction():
        session.rollback()
    session.connection(execution_options={WRITE: True})
    try:
        yield session
        for call in session.info.pop(BEFORE_COMMIT, {}).values():
            call(session)
        session.commit()
    except BaseException as error:
        session.info.pop(BEFORE_COMMIT, None)
        session.rollback()
        if isinstance(error, StatementError) and isinstance(error.orig, RegistryError):
            raise error.orig from error
        if _is_collision(error):
            raise Conflict(
                Message(N_("somebody recorded the same thing at the same moment: look again, then repeat"))
            ) from error
        raise


def read_one_moment(session: Session) -> None:
    """Let all that is read until the transaction ends be of one moment, whoever writes meanwhile; nobody waits for it."""
    if session.in_transaction():
        session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


@contextmanager
def part_of_work(session: Session) -> Iterator[None]:
    """Keep all that is done inside, or nothing of it where it fails: then what was done before stands, also its events."""
    waiting = copy.deepcopy(session.info.get(BEFORE_COMMIT, {}))
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info[BEFORE_COMMIT] = waiting
        forget(session)
        raise


def remembered(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` finds, asked once in a transaction: for lists that nobody changes beside other work.

    Whoever does change them calls `forget`.
    """
    transaction = session.get_transaction()
    kept = session.info.get(REMEMBERED)
    if kept is None or kept[0] is not transaction:
        kept = session.info[REMEMBERED] = (transaction, {})
    if transaction is None:
        return make()
    found: dict[Hashable, Any] = kept[1]
    if key not in found:
        found[key] = make()
    return cast("T", found[key])


def remembered_each(
    session: Session, key: Hashable, wanted: Iterable[K], find: Callable[[set[K]], Mapping[K, T]]
) -> dict[K, T]:
    """Return what `find` says of each of `wanted`, asked once in a transaction for each: for rows that never change.

    What is unknown is missing, and asked for again.
    """
    keys = list(dict.fromkeys(wanted))
    known: dict[K, T] = remembered(session, key, dict)
    missing = set(keys) - known.keys()
    if missing:
        known.update(find(missing))
    return {each: known[each] for each in keys if each in known}


def forget(session: Session) -> None:
    """Ask anew for what was remembered in this transaction: it was changed."""
    session.info.pop(REMEMBERED, None)


def _is_collision(error: BaseException) -> bool:
    """Say whether two people met: a unique key just taken, or a deadlock the database resolved.

    Rows handed to the driver itself fail with the driver's own error.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.IntegrityError):
        return "UNIQUE constraint failed" in str(cause)
    return getattr(cause, "sqlstate", None) in COLLISIONS


T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Work = TypeVar("Work", bound=Callable[[Session], None])


def before_commit(session: Session, key: str, make: Callable[[], Work]) -> Work:
    """Return the callable that runs once under `key` just before this unit of work commits.

    The first caller makes it; later callers get the same one and may add to its work.
    """
    calls: dict[str, Work] = session.info.setdefault(BEFORE_COMMIT, {})
    if key not in calls:
        calls[key] = make()
    return calls[key]


_CAPITALS = {
    sign: small for sign in map(chr, range(0xC0, 0x530)) if len(small := sign.casefold()) == 1 and small != sign
}
"""Capitals beyond ASCII: those of the Latin, Greek and Cyrillic alphabets."""
FOLDED = "registry_folded"


class folded(FunctionElement[str]):  # noqa: N801 - stands in queries like `func.lower`
    """A text without capitals, as `kernel.codes.search_key` folds words, on both databases and in any locale.

    ``lower()`` leaves Cyrillic capitals as they are on SQLite and, with the locale C, on PostgreSQL.
    """

    type = Text()
    inherit_cache = True


@compiles(folded)
def _folded(element: folded, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"{FOLDED}({compiler.process(element.clauses, **options)})"


@compiles(folded, "postgresql")
def _folded_there(element: folded, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    inner = compiler.process(element.clauses, **options)
    return f"translate(lower({inner}), '{''.join(_CAPITALS)}', '{''.join(_CAPITALS.values())}')"


def _fold(value: str | None) -> str | None:
    return None if value is None else value.casefold()


def prepare_engine(engine: Engine) -> Engine:
    """Set up an engine for the registry; on SQLite: WAL, foreign keys, explicit begin."""
    if engine.dialect.name != "sqlite" or getattr(engine, "registry_prepared", False):
        return engine

    @event.listens_for(engine, "connect")
    def _connect(dbapi: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        dbapi.isolation_level = None  # we send BEGIN ourselves
        cursor = dbapi.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        dbapi.create_function(FOLDED, 1, _fold, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    engine.registry_prepared = True  # type: ignore[attr-defined]
    return engine


SQL_TYPES: Mapping[str, str] = {"int": "bigint", "text": "text", "day": "date"}


def inline_rows(
    session: Session, alias: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]
) -> tuple[str, dict[str, Any]]:
    """Hand many rows to SQL as one bound value: the set-based way on both databases.

    Returns a table expression to stand in FROM (as `alias`, with the names of `columns`)
    and its parameters. `columns` maps name to ``int``, ``text`` or ``day``; days travel as
    ISO text. The number of statements and parameters does not grow with the rows.
    """
    # Names of our own make the SQL; values always travel as parameters.
    if session.get_bind().dialect.name == "sqlite":
        if len(columns) == 1:
            picks = f"value AS {next(iter(columns))}"
            packed = json.dumps(list(chain.from_iterable(rows)), ensure_ascii=False, default=_iso)
        else:
            picks = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(columns))
            packed = json.dumps([*map(tuple, rows)], ensure_ascii=False, default=_iso)
        return f"(SELECT {picks} FROM json_each(:{alias}_rows)) AS {alias}", {f"{alias}_rows": packed}
    arrays = ", ".join(f"CAST(:{alias}_{name} AS {SQL_TYPES[kind]}[])" for name, kind in columns.items())
    names = ", ".join(columns)
    lists = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return (
        f"unnest({arrays}) AS {alias}({names})",
        {f"{alias}_{name}": list(values) for name, values in zip(columns, lists, strict=True)},
    )


def _iso(cell: object) -> str:
    """Spell what JSON has no word for: days travel as ISO text."""
    if isinstance(cell, date):
        return cell.isoformat()
    raise TypeError(f"{type(cell).__name__} cannot be handed to SQL in a row")


def as_day(value: object) -> date:
    """Return a day from a raw SQL row: SQLite hands days out as text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def lock_gate(session: Session, gate: int, keys: Iterable[int], *, shared: bool = False) -> None:
    """Let one transaction at a time work on each of `keys`, or many that only ask for it `shared`; held until it ends.

    A row lock needs the row to exist first; this does not. Locks are taken in sorted order.
    On SQLite the unit of work already holds the only write lock.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    session.execute(
        text(f"SELECT {lock}(:gate, k.key) FROM (SELECT unnest(CAST(:keys AS int[])) AS key ORDER BY 1) AS k"),
        {"gate": gate, "keys": sorted(set(keys))},
    )


def lock_suffix(session: Session) -> str:
    """Return ``FOR UPDATE`` where the database has row locks (SQLite already holds its write lock)."""
    return "" if session.get_bind().dialect.name == "sqlite" else " FOR UPDATE"


def server_version(session: Session) -> str:
    """Return name and version of the database server, for `flask doctor` and the test log."""
    if session.get_bind().dialect.name == "sqlite":
        return "SQLite " + str(session.execute(text("SELECT sqlite_version()")).scalar_one())
    return "PostgreSQL " + str(session.execute(text("SHOW server_version")).scalar_one())
