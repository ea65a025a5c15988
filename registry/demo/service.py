"""Loading the demo country: its rows go through the very use cases that take any other file in.

One unit of work for each file, so that an interrupted load goes on where it stopped. The demo
accounts are written last, with what one of them applies for: once they are there, the country
is complete and a load changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from rich.console import Console
from sqlalchemy.orm import Session

from registry.accounts.domain import FIRM_ROLES
from registry.accounts.queries import accounts, actor_named, real_account_exists
from registry.accounts.service import NewAccount, create_account
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.demo.domain import sheets
from registry.demo.domain.accounts import DemoAccount, demo_accounts
from registry.demo.domain.entry import Entry
from registry.demo.domain.flows import Flows
from registry.demo.domain.sheets import Sheet
from registry.demo.domain.tally import YearFigures, national_figures
from registry.demo.domain.world import World, world_of
from registry.exchange.catalogue import kind_named
from registry.flags.service import sweep
from registry.flags.watches import Watch, current_watches
from registry.intake.check import Report, check_table
from registry.intake.reader import FIRST_ROW, Table
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict
from registry.kernel.text import N_, Message
from registry.parties.queries import organisations_by_codes
from registry.stock.domain.kinds import MOVEMENT_KINDS, REVERSE
from registry.stock.domain.receipts import COLUMNS as ANSWER_COLUMNS
from registry.stock.domain.receipts import REASONS
from registry.stock.service.receipts import receive
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries import revisions_for_products

__all__ = ["DemoAccount", "Loaded", "demo_accounts", "is_empty", "load", "load_demo"]

BATCH_ROWS = 20_000
DEFAULT_SIZE = "country"
LANGUAGE = "ru"
UNCONFIRMED = timedelta(days=6)
"""What was sent within this time before today still waits for its receivers."""
APPLICANT = "importer"
"""The demo account that submits the applications: the firm's own, so that another person may decide."""

Told = Callable[[Report, str], None]


@dataclass(slots=True)
class Loaded:
    """What a load did: accepted rows by kind of file, and how many accounts it wrote."""

    size: str
    rows: dict[str, int] = field(default_factory=dict)
    findings: int = 0
    accounts: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the outcome as a JSON object; no rows at all: the country was there already."""
        return {"size": self.size, "rows": self.rows, "findings": self.findings, "accounts": self.accounts}


def is_empty(session: Session) -> bool:
    """Say whether nobody has an account yet, of the demo country or a real one."""
    return not accounts(session)


def load_demo(console: Console, size: str = DEFAULT_SIZE) -> Loaded:
    """Load the demo country into the application's database, telling each file on `console`."""

    def told(report: Report, name: str) -> None:
        console.print(f"{name}: {report.accepted} rows")

    return load(db.session(), current_clock(), size, told, current_watches())


def load(
    session: Session,
    clock: Clock,
    size: str = DEFAULT_SIZE,
    told: Told = lambda _report, _name: None,
    watches: Iterable[Watch] = (),
) -> Loaded:
    """Load the demo country of `size` as of the clock's day; a complete one is left as it is.

    The lists must be loaded before. At the end the `watches` look, so that flags of what only time
    brings about are there too. Raises `Conflict` once a real account exists, and when a file is refused
    (its first fault is named); files before it stay.
    """
    if real_account_exists(session):
        raise Conflict(Message(N_("there are real accounts: the demo country is loaded only into a practice database")))
    loaded = Loaded(size)
    if _is_complete(session):
        return loaded
    world = world_of(size)
    today = clock.today()
    for sheet in _records(world, today):
        _take_in(session, clock, sheet, loaded, told)
    revisions = _revisions(session, world, today)
    figures = national_figures(world, Flows(world, today).entries(), revisions)
    for sheet in _decided(world, today, figures):
        _take_in(session, clock, sheet, loaded, told)
    for sheet in files_of_movements(world, today):
        _take_in(session, clock, sheet, loaded, told)
    _answer(session, clock, world, loaded)
    _take_in(session, clock, sheets.endorsements(Flows(world, today).demand), loaded, told)
    with unit_of_work(session):
        loaded.accounts = _write_accounts(session, clock)
        asked = sheets.applications(world, Flows(world, today).demand)
        _apply(session, actor_named(session, APPLICANT), clock, asked, loaded, told)
    with unit_of_work(session):
        sweep(session, SYSTEM, clock, watches)
    return loaded


def _is_complete(session: Session) -> bool:
    wanted = {account.username for account in demo_accounts()}
    return wanted <= {account.username for account in accounts(session)}


def _records(world: World, today: date) -> Iterator[Sheet]:
    yield sheets.organisations(world)
    yield sheets.licences(world, today)
    yield sheets.products(world)
    yield sheets.components(world)
    yield sheets.population()
    yield sheets.authorities()
    yield sheets.seizures(today)


