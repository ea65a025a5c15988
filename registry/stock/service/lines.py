"""Cells of a file -> lines ready to be judged; everything unreadable or unknown with its row and column."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from registry.intake.check import Checked
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.progress import counted
from registry.kernel.text import N_, Message
from registry.stock.domain.kinds import MOVEMENT_KINDS, REVERSE
from registry.stock.domain.lines import SHEET_REFERENCE, Line
from registry.stock.domain.national import read_effect, reversed_effect, taken_back, write_effect
from registry.stock.queries.recorded import RecordedMovement
from registry.stock.service.known import Known
from registry.stock.service.plans import Plan, make_plan

PlanKey = tuple[str, str, str | None, str, date | None]
"""Kind, site, counterparty and product as stated; the day where one of them changed within time."""
NO_COUNTRY = Message(N_("the cell is empty: trade needs the partner country"))


class LineBuilder:
    """Turns the columns of one file into `lines`, each with its `Plan` (None for a reversal)."""

    def __init__(self, known: Known, actor: Actor, clock: Clock, checked: Checked) -> None:
        self.known = known
        self.actor = actor
        self.today = clock.today()
        self.checked = checked
        self.plans: dict[PlanKey, Plan] = {}
        self.units: dict[tuple[str, int], int | BadCell] = {}
        self.problems: list[Problem] = []
        self.lines: list[Line] = []
        self.plan_of: list[Plan | None] = []
        self.duplicates = 0
        self.reverses: dict[str, int] = {}

    def build(self, skip: set[int]) -> None:
        """Build every line whose row is not in `skip` (rows with a problem already).

        One loop with names of its own: nothing else is done as often, and a call for each row would double its time.
        """
        plans, units_of, recorded, lines, plan_of = (
            self.plans,
            self.units,
            self.known.recorded,
            self.lines,
            self.plan_of,
        )
        skip = skip | self._repeated()
        skip |= self._to_come(skip)
        # What changed within time is planned day by day; everything else once for the whole file.
        dated = {code for code, site in self.known.sites.items() if site.dated}
        dated |= {code for code, each in self.known.products.items() if len({one.valid_from for one in each}) > 1}
        for cells in counted(N_("Working out the entries"), self._rows(), len(self.checked.numbers)):
            (row, reference, day, kind, site, product, quantity, counter, batch, expires_on, permit, country,
             document, prescription, note) = cells  # fmt: skip
            if row in skip:
                continue
            if kind == REVERSE.code:
                self._reversal(cells)
                continue
            changed = dated and not dated.isdisjoint((site, counter, product))
            key = (kind, site, counter, product, day if changed else None)
            plan = plans.get(key) or self._planned(key, day)
            if plan.fault is not None:
                self._problem(row, *plan.fault)
                continue
            units = units_of.get((quantity, plan.places)) or self._units(quantity, plan.places)
            if isinstance(units, BadCell):
                self._problem(row, "quantity", units.code, units.message)
                continue
            permit_id = partner = None
            if permit or plan.kind.trade is not None:
                permit_id, partner = self._trade(plan, permit, country)
                if plan.kind.trade is not None and partner is None:
                    self._problem(row, "country", "missing", NO_COUNTRY)
                    continue
            line = Line(
                row, reference, day, kind, plan.site.id, plan.product_id, batch or "", quantity, units,
                units * plan.kind.shelf, plan.counter_id, units if plan.counter else 0, plan.effect, permit_id,
                partner, document, prescription, note, expires_on,
            )  # fmt: skip
            if reference in recorded:
                self._keep(line, plan)
            else:
                lines.append(line)
                plan_of.append(plan)

    def _repeated(self) -> set[int]:
        """Return the rows whose reference stands in an earlier row of the file, each told."""
        references = self.checked.columns["reference"]
        if len(set(references)) == len(references):
            return set()
        first: dict[str, int] = {}
        repeated = set()
        for row, reference in zip(self.checked.numbers, references, strict=True):
            if reference is not None and first.setdefault(str(reference), row) != row:
                repeated.add(row)
                self._problem(row, "reference", "reference-repeated", Message(
                    N_("the reference “%(reference)s” stands in row %(first)s already"),
                    {"reference": reference, "first": first[str(reference)]}))  # fmt: skip
        return repeated

    def _to_come(self, skip: set[int]) -> set[int]:
        """Return the rows beside `skip` whose day has not come, each told."""
        days: list[Any] = self.checked.columns["occurred_on"]
        late = {day for day in set(days) if day is not None and day > self.today}
        rows = (
            {row: day for row, day in zip(self.checked.numbers, days, strict=True) if day in late and row not in skip}
            if late
            else {}
        )
        for row, day in rows.items():
            self._problem(row, "occurred_on", "in-the-future", Message(
                N_("%(day)s has not come yet: a movement is entered once it has happened"),
                {"day": day.isoformat()}))  # fmt: skip
        return set(rows)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        names = (
            "reference", "occurred_on", "kind", "site", "product", "quantity", "counterparty", "batch",
            "expires_on", "permit", "country", "document", "prescription", "note",
        )  # fmt: skip
        return zip(self.checked.numbers, *(self.checked.columns[name] for name in names), strict=True)

    def _planned(self, key: PlanKey, day: date) -> Plan:
        kind, site, counter, product, _ = key
        plan = self.plans[key] = make_plan(self.known, self.actor, kind, site, counter, product, day)
        return plan

    def _trade(self, plan: Plan, permit: str | None, country: str | None) -> tuple[int | None, str | None]:
        """Return the permit of a line and its partner country: as stated, else that of the permit; none within the country."""
        fact = self.known.permits[permit] if permit else None
        if plan.kind.trade is None:
            return fact.id if fact else None, None
        return fact.id if fact else None, country or (fact.partner_country if fact else None)

    def _keep(self, line: Line, plan: Plan | None) -> None:
        recorded = self.known.recorded.get(line.reference)
        if recorded is None:
            self.lines.append(line)
            self.plan_of.append(plan)
        elif recorded.content() == line.content():
            self.duplicates += 1
        else:
            self._problem(line.row, "reference", "reference-reused", Message(
                N_("the reference “%(reference)s” is recorded already with other content: a correction is a reversal and a new entry"),
                {"reference": line.reference}))  # fmt: skip

    def _reversal(self, cells: tuple[Any, ...]) -> None:
        row, reference, day = cells[:3]
        document = cells[12]
        original = self.known.recorded.get(document) if document else None
        if original is None:
            self._problem(row, "document", "unknown-reference", Message(
                N_("a reversal names the reference of a recorded entry: “%(document)s” is none"), {"document": document or ""}))  # fmt: skip
            return
        again = self.known.recorded.get(reference)
        fault = None if again else self._reversal_fault(cells, original)
        if fault is not None:
            self._problem(row, *fault)
            return
        line = Line(
            row, reference, day, REVERSE.code, original.site_id, original.product_id, original.label, cells[6],
            original.units, -original.site_delta, original.counterparty_id, -original.counter_delta,
            self._taken_back(original, day), original.permit_id, original.country, document, cells[13], cells[14], None,
        )  # fmt: skip
        self.reverses[reference] = original.id
        self._keep(line, None)

    def _taken_back(self, original: RecordedMovement, day: date) -> str:
        """Return the effect of a reversal on `day`; the sites may be of another level than on the day of the entry."""
        sites = self.known.sites_by_id
        legs = [(sites[original.site_id], original.site_delta)]
        if original.counter_delta and original.counterparty_id is not None:
            legs.append((sites[original.counterparty_id], original.counter_delta))
        if not any(site.level_changes for site, _ in legs):
            return reversed_effect(original.effect)
        effects = [
            read_effect(effect) for effect in (original.effect, *self.known.corrections.get(original.reference, ()))
        ]
        change = sum(-delta for site, delta in legs if site.level_on(day).is_wholesale)
        return write_effect(taken_back(effects, change // original.units))

    def _reversal_fault(self, cells: tuple[Any, ...], original: RecordedMovement) -> tuple[str, str, Message] | None:
        reference, day, site, product, quantity = cells[1], cells[2], cells[4], cells[5], cells[6]
        site_fact = self.known.sites[site]
        if self.actor.organisation_id is not None and site_fact.organisation_id != self.actor.organisation_id:
            return (
                "site",
                "not-your-site",
                Message(N_("“%(code)s” is not a site of your organisation"), {"code": site}),
            )
        if (fault := _never_reversed(original, reference)) is not None:
            return fault
        # Whether it is the same entry comes first: nobody learns more of an entry of another site.
        revisions = self.known.products[product]
        plan_places = make_plan(self.known, self.actor, REVERSE.code, site, None, product, day).places
        units = self._units(quantity, plan_places)
        if (
            site_fact.id != original.site_id
            or revisions[0].product_id != original.product_id
            or units != original.units
        ):
            return (
                "document",
                "not-the-same",
                Message(N_("site, product and quantity of a reversal are those of the entry it reverses")),
            )
        taken = original.reversed_by or next(
            (ref for ref, number in self.reverses.items() if number == original.id), None
        )
        if taken:
            return (
                "document",
                "already-reversed",
                Message(N_("this entry was reversed already, by “%(reference)s”"), {"reference": taken}),
            )
        if day < original.occurred_on:
            return ("occurred_on", "before-the-entry", Message(
                N_("a reversal is not earlier than the entry it reverses (%(day)s)"), {"day": original.occurred_on.isoformat()}))  # fmt: skip
        return None

    def _units(self, quantity: str, places: int) -> int | BadCell:
        key = (quantity, places)
        value = self.units.get(key)
        if value is None:
            try:
                value = scaled_quantity(quantity, places)
            except BadCell as bad:
                value = bad
            self.units[key] = value
        return value

    def _problem(self, row: int, column: str, code: str, message: Message) -> None:
        self.problems.append(Problem(column, code, message, row))


def _never_reversed(original: RecordedMovement, reference: str) -> tuple[str, str, Message] | None:
    """Return why an entry of this kind is never reversed under `reference`, whoever asks."""
    if original.kind == REVERSE.code:
        return (
            "document",
            "reversal-of-reversal",
            Message(N_("a reversal is not reversed: enter the movement anew")),
        )
    if MOVEMENT_KINDS[original.kind].own:
        return (
            "document",
            "own-entry",
            Message(N_("the registry posted this entry when the site changed its level: nobody reverses it by hand")),
        )
    if original.reference.startswith(SHEET_REFERENCE) and not reference.startswith(SHEET_REFERENCE):
        return (
            "document",
            "entry-of-a-sheet",
            Message(N_("a daily sheet wrote this entry: correct the sheet, which takes it back")),
        )
    return None
