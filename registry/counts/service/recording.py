"""Files of counts that two people have made, and of norms of natural loss: checked whole, written whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.counts.domain.columns import MOST_PERCENT
from registry.counts.domain.counts import FIRST, Key
from registry.counts.domain.rules import COUNTED_WHOLE, TWO_PEOPLE
from registry.counts.models import CountLine, CountRound, NaturalLossNorm
from registry.counts.queries.book import norms, uncounted
from registry.counts.queries.courses import RecordedRow, courses, recorded_rows
from registry.counts.service.counting import TO_COME, new_counts, write_sheets
from registry.counts.service.rounds import advance
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes
from registry.stock.service.known import lock_sites
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_for_products

KIND, NORM_KIND = "counts", "natural_losses"
NO_SITE = N_("there is no site or organisation with the code “%(code)s”")
NOT_YOURS = N_("“%(code)s” is not a site of your organisation")
REPEATED = N_("the reference “%(reference)s” stands in row %(first)s already")
SAME_LINE = N_("this batch of the count stands in row %(first)s already: one row for each batch")
REUSED = N_("the reference “%(reference)s” is recorded already with other content")
ONE_PERSON = N_("%(name)s is named as both people who counted")
LEFT_OUT = N_("the count %(reference)s leaves out batches that the book knows of the products it counts: %(count)s")
TOO_MUCH = Message(N_("no more than 100 percent"))
OTHER_NORM = Message(N_("another norm of this product from this day is recorded already: set one from a later day"))

Head = tuple[int, date, str, str]
"""What makes rows one count: site id, freeze line, who counted, who witnessed."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One row that can be read; `units` of account."""

    number: int
    reference: str
    head: Head
    key: Key
    units: int

    def is_recorded_as(self, known: RecordedRow) -> bool:
        """Say whether the row says what is recorded under its reference."""
        site, day, *people = self.head
        mine = (site, day, self.key, self.units, frozenset(people))
        return mine == (known.site_id, known.frozen_on, known.key, known.units, known.counters)


class _Reader:
    """Reads the rows; what is wrong goes into the report, all of it."""

    def __init__(self, session: Session, actor: Actor, clock: Clock, checked: Checked, report: Report) -> None:
        columns: Mapping[str, list[Any]] = checked.columns
        self.report, self.actor, self.today = report, actor, clock.today()
        codes = {code for code in columns["product"] if code is not None}
        self.sites = sites_by_codes(session, {code for code in columns["site"] if code is not None})
        self.products = revisions_for_products(session, codes, self.today)
        self.unknown = unknown_products(session, codes - self.products.keys())
        self.units: dict[tuple[str, int], int | BadCell] = {}

    def rows(self, checked: Checked) -> Iterator[_Row]:
        """Yield the rows that can be read."""
        bad, references, lines = checked.bad_rows, dict[str, int](), dict[tuple[Head, Key], int]()
        names = ("reference", "site", "counted_on", "product", "batch", "quantity", "counted_by", "witness")
        columns: Mapping[str, list[Any]] = checked.columns
        for number, *cells in zip(checked.numbers, *(columns[name] for name in names), strict=True):
            reference, site, day, product, batch, amount, *people = cells
            place = self._place(number, site, day)
            revisions = self._product(number, product)
            if number in bad or place is None or revisions is None:
                continue
            units = self._units(number, amount, revision_on(revisions, day))
            if units is None:
                continue
            row = _Row(number, reference, (place.id, day, *people), (revisions[0].product_id, batch or ""), units)
            if references.setdefault(reference, number) != number:
                said = {"reference": reference, "first": references[reference]}
                self.problem(number, "reference", "reference-repeated", Message(REPEATED, said))
            elif lines.setdefault((row.head, row.key), number) != number:
                said = {"first": lines[row.head, row.key]}
                self.problem(number, "batch", "line-repeated", Message(SAME_LINE, said))
            else:
                yield row

    def problem(self, row: int, column: str, code: str, message: Message) -> None:
        """Keep one problem of a cell."""
        self.report.problems.append(Problem(column, code, message, row))

    def _place(self, number: int, code: str | None, day: date | None) -> SiteFact | None:
        """Return the site of a row; None with its problem told, also where the day has not come."""
        if day is not None and day > self.today:
            self.problem(number, "counted_on", "in-the-future", TO_COME)
        site = self.sites.get(code) if code is not None else None
        if code is None:
            return None
        if site is None:
            self.problem(number, "site", "unknown-site", Message(NO_SITE, {"code": code}))
        elif self.actor.organisation_id not in (None, site.organisation_id):
            self.problem(number, "site", "not-your-site", Message(NOT_YOURS, {"code": code}))
            return None
        return site if day is not None and day <= self.today else None

    def _product(self, number: int, code: str | None) -> list[RevisionFact] | None:
        if code is not None and code not in self.products:
            self.problem(number, "product", "unknown-product", self.unknown[code])
        return self.products.get(code) if code is not None else None

    def _units(self, number: int, amount: str, revision: RevisionFact) -> int | None:
        places = UNITS_OF_ACCOUNT[Unit(revision.unit)].places
        key = (amount, places)
        if key not in self.units:
            try:
                self.units[key] = scaled_quantity(amount, places, positive=False)
            except BadCell as bad:
                self.units[key] = bad
        units = self.units[key]
        if isinstance(units, BadCell):
            self.problem(number, "quantity", units.code, units.message)
            return None
        return units


