"""A small country for the tests: the example year, or as much of it as a test needs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from registry.counts.files import FILE_KINDS as COUNT_FILES
from registry.db import unit_of_work
from registry.endorsements.files import FILE_KINDS as ENDORSEMENT_FILES
from registry.intake.bulk import uninterrupted
from registry.intake.check import Report, check_table
from registry.intake.kinds import FileKind
from registry.intake.reader import Limits, Table, read_table
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock, FixedClock
from registry.licences.files import FILE_KINDS as LICENCE_FILES
from registry.parties.files import FILE_KINDS as PARTY_FILES
from registry.permits.files import FILE_KINDS as PERMIT_FILES
from registry.quotas.files import FILE_KINDS as QUOTA_FILES
from registry.returns.files import FILE_KINDS as RETURN_FILES
from registry.seizures.files import FILE_KINDS as SEIZURE_FILES
from registry.stock.domain.receipts import COLUMNS as ANSWER_COLUMNS
from registry.stock.files import FILE_KINDS as STOCK_FILES
from registry.stock.service import post
from registry.stock.service.receipts import receive
from registry.substances.files import FILE_KINDS as SUBSTANCE_FILES
from registry.substances.service import load_reference
from registry.therapy.files import FILE_KINDS as THERAPY_FILES
from registry.workdays.files import FILE_KINDS as WORKDAY_FILES

EXAMPLE = Path(__file__).parent / "data" / "year-2024"
BISHKEK = ZoneInfo("Asia/Bishkek")
CLOCK = FixedClock(datetime(2026, 11, 22, 9, 0, tzinfo=BISHKEK), BISHKEK)
KINDS: dict[str, FileKind] = {
    kind.name: kind
    for kinds in (
        SUBSTANCE_FILES, PARTY_FILES, LICENCE_FILES, QUOTA_FILES, PERMIT_FILES, ENDORSEMENT_FILES, STOCK_FILES, SEIZURE_FILES, RETURN_FILES,
        WORKDAY_FILES, COUNT_FILES, THERAPY_FILES,
    )
    for kind in kinds
}  # fmt: skip
BASE_FILES = ("01-organisations", "02-licences", "03-products", "04-components", "05-quotas", "06-permits")


def table_of(columns: str, *rows: str) -> Table:
    """Make a table from comma-separated text, as a small CSV file would."""
    return read_table("\n".join((columns, *rows)).encode(), Limits())


def take_in(
    session: Session, kind: str, table: Table, actor: Actor = SYSTEM, clock: Clock = CLOCK, source: str = "test"
) -> Report:
    """Take a table in as the edge does: committed when nothing is refused, rolled back otherwise."""
    chosen = KINDS[kind]
    report = None
    try:
        with unit_of_work(session), uninterrupted():
            report = chosen.apply(session, actor, clock, check_table(table, chosen.columns), source)
            if report.refused:
                raise _Refused
            report.written = True
    except _Refused:
        pass
    assert report is not None
    return report


class _Refused(Exception):
    pass


def take_file(session: Session, name: str, clock: Clock = CLOCK) -> Report:
    """Take in one file of the example year, by its name without ending; it must be accepted."""
    kind = name.split("-", 1)[1]
    report = take_in(session, kind, read_table((EXAMPLE / f"{name}.csv").read_bytes(), Limits()), clock=clock)
    assert report.written, report.as_json()
    return report


def load_base(session: Session, clock: Clock = CLOCK) -> None:
    """Load the lists and the example's organisations, licences, products, quotas and permits."""
    with unit_of_work(session):
        load_reference(session, clock)
    for name in BASE_FILES:
        take_file(session, name, clock)


MOVEMENTS = "reference,occurred_on,kind,site,counterparty,product,batch,quantity,permit,country,document,prescription,expires_on"


def move(session: Session, *rows: str, actor: Actor = SYSTEM, clock: Clock = CLOCK, columns: str = MOVEMENTS) -> Report:
    """Post movements given as comma-separated rows, as a file would report them."""
    return take_in(session, "movements", table_of(columns, *rows), actor, clock)


def enter(session: Session, row: str, actor: Actor = SYSTEM, clock: Clock = CLOCK, columns: str = MOVEMENTS) -> Report:
    """Enter one movement as a person would on a page: every rule acts with its own severity."""
    checked = check_table(table_of(columns, row), KINDS["movements"].columns)
    report = None
    try:
        with unit_of_work(session):
            report = post(session, actor, clock, checked, "page", entered=True)
            if report.refused:
                raise _Refused
            report.written = True
    except _Refused:
        pass
    assert report is not None
    return report


ANSWERS = "reference,received_on,reason,quantity,batch,note"


def answer(session: Session, *rows: str, actor: Actor = SYSTEM, clock: Clock = CLOCK) -> Report:
    """Answer for the receivers what came, given as comma-separated rows."""
    report = None
    try:
        with unit_of_work(session):
            report = receive(session, actor, clock, check_table(table_of(ANSWERS, *rows), ANSWER_COLUMNS), "test")
            if report.refused:
                raise _Refused
            report.written = True
    except _Refused:
        pass
    assert report is not None
    return report
