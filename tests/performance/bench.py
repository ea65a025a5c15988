"""`make bench`: ratios to the bare database, measured interleaved in one run, printed and written to bench.json."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table as Shown
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from registry.db import server_version
from registry.kernel.period import Period
from registry.returns.service.make import make_return
from registry.settings import Settings
from registry.stock.queries.verify import LEGS, verify
from tests import world
from tests.databases import Databases, engine_for
from tests.performance import ingest, papers, permits, workbooks
from tests.performance.ledger import grow
from tests.postgres import Server

ROUNDS = 7
ROWS = 10_000
FEW = 100
SMALL = 10_000
ISSUED = 80
TURNS = 10
JUDGED, WRONG = 5_000, 200
LONG, MEMORY = 100_000, 200
LARGE = int(os.environ.get("REGISTRY_BENCH_ROWS", "1000000"))
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "1GB"}

Figures = dict[str, dict[str, object]]


def main() -> None:
    """Measure everything on both databases."""
    console = Console(stderr=True)
    figures: Figures = {}
    measure_papers(figures, console)
    server = Server(DURABLE).start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for kind in ("sqlite", "postgresql"):
                databases = Databases(kind, Path(folder), server.url)
                measure_ingest(databases, kind, figures, console)
                measure_form(databases, kind, figures, console)
                if kind == "postgresql":
                    measure_workbooks(databases, Path(folder), figures, console)
                if kind == "postgresql":
                    measure_issue(databases, Path(folder), figures, console)
    finally:
        server.stop()
    Path("bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    table = Shown("key", "ratio", "details")
    for key, figure in figures.items():
        rest = ", ".join(f"{name} {value}" for name, value in figure.items() if name != "ratio")
        table.add_row(key, str(figure["ratio"]), rest)
    Console(width=140).print(table)


def measure_papers(figures: Figures, console: Console) -> None:
    """Compare the rate of permits as PDF with the rate of the same ready strokes on a bare canvas, turn by turn.

    `words_ratio`: with a bare canvas that draws no QR code, while ours does; `without_code_ratio`: neither does.
    """
    console.print(f"permits as PDF, {ROUNDS} rounds of {papers.PAPERS}")
    key = papers.practice()
    pages = papers.strokes(key)
    code = papers.ready_code(key)
    times: dict[str, list[float]] = {"bare": [], "words": [], "unsigned": [], "no_code": [], "signed": []}
    for number in range(ROUNDS + 1):
        took = {
            "bare": ingest.timed(partial(papers.bare, pages, code)),
            "words": ingest.timed(partial(papers.bare, pages, [])),
            "unsigned": ingest.timed(partial(papers.unsigned, key)),
            "no_code": ingest.timed(partial(papers.without_code, key)),
            "signed": ingest.timed(partial(papers.signed, key)),
        }
        for name, seconds in took.items():
            times[name] += [seconds] if number else []
    median = {name: statistics.median(seconds) for name, seconds in times.items()}
    limit, ours = median["bare"], median["unsigned"]
    figures["permit_pdf"] = {
        **_figure(limit / ours, ours, limit, papers=papers.PAPERS),
        "words_ratio": round(median["words"] / ours, 3),
        "without_code_ratio": round(median["words"] / median["no_code"], 3),
        "signed_ratio": round(limit / median["signed"], 3),
        "per_second": {name: round(papers.PAPERS / seconds, 1) for name, seconds in median.items()},
    }


def measure_ingest(databases: Databases, kind: str, figures: Figures, console: Console) -> None:
    """Compare posting a file with the bare write of the same rows, turn by turn."""
    engine = engine_for(databases.copy_of(databases.stocked()))
    with Session(engine) as session:
        console.print(f"{server_version(session)}: ingest, {ROUNDS} rounds of {ROWS} rows")
        ingest.open_stock(session)
        ingest.bare_table(engine)
        ours, bare = [], []
        for number in range(ROUNDS + 1):
            table = ingest.file_of(number, ROWS)
            ingest.empty_log(engine)
            took = ingest.timed(partial(ingest.post_file, session, table))
            rows = ingest.last_rows(engine, ROWS)
            ingest.empty_log(engine)
            limit = ingest.timed(partial(ingest.write_bare, engine, rows))
            if number:
                ours.append(took)
                bare.append(limit)
        few = ingest.statements(engine, partial(ingest.post_file, session, ingest.file_of(100, FEW)))
        many = ingest.statements(engine, partial(ingest.post_file, session, ingest.file_of(101, ROWS)))
    engine.dispose()
    ours_s, limit_s = statistics.median(ours), statistics.median(bare)
    figures[f"ingest_{kind}"] = _figure(limit_s / ours_s, ours_s, limit_s, rows=ROWS)
    if kind == "sqlite" or "statements_per_upload" not in figures or many > few:
        figures["statements_per_upload"] = {"ratio": round(many / few, 3), "many": many, "few": few, "rows": ROWS}


def measure_workbooks(databases: Databases, folder: Path, figures: Figures, console: Console) -> None:
    """Compare a workbook from upload to commit with reading it and writing its rows; errors with none; a replay with the first."""
    engine = engine_for(databases.copy_of(databases.stocked()))
    console.print(f"{databases.kind}: workbooks, {ROUNDS} rounds of {ROWS} rows")
    times: dict[str, list[float]] = {"ours": [], "limit": [], "again": [], "clean": [], "wrong": []}
    with workbooks.application().app_context(), Session(engine) as session:
        ingest.open_stock(session)
        ingest.bare_table(engine)
        made = workbooks.given_out(session)
        clean, wrong = workbooks.filled(made, 50, JUDGED), workbooks.filled(made, 50, JUDGED, WRONG)
        for number in range(ROUNDS + 1):
            data = workbooks.filled(workbooks.given_out(session), number, ROWS)
            session.rollback()
            took = {"ours": ingest.timed(partial(workbooks.posted, session, data))}
            rows = ingest.last_rows(engine, ROWS)
            took["limit"] = ingest.timed(partial(workbooks.only_read, data))
            took["limit"] += ingest.timed(partial(ingest.write_bare, engine, rows))
            took["again"] = ingest.timed(partial(workbooks.posted, session, data))
            took["clean"] = ingest.timed(partial(workbooks.judged, session, clean, 0))
            took["wrong"] = ingest.timed(partial(workbooks.judged, session, wrong, WRONG))
            for name, seconds in took.items():
                times[name] += [seconds] if number else []
    engine.dispose()
    median = {name: statistics.median(seconds) for name, seconds in times.items()}
    for key, ours, limit, rows_measured in (
        ("workbook", "ours", "limit", ROWS), ("workbook_replay", "again", "ours", ROWS), ("errors_all_at_once", "wrong", "clean", JUDGED),
    ):  # fmt: skip
        figures[key] = _figure(median[ours] / median[limit], median[ours], median[limit], rows=rows_measured)
    long = folder / "long.xlsx"
    workbooks.long_file(long, LONG)
    grown = workbooks.grown_bytes(long) / 2**20
    figures["workbook_memory"] = {"ratio": round(grown / MEMORY, 3), "grown_mb": round(grown), "limit_mb": MEMORY, "rows": LONG}  # fmt: skip


def measure_issue(databases: Databases, folder: Path, figures: Figures, console: Console) -> None:
    """Compare issuing a permit through HTTP with the bare transaction: one by one, and eight at a time on one position."""
    console.print(f"{databases.kind}: issuing {ISSUED} permits one by one, {ISSUED} by {permits.CLIENTS} clients")
    with permits.desk(databases, folder, 2 * ISSUED + TURNS) as desk:
        permits.each_timed(desk.issue, TURNS)
        permits.each_timed(desk.bare, TURNS)
        ours, bare = [], []
        for _ in range(ISSUED // TURNS):
            ours += permits.each_timed(desk.issue, TURNS)
            bare += permits.each_timed(desk.bare, TURNS)
        ours_s, limit_s = statistics.median(ours), statistics.median(bare)
        crowd, rate = permits.together_timed(desk.issue, ISSUED)
        _, bare_rate = permits.together_timed(desk.bare, ISSUED)
    p50, p99 = statistics.median(crowd), statistics.quantiles(crowd, n=100)[98]
    figures["permit_http"] = {
        **_figure(ours_s / limit_s, ours_s, limit_s),
        "p99_to_median_with_8_clients": round(p99 / p50, 2),
    }
    figures["permit_contested"] = {
        "ratio": round(rate / bare_rate, 3), "per_second": round(rate, 1), "bare_per_second": round(bare_rate, 1),
    }  # fmt: skip


def measure_form(databases: Databases, kind: str, figures: Figures, console: Console) -> None:
    """Compare Form C over a large ledger with Form C over a small one, and the verification with its bare query."""
    small = engine_for(databases.copy_of(databases.stocked()))
    large = engine_for(databases.copy_of(databases.stocked()))
    console.print(f"{kind}: growing ledgers of {SMALL} and {LARGE} movements")
    for engine, rows in ((small, SMALL), (large, LARGE)):
        with Session(engine) as session:
            grow(session, rows)
    times: dict[str, list[float]] = {"small": [], "large": []}
    for _ in range(ROUNDS):
        for name, engine in (("small", small), ("large", large)):
            times[name].append(ingest.timed(partial(_form_c, engine)))
    ours, limit = statistics.median(times["large"]), statistics.median(times["small"])
    figures[f"form_c_growth_{kind}"] = _figure(ours / limit, ours, limit, rows=LARGE)
    if float(figures.get("form_c_growth", {"ratio": 0})["ratio"]) < ours / limit:  # type: ignore[arg-type]
        figures["form_c_growth"] = _figure(ours / limit, ours, limit, rows=LARGE)
    checks, windows = [], []
    for _ in range(3):
        checks.append(ingest.timed(partial(_verify, large)))
        windows.append(ingest.timed(partial(_window, large)))
    ours, limit = statistics.median(checks), statistics.median(windows)
    figures[f"ledger_verify_{kind}"] = _figure(ours / limit, ours, limit, rows=LARGE)
    small.dispose()
    large.dispose()


def _form_c(engine: Engine) -> None:
    with Session(engine) as session:
        made = make_return(session, world.CLOCK, Settings(), "C", Period(2024))
    assert made.figures


def _verify(engine: Engine) -> None:
    with Session(engine) as session:
        assert not verify(session).faults


def _window(engine: Engine) -> None:
    query = (
        "SELECT COUNT(*), MIN(running) FROM (SELECT SUM(delta) OVER"
        f" (PARTITION BY site_id, batch_id ORDER BY occurred_on) AS running FROM ({LEGS}) AS legs) AS history"
    )
    with engine.connect() as connection:
        assert connection.execute(text(query)).one()


def _figure(ratio: float, ours_s: float, limit_s: float, **sizes: int) -> dict[str, object]:
    return {"ratio": round(ratio, 3), "ours_s": round(ours_s, 4), "limit_s": round(limit_s, 4), **sizes}


if __name__ == "__main__":
    sys.exit(main())