def _decided(world: World, today: date, figures: YearFigures) -> Iterator[Sheet]:
    yield sheets.past_returns(figures)
    yield sheets.quotas(world, figures)
    yield sheets.permits(world, Flows(world, today).demand)


def _revisions(session: Session, world: World, today: date) -> dict[str, RevisionFact]:
    found = revisions_for_products(session, world.products, today)
    return {code: found[code][-1] for code in world.products}


def files_of_movements(world: World, today: date) -> Iterator[Sheet]:
    """Yield the movements before `today` in the order of their days: a file a quarter, and none over 20,000 rows.

    A reversal stands in a later file than what it reverses, because it names a recorded entry.
    """
    batch: list[Entry] = []
    current = ""
    number = 1
    for day, entry in _before(Flows(world, today).entries(), today):
        quarter = f"{day.year} Q{(day.month + 2) // 3}"
        if batch and (quarter != current or len(batch) == BATCH_ROWS):
            yield sheets.movements(batch, f"{current} {number}")
            batch = []
            number = number + 1 if quarter == current else 1
        current = quarter
        batch.append(entry)
    if batch:
        yield sheets.movements(batch, f"{current} {number}")


def _answer(session: Session, clock: Clock, world: World, loaded: Loaded) -> None:
    """Let the receivers confirm what was sent: all but the last days, and one of them found more than was entered."""
    today = clock.today()
    entries = list(_before(Flows(world, today).entries(), today))
    taken_back = {entry.document for _, entry in entries if entry.kind == REVERSE.code}
    sent = [
        (entry.reference, day.isoformat(), "", "")
        for day, entry in entries
        if MOVEMENT_KINDS[entry.kind].two_sided and entry.reference not in taken_back and day < today - UNCONFIRMED
    ]
    if sent:
        sent[-1] = (*sent[-1][:2], next(code for code, reason in REASONS.items() if reason.rises), "1")
    for first in range(0, len(sent), BATCH_ROWS):
        rows = [list(row) for row in sent[first : first + BATCH_ROWS]]
        header = ("reference", "received_on", "reason", "quantity")
        sheet = Sheet("receipts", f"demo receipts {first}", header, rows)
        table = Table(header, rows, list(range(FIRST_ROW, FIRST_ROW + len(rows))))
        with unit_of_work(session):
            report = receive(session, SYSTEM, clock, check_table(table, ANSWER_COLUMNS), sheet.name)
            if report.refused:
                raise Conflict(_why(sheet, report))
        loaded.rows[report.kind] = loaded.rows.get(report.kind, 0) + report.accepted
        loaded.findings += len(report.findings)


def _before(entries: Iterable[tuple[date, Entry]], today: date) -> Iterator[tuple[date, Entry]]:
    for day, entry in entries:
        if day >= today:
            return
        yield day, entry


def _take_in(session: Session, clock: Clock, sheet: Sheet, loaded: Loaded, told: Told) -> None:
    with unit_of_work(session):
        _apply(session, SYSTEM, clock, sheet, loaded, told)


def _apply(session: Session, actor: Actor, clock: Clock, sheet: Sheet, loaded: Loaded, told: Told) -> None:
    """Take one file in by the use case of its kind. Raises `Conflict` when it is refused."""
    kind = kind_named(sheet.kind)
    rows = [list(row) for row in sheet.rows]
    table = Table(sheet.header, rows, list(range(FIRST_ROW, FIRST_ROW + len(rows))))
    report = kind.apply(session, actor, clock, check_table(table, kind.columns), sheet.name)
    if report.refused:
        raise Conflict(_why(sheet, report))
    loaded.rows[sheet.kind] = loaded.rows.get(sheet.kind, 0) + report.accepted
    loaded.findings += len(report.findings)
    told(report, sheet.name)


def _why(sheet: Sheet, report: Report) -> Message:
    faults = [(problem.row, problem.message) for problem in report.problems]
    faults += [(finding.row, finding.message) for finding in report.findings]
    row, message = faults[0]
    said = {"file": sheet.name, "row": row, "why": message}
    return Message(N_("the file “%(file)s” is refused, row %(row)s: %(why)s"), said)


def _write_accounts(session: Session, clock: Clock) -> int:
    wanted = demo_accounts()
    there = {account.username for account in accounts(session)}
    holders = organisations_by_codes(session, [account.organisation for account in wanted if account.organisation])
    missing = [account for account in wanted if account.username not in there]
    for account in missing:
        create_account(session, SYSTEM, clock, _new_account(account, holders.get(account.organisation or "")))
    return len(missing)


def _new_account(account: DemoAccount, organisation_id: int | None) -> NewAccount:
    return NewAccount(
        account.username,
        account.name,
        frozenset({account.role}),
        organisation_id if account.role in FIRM_ROLES else None,
        LANGUAGE,
        account.password,
        is_demo=True,
    )
