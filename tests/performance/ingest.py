"""Ingest: posting 10,000 movements with every check, against the bare database into a table of the same shape."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from registry.intake.reader import Table
from registry.kernel.actor import SYSTEM
from registry.stock.service.write import COLUMNS
from tests import world

PRODUCTS = ("MOR10", "FEN01", "DIA5", "CODPAR")
BATCHES = 50
RECEIVERS = ("E-PH1", "E-PH2", "E-HOS")
DAYS = tuple(f"{year}-{month:02d}-{day:02d}" for year in (2024, 2025) for month in range(1, 13) for day in range(1, 29))


def open_stock(session: Session) -> None:
    """Give the wholesaler enough of everything."""
    rows = [
        f"O-{product}-{batch},2024-01-01,opening_stock,E-WHO,,{product},B{batch},9000000,,,,,"
        for product in PRODUCTS
        for batch in range(BATCHES)
    ]
    report = world.move(session, *rows)
    assert report.written, report.as_json()


def file_of(number: int, rows: int) -> Table:
    """Make the `number`-th file of supplies, each later than the one before, as months follow each other."""
    chance = random.Random(number)
    days = DAYS[(number * 20) % 600 : (number * 20) % 600 + 20]
    return world.table_of(
        world.MOVEMENTS,
        *(
            f"S{number}-{row},{chance.choice(days)},supply,E-WHO,{chance.choice(RECEIVERS)},{chance.choice(PRODUCTS)},"
            f"B{chance.randrange(BATCHES)},{chance.randint(1, 30)},,,DOC-{number}-{row},,"
            for row in range(rows)
        ),
    )


def post_file(session: Session, table: Table) -> None:
    """Post one file as the registry does."""
    report = world.take_in(session, "movements", table, SYSTEM)
    assert report.written, report.as_json()


def bare_table(engine: Engine) -> None:
    """Make a table of the same columns, indexes, checks and foreign keys as the ledger."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("CREATE TABLE bare (LIKE movement INCLUDING ALL)"))
            keys = connection.execute(
                text(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'movement'::regclass AND contype = 'f'"
                )
            ).scalars()
            for definition in list(keys):
                connection.execute(text(f"ALTER TABLE bare ADD {definition}"))
            return
        wanted = text(
            "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'movement' AND sql IS NOT NULL AND type <> 'trigger'"
        )
        for kind, sql in connection.execute(wanted).all():
            renamed = sql.replace("ON movement ", "ON bare ").replace("CREATE TABLE movement", "CREATE TABLE bare")
            if kind == "index":
                renamed = renamed.replace("INDEX ix_", "INDEX bare_ix_").replace("INDEX uq_", "INDEX bare_uq_")
            connection.execute(text(renamed))


def last_rows(engine: Engine, rows: int) -> list[tuple[object, ...]]:
    """Return the rows posted last, as the bare path will write them."""
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {', '.join(COLUMNS)} FROM movement ORDER BY id DESC LIMIT {rows}"))
        return [
            tuple(str(cell) if name == "occurred_on" else cell for name, cell in zip(COLUMNS, row, strict=True))
            for row in found
        ]


def write_bare(engine: Engine, rows: list[tuple[object, ...]]) -> None:
    """Write rows the quickest way the database knows: COPY on PostgreSQL, executemany on SQLite."""
    names = ", ".join(COLUMNS)
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        if engine.dialect.name == "postgresql":
            body = "".join("\t".join("\\N" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
            with cursor.copy(f"COPY bare ({names}) FROM STDIN") as copy:
                copy.write(body)
        else:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(f"INSERT INTO bare ({names}) VALUES ({', '.join('?' * len(COLUMNS))})", rows)
        raw.commit()
    finally:
        raw.close()


def empty_log(engine: Engine) -> None:
    """Carry SQLite's write-ahead log over into the database, so that neither side pays for what the other wrote.

    SQLite does that at the commit that finds 1,000 pages in the log: with 500 to 900 pages a round, always at the same side's.
    """
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            raw.close()
        assert not busy, "somebody still reads"


def timed(call: Callable[[], None]) -> float:
    """Return the seconds `call` takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def statements(engine: Engine, call: Callable[[], None]) -> int:
    """Return the number of SQL statements `call` sends."""
    count = 0

    def seen(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(engine, "before_cursor_execute", seen)
    try:
        call()
    finally:
        event.remove(engine, "before_cursor_execute", seen)
    return count
