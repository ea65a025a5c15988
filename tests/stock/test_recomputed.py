"""A year as it is exported, computed anew by another program from the files alone, agrees to the last unit."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from sqlalchemy.orm import Session

from registry.quotas.queries import ledger_until
from registry.stock.exporting import Written, export_year
from registry.substances.queries.lists import substances_on
from tests import world
from tests.performance import ingest

YEAR = 2024
FILES = ("entries", "shelves", "totals", "compositions")
OF_THE_YEAR = ("consumed", "imported", "exported", "taken_on")
ODD = (
    "R-1,2023-12-30,opening_stock,E-PH1,,MOR10,OLD,70,,,,,",
    "R-2,2024-02-29,dispense,E-PH1,,MOR10,OLD,12.0,,,,RX-1,",
    'R-3,2024-12-31,lose,E-PH1,,MOR10,OLD,1,,,ACT-1,,"a comma, a ""quote"" and a сөз"',
    "R-4,2024-12-31,reverse,E-PH1,,MOR10,OLD,1,,,R-3,,",
    "R-5,2025-01-01,lose,E-PH1,,MOR10,OLD,5,,,ACT-2,,",
)  # fmt: skip


@pytest.fixture
def exported(stocked: Session, tmp_path: Path) -> tuple[duckdb.DuckDBPyConnection, list[Written]]:
    """Return the program with the files of a busy year as tables, every cell as text."""
    world.take_file(stocked, "07-movements")
    ingest.open_stock(stocked)
    ingest.post_file(stocked, ingest.file_of(1, 2_000))
    for row in ODD:
        report = world.move(stocked, row, columns=world.MOVEMENTS.replace("expires_on", "note"))
        assert report.written, report.as_json()
    written = export_year(stocked, world.CLOCK, YEAR, tmp_path / "year")
    program = duckdb.connect(config={"threads": 1})
    for name in FILES:
        program.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_csv('{tmp_path}/year/{name}.csv', all_varchar = true, header = true)"
        )
    return program, written


def rows(program: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return program.execute(query).fetchall()


def test_the_files_hold_what_they_say(exported: tuple[duckdb.DuckDBPyConnection, list[Written]]) -> None:
    program, written = exported
    assert [(each.name, each.rows) for each in written] == [
        (f"{name}.csv", rows(program, f"SELECT COUNT(*) FROM {name}")[0][0]) for name in FILES
    ]
    assert all(each.rows for each in written)
    assert rows(program, "SELECT quantity, units, unit FROM entries WHERE reference = 'R-2'") == [("12", "12", "piece")]
    assert rows(program, "SELECT COUNT(*) FROM entries WHERE occurred_on NOT LIKE '2024-%'") == [(0,)]


def test_every_shelf_closes_with_what_it_opened_with_and_what_moved(
    exported: tuple[duckdb.DuckDBPyConnection, list[Written]],
) -> None:
    program, _ = exported
    wrong = rows(
        program,
        """
        WITH moved AS (
            SELECT site, product, batch, site_delta::BIGINT AS change FROM entries
            UNION ALL
            SELECT counterparty, product, batch, counter_delta::BIGINT FROM entries WHERE counter_delta <> '0'
        ), changes AS (SELECT site, product, COALESCE(batch, '') AS batch, SUM(change) AS change FROM moved GROUP BY ALL)
        SELECT * FROM shelves FULL JOIN changes
            ON shelves.site = changes.site AND shelves.product = changes.product
            AND COALESCE(shelves.batch, '') = changes.batch
        WHERE COALESCE(opening_units::BIGINT, 0) + COALESCE(change, 0) <> COALESCE(closing_units::BIGINT, 0)
        """,
    )
    assert wrong == []
    [(opening, closing)] = rows(program, "SELECT opening, closing FROM shelves WHERE site = 'E-PH1' AND batch = 'OLD'")
    assert (opening, closing) == ("70", "58")


def test_the_national_totals_follow_from_the_entries(
    exported: tuple[duckdb.DuckDBPyConnection, list[Written]],
) -> None:
    program, _ = exported
    wrong = rows(
        program,
        """
        WITH parts AS (
            SELECT strftime(occurred_on::DATE, '%Y%m') AS month, product, revision, country, units::BIGINT AS units,
                unnest(string_split(effect, ' ')) AS part
            FROM entries WHERE effect IS NOT NULL
        ), counted AS (
            SELECT month, product, revision, rtrim(part, '+-') AS column_name,
                CASE WHEN part LIKE 'imported%' OR part LIKE 'exported%' THEN COALESCE(country, '') ELSE '' END AS partner,
                SUM(CASE WHEN part LIKE '%+' THEN units ELSE -units END) AS units
            FROM parts GROUP BY ALL
        ), wanted AS (SELECT * FROM counted WHERE units <> 0)
        SELECT * FROM totals FULL JOIN wanted
            ON totals.month = wanted.month AND totals.product = wanted.product AND totals.revision = wanted.revision
            AND totals.column_name = wanted.column_name AND COALESCE(totals.partner, '') = wanted.partner
        WHERE totals.units::BIGINT IS DISTINCT FROM wanted.units
        """,
    )
    assert wrong == []


def test_the_base_of_the_year_is_what_the_returns_are_made_from(
    exported: tuple[duckdb.DuckDBPyConnection, list[Written]], stocked: Session
) -> None:
    program, _ = exported
    found: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for substance, column, times, denominator in rows(
        program,
        """
        SELECT substance, column_name, SUM(units::HUGEINT * base_numerator::HUGEINT)::VARCHAR, base_denominator
        FROM totals JOIN compositions USING (product, revision) WHERE counted = '1' GROUP BY ALL
        """,
    ):
        found[str(substance), str(column)] += Fraction(int(str(times)), int(str(denominator)))
    substances = {each.code: each for each in substances_on(stocked, world.CLOCK.today())}
    told = ledger_until(stocked, YEAR)
    compared = 0
    for (code, column), base in found.items():
        if column in OF_THE_YEAR:
            assert told[substances[code].id][YEAR].get(column, 0) == base, (code, column)
            compared += bool(base)
    assert compared > len(OF_THE_YEAR)