def record_counts(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in counts that two people have made and agreed on, all or nothing: they are compared with the book at once.

    Rows of one site, day and two people are one count. The statements do not grow with the rows.
    """
    report = Report(KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    reader = _Reader(session, actor, clock, checked, report)
    lock_sites(session, {site.id for site in reader.sites.values()})
    rows = list(reader.rows(checked))
    fresh = _unless_recorded(session, reader, rows)
    report.duplicates, report.accepted = len(rows) - len(fresh), len(fresh)
    if report.problems or not fresh:
        return report
    sites = {site.id: site for site in reader.sites.values()}
    counts: dict[Head, dict[Key, _Row]] = defaultdict(dict)
    for row in fresh:
        counts[row.head][row.key] = row
    facts = new_counts(session, actor, clock, [(sites[site], day) for site, day, *_ in counts])
    ids = dict(zip(counts, (fact.id for fact in facts), strict=True))
    _write(session, actor, clock, {ids[head]: (head, lines) for head, lines in counts.items()})
    report.findings.extend(_one_person(clock, session, counts, {fact.id: fact.reference for fact in facts}, ids, sites))
    report.findings.extend(_left_out(session, clock, {fact.id: fact.reference for fact in facts}, ids, sites))
    raise_flags(session, clock, report.findings)
    report.findings.extend(advance(session, clock, courses(session, ids.values()).values()))
    record(session, actor, clock, "counts.report", source, {"counts": len(ids), "lines": len(fresh)})
    return report


def _unless_recorded(session: Session, reader: _Reader, rows: list[_Row]) -> list[_Row]:
    """Return the rows that are not recorded yet; a reference that stands for something else is told."""
    known = recorded_rows(session, {row.reference for row in rows})
    fresh = []
    for row in rows:
        if row.reference not in known:
            fresh.append(row)
        elif not row.is_recorded_as(known[row.reference]):
            said = Message(REUSED, {"reference": row.reference})
            reader.problem(row.number, "reference", "reference-reused", said)
    return fresh


def _write(session: Session, actor: Actor, clock: Clock, counts: Mapping[int, tuple[Head, Mapping[Key, _Row]]]) -> None:
    """Append one round with both sheets for each count; four statements."""
    connection = session.connection()
    rounds = [{"count_id": number, "number": 1, "part": FIRST, "opened_at": clock.now()} for number in counts]
    connection.execute(insert(CountRound), rounds)
    lines = [
        {
            "count_id": number,
            "number": 1,
            "product_id": row.key[0],
            "label": row.key[1],
            "row_reference": row.reference,
        }
        for number, (_, found) in counts.items()
        for row in found.values()
    ]
    connection.execute(insert(CountLine), lines)
    sheets = [
        (number, 1, place, who, {key: row.units for key, row in found.items()})
        for number, (head, found) in counts.items()
        for place, who in enumerate(head[2:], 1)
    ]
    write_sheets(session, actor, clock, sheets)


def _one_person(
    clock: Clock,
    session: Session,
    counts: Mapping[Head, Mapping[Key, _Row]],
    names: Mapping[int, str],
    ids: Mapping[Head, int],
    sites: Mapping[int, SiteFact],
) -> Iterator[Finding]:
    severity = parameters_on(session, clock.today()).reported(TWO_PEOPLE)
    for head, rows in counts.items():
        site, _, counter, witness = head
        if counter.casefold() == witness.casefold():
            yield Finding(
                TWO_PEOPLE,
                Message(ONE_PERSON, {"name": counter}),
                severity,
                row=next(iter(rows.values())).number,
                subject=f"count {names[ids[head]]}",
                organisation_id=sites[site].organisation_id,
            )


def _left_out(
    session: Session, clock: Clock, names: Mapping[int, str], ids: Mapping[Head, int], sites: Mapping[int, SiteFact]
) -> Iterator[Finding]:
    severity = parameters_on(session, clock.today()).reported(COUNTED_WHOLE)
    site_of = {number: head[0] for head, number in ids.items()}
    for number, missing in uncounted(session, names).items():
        yield Finding(
            COUNTED_WHOLE,
            Message(LEFT_OUT, {"reference": names[number], "count": missing}),
            severity,
            observed=str(missing),
            limit="0",
            subject=f"count {names[number]}",
            organisation_id=sites[site_of[number]].organisation_id,
        )


def record_norms(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in norms of natural loss, all or nothing. The same norm again is a duplicate; of one product and day there is one."""
    report = Report(NORM_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    rows = [cells for cells in checked.rows() if cells["row"] not in checked.bad_rows]
    codes = {str(cells["product"]) for cells in rows}
    products = {
        code: each[0].product_id for code, each in revisions_for_products(session, codes, clock.today()).items()
    }
    unknown = unknown_products(session, codes - products.keys())
    recorded = {
        (product, day): share for product, each in norms(session, products.values()).items() for day, share in each
    }
    fresh: list[dict[str, object]] = []
    for cells in rows:
        row, code, share = int(str(cells["row"])), str(cells["product"]), int(str(cells["percent"]))
        if code in unknown:
            report.problems.append(Problem("product", "unknown-product", unknown[code], row))
            continue
        if share > MOST_PERCENT:
            report.problems.append(Problem("percent", "too-large", TOO_MUCH, row))
            continue
        day: Any = cells["effective_on"]
        key = (products[code], day)
        if key not in recorded:
            recorded[key] = share
            stamp = {"recorded_at": clock.now(), "recorded_by": actor.username}
            fresh.append({"product_id": key[0], "share_ppm": share, "effective_on": day, "act": cells["act"]} | stamp)
        elif recorded[key] == share:
            report.duplicates += 1
        else:
            report.problems.append(Problem("percent", "recorded-otherwise", OTHER_NORM, row))
    report.accepted = len(fresh)
    if report.problems or not fresh:
        return report
    session.connection().execute(insert(NaturalLossNorm), fresh)
    record(session, actor, clock, "counts.norms", source, {"norms": len(fresh)})
    return report
