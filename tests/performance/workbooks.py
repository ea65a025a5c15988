"""Workbooks: from upload to commit against reading and writing alone, errors all at once, a replay, the memory of a long one.

``python -m tests.performance.workbooks FILE`` reads one workbook and prints by how many bytes the process grew.
"""

from __future__ import annotations

import io
import random
import re
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

from flask import Flask
from openpyxl import Workbook
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from registry.exchange.service import SentFile, take_in
from registry.intake.check import Report
from registry.intake.reader import Limits, read_table
from registry.kernel.actor import SYSTEM
from registry.parties.queries import sites_by_codes
from registry.workbooks.domain import FIRST_ROW, SIZES, Offered
from registry.workbooks.service import SiteWorkbook, make_workbook
from registry.workbooks.template import written
from tests import world
from tests.performance.ingest import BATCHES, DAYS, PRODUCTS, RECEIVERS

SHEET = "xl/worksheets/sheet1.xml"
KIND = "movements"
LETTERS = "BCDEFG"
ROW = re.compile(r'(<row r="([0-9]+)"[^>]*>)(.*?)</row>', re.DOTALL)
COLUMNS = 14


def application() -> Flask:
    """Return what holds the key by which workbooks are sealed."""
    app = Flask("bench")
    app.config["SECRET_KEY"] = "bench"
    return app


def given_out(session: Session) -> SiteWorkbook:
    """Return the workbook of the wholesaler, as large as they are."""
    return make_workbook(session, world.CLOCK, sites_by_codes(session, ["E-WHO"])["E-WHO"], SIZES[-1], "en", str)


def filled(made: SiteWorkbook, number: int, rows: int, wrong: int = 0) -> bytes:
    """Return the bytes of a workbook with `rows` supplies chosen from its lists, `wrong` of them with a wrong quantity."""
    chance = random.Random(number)
    days = DAYS[(number * 20) % 600 : (number * 20) % 600 + 20]
    shown = {name: {row[1]: row[0] for row in made.lists[name][1:]} for name in Offered}
    bad = set(chance.sample(range(FIRST_ROW, FIRST_ROW + rows), wrong))

    def fill(match: re.Match[str]) -> str:
        row = int(match[2])
        if not FIRST_ROW <= row < FIRST_ROW + rows:
            return match[0]
        product, batch = chance.choice(PRODUCTS), chance.randrange(BATCHES)
        cells = (
            chance.choice(days),
            shown[Offered.KINDS]["supply"],
            shown[Offered.PRODUCTS][product],
            "ten" if row in bad else str(chance.randint(1, 30)),
            shown[Offered.PARTNERS].get(receiver := chance.choice(RECEIVERS), receiver),
            f"B{batch}",
        )
        more = "".join(
            f'<c r="{letter}{row}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for letter, cell in zip(LETTERS, cells, strict=True)
        )
        return f"{match[1]}{match[3]}{more}</row>"

    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written(made, str))) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:  # fmt: skip
        for name in source.namelist():
            body = source.read(name)
            result.writestr(name, ROW.sub(fill, body.decode()).encode() if name == SHEET else body)
    return target.getvalue()


def post(session: Session, data: bytes, *, dry_run: bool = False) -> Report:
    """Take a workbook in as pages, command and API do."""
    return take_in(session, SYSTEM, world.CLOCK, SentFile(KIND, data, "w.xlsx"), dry_run=dry_run)


def posted(session: Session, data: bytes) -> None:
    """Take a workbook in; it must be written."""
    report = post(session, data)
    assert report.written, report.as_json()


def judged(session: Session, data: bytes, wrong: int) -> None:
    """Judge a workbook; every wrong cell must be told with its row and column in the one answer."""
    report = post(session, data, dry_run=True)
    told = {(problem.row, problem.column) for problem in report.problems}
    assert len(told) == len(report.problems) == wrong, report.as_json()
    assert all(row and column == "quantity" for row, column in told)


def only_read(data: bytes) -> None:
    """Read a workbook and do nothing with it."""
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def long_file(path: Path, rows: int) -> None:
    """Write a workbook of many rows, as a file of movements has them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([f"column {n}" for n in range(COLUMNS)])
    for row in range(rows):
        sheet.append(
            [f"S-{row}", DAYS[row % len(DAYS)], "supply", "E-WHO", PRODUCTS[row % 4], row, "E-PH1", *("морфин",) * 7]
        )
    book.save(path)


def grown_bytes(path: Path) -> int:
    """Return by how many bytes a process of its own grows while it reads the workbook."""
    command = (sys.executable, "-m", "tests.performance.workbooks", str(path))
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    content = Path(sys.argv[1]).read_bytes()
    before = _peak()
    table = read_table(content, Limits(megabytes=100))
    print(_peak() - before)
