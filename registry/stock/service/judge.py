"""Rules over the lines of one posting, each finding with its row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import floor

from registry.kernel.clock import Clock
from registry.kernel.mass import grams, stated
from registry.kernel.parameters import Course
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.kernel.workdays import WorkingDays
from registry.licences.domain import LICENCE_COVERS
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, STOP_CAUSES
from registry.permits.domain.parameters import ARRIVAL_TOLERANCE
from registry.stock.domain import rules
from registry.stock.domain.kinds import DESTROY, DISPENSE, OPENING, PROCESS_IN, PROCESS_OUT, REVERSE
from registry.stock.domain.lines import Line
from registry.stock.domain.parameters import BACK_DATING_DAYS, DILUTION_TOLERANCE
from registry.stock.service.known import Known
from registry.stock.service.plans import Period, Plan
from registry.substances.domain.facts import RevisionFact, revision_on


class Judge:
    """Collects findings over lines. `entered`: people enter on a page, rules act with full severity.

    `course`: what the country has set; a line is judged by what was set on its day. `working`: its working days.
    """

    def __init__(self, known: Known, clock: Clock, course: Course, working: WorkingDays, *, entered: bool) -> None:
        self.known = known
        self.clock = clock
        self.course = course
        self.working = working
        self.entered = entered
        self.permits = {permit.id: permit for permit in known.permits.values()}
        self.findings: list[Finding] = []

    def lines(self, lines: list[Line], plans: Iterable[Plan | None]) -> None:
        """Judge each line by everything that needs no other line; a reversal (no plan) is judged by its original."""
        expiring = any(batch.expires_on for batch in self.known.batches.values())
        for line, plan in zip(lines, plans, strict=True):
            if plan is None:
                continue
            first, last = plan.covered
            issued = plan.kind is DISPENSE or (plan.kind.issues and (expiring or line.expires_on is not None))
            by_hand = self.entered and plan.kind is DESTROY
            if issued or by_hand or not first <= line.occurred_on <= last:
                self._line(line, plan)

    def _line(self, line: Line, plan: Plan) -> None:
        day = line.occurred_on
        for rule, message in plan.broken:
            self.find(rule, message, line)
        if not _within(plan.periods, day):
            self.find(LICENCE_COVERS, _no_licence(plan.site.code, plan, day), line)
        if not _within(plan.counter_periods, day) and plan.counter is not None:
            self.find(LICENCE_COVERS, _no_licence(plan.counter.code, plan, day), line)
        if plan.kind.trade is not None:
            self._trade(line, plan)
        if plan.kind is DISPENSE and not line.prescription:
            self.find(rules.PRESCRIPTION, Message(N_("no prescription or daily sheet is named")), line)
        if self.entered and plan.kind is DESTROY:
            self.find(rules.DESTROYED_BY_ACT, Message(rules.NO_ACT), line)
        # What goes abroad may go back to its maker because it has expired: the permit says so.
        if plan.kind.issues and plan.kind.trade is None:
            self._expiry(line, plan)

    def find(self, rule: Rule, message: Message, line: Line, **more: str | None) -> None:
        """Keep one finding about `line`."""
        parameters = self.course.on(line.occurred_on)
        severity = parameters.severity(rule) if self.entered else parameters.reported(rule)
        whose = self.known.sites_by_id[line.site_id].organisation_id
        found = Finding(rule, message, severity, line.row, subject=f"movement {line.reference}", organisation_id=whose)
        self.findings.append(replace(found, **more))  # type: ignore[arg-type]

    def _trade(self, line: Line, plan: Plan) -> None:
        permit = self.permits.get(line.permit_id) if line.permit_id is not None else None
        if permit is None:
            if plan.needs_permit:
                self.find(
                    rules.PERMIT_NEEDED,
                    Message(N_("%(product)s needs a permit, none is named"), {"product": plan.product}),
                    line,
                )
            return
        wrong = _wrong_permit(permit, plan)
        if wrong is not None:
            if plan.needs_permit:
                self.find(rules.PERMIT_NEEDED, wrong, line)
            return
        day = line.occurred_on
        if not permit.issued_on <= day <= permit.expires_on:
            self.find(rules.PERMIT_VALID, Message(
                N_("permit %(number)s was valid from %(first)s to %(last)s"),
                {"number": permit.number, "first": permit.issued_on.isoformat(), "last": permit.expires_on.isoformat()}), line)  # fmt: skip
        stop = permit.stopped_on(day)
        if stop is not None:
            self.find(rules.PERMIT_VALID, Message(
                N_("permit %(number)s did not stand on %(day)s: %(why)s"),
                {"number": permit.number, "day": day.isoformat(), "why": Message(STOP_CAUSES[stop.cause].name)}), line)  # fmt: skip
        if line.country != permit.partner_country:
            self.find(rules.PERMIT_COUNTRY, Message(N_("permit %(number)s names %(country)s"), {
                "number": permit.number, "country": permit.partner_country}), line, observed=line.country, limit=permit.partner_country)  # fmt: skip
        if permit.arrived_on is not None and permit.arrived_on != day and not permit.several:
            self.find(rules.ONE_CONSIGNMENT, Message(
                N_("goods moved on permit %(number)s on %(day)s already"),
                {"number": permit.number, "day": permit.arrived_on.isoformat()}), line)  # fmt: skip

    def _expiry(self, line: Line, plan: Plan) -> None:
        batch = self.known.batches.get((line.product_id, line.label))
        expires_on = line.expires_on or (batch.expires_on if batch else None)
        if expires_on is not None and line.occurred_on > expires_on:
            self.find(rules.EXPIRED, Message(
                N_("batch %(batch)s of %(product)s expired on %(day)s"),
                {"batch": line.label, "product": plan.product, "day": expires_on.isoformat()}), line)  # fmt: skip

    def together(self, lines: list[Line], plans: Iterable[Plan | None]) -> None:
        """Judge what shows only when the lines are seen together."""
        permitted, processed, labelled = [], [], []
        for line, plan in zip(lines, plans, strict=True):
            if plan is None:
                continue
            if line.permit_id is not None:
                permitted.append((line, plan))
            if plan.kind is PROCESS_IN or plan.kind is PROCESS_OUT:
                processed.append((line, plan))
            if line.expires_on is not None or not line.label:
                labelled.append((line, plan))
        self._permit_quantities(permitted)
        self._processing(processed)
        self._batches(labelled)
        self._back_dating(lines)

    def _permit_quantities(self, pairs: list[tuple[Line, Plan]]) -> None:
        moved: dict[tuple[int, int], int] = defaultdict(int)
        days: dict[int, date] = {}
        for line, plan in pairs:
            if plan.kind.trade is None or line.permit_id is None:
                continue
            permit = self.permits[line.permit_id]
            allowed = permit.lines.get(line.product_id)
            first = days.setdefault(permit.id, line.occurred_on)
            if first != line.occurred_on and not permit.several:
                self.find(rules.ONE_CONSIGNMENT, Message(
                    N_("goods moved on permit %(number)s on %(day)s already"), {"number": permit.number, "day": first.isoformat()}), line)  # fmt: skip
            if allowed is None:
                continue
            moved[permit.id, line.product_id] += line.units
            total = allowed.arrived_units + moved[permit.id, line.product_id]
            tolerance = self.course.on(line.occurred_on).percent(ARRIVAL_TOLERANCE)
            most = floor(allowed.units * (1 + tolerance))
            if total > most:
                self.find(rules.PERMIT_QUANTITY, Message(N_("more than permit %(number)s allows"), {"number": permit.number}), line,
                          observed=stated(total, plan.unit), limit=stated(most, plan.unit), unit=plan.unit)  # fmt: skip

    def _processing(self, pairs: list[tuple[Line, Plan]]) -> None:
        """Compare base in and out of what shares one document; the rest is lost, but more cannot come out."""
        yields: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
        spent: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
        last: dict[str, Line] = {}
        names: dict[int, str] = {}
        for line, plan in pairs:
            document = line.document or line.reference
            for part in self._revision_of(line, plan).components:
                moved = plan.kind.shelf * line.units * part.base_ng_per_unit
                yields[document, part.substance_id] += moved
                spent[document, part.substance_id] += max(Fraction(0), -moved)
                names[part.substance_id] = part.substance_name
            if plan.kind is PROCESS_IN:
                last[document] = line
        for (document, substance_id), rest in yields.items():
            if rest <= 0 or document not in last:
                continue
            tolerance = self.course.on(last[document].occurred_on).percent(DILUTION_TOLERANCE)
            limit = spent[document, substance_id] * tolerance
            if rest > limit:
                self.find(rules.PROCESS_BALANCE, Message(
                    N_("document %(document)s: more %(substance)s came out than went in"),
                    {"document": document, "substance": names[substance_id]}), last[document], observed=grams(rest), limit=grams(limit), unit="g")  # fmt: skip

    def _revision_of(self, line: Line, plan: Plan) -> RevisionFact:
        """Return the revision the batch keeps, which is the one its entries are counted by."""
        kept = self.kept_revision_id(line)
        return next(revision for revision in plan.revisions if revision.id == kept)

    def kept_revision_id(self, line: Line) -> int:
        """Return the id of the revision the batch of a line keeps."""
        return self.known.batches[line.product_id, line.label].revision_id

    def _back_dating(self, lines: list[Line]) -> None:
        """Say once per posting that entries are late: a file of last year is one fact, not a thousand."""
        allowed = self.course.on(self.clock.today()).number(BACK_DATING_DAYS)
        latest = self.working.first_of(self.clock.today(), allowed)
        late = [line for line in lines if line.occurred_on < latest]
        if not late:
            return
        oldest = min(late, key=lambda line: line.occurred_on)
        message = Message(
            N_("entries later than the working days allowed (%(allowed)s): %(count)s, the oldest of %(day)s"),
            {"allowed": allowed, "count": len(late), "day": oldest.occurred_on.isoformat()},
        )
        self.find(rules.BACK_DATING, message, oldest, observed=oldest.occurred_on.isoformat(), limit=latest.isoformat())

    def _batches(self, pairs: list[tuple[Line, Plan]]) -> None:
        told: set[tuple[int, str]] = set()
        for line, plan in pairs:
            key = (line.product_id, line.label)
            batch = self.known.batches.get(key)
            if batch is None or key in told:
                continue
            if line.expires_on and batch.expires_on and line.expires_on != batch.expires_on:
                told.add(key)
                self.find(rules.BATCH_EXPIRY, Message(
                    N_("batch %(batch)s of %(product)s is recorded with another expiry date"), {"batch": line.label, "product": plan.product}),
                    line, observed=line.expires_on.isoformat(), limit=batch.expires_on.isoformat())  # fmt: skip
            if not line.label and batch.revision_id != revision_on(plan.revisions, line.occurred_on).id:
                told.add(key)
                self.find(
                    rules.REVISED_PRODUCT,
                    Message(N_("%(product)s was revised: give a batch number"), {"product": plan.product}),
                    line,
                )

    def reversals(self, lines: Iterable[Line]) -> None:
        """Refuse that a sender takes back what the receiver has confirmed, or anybody what a difference ended with."""
        for line in lines:
            original = self.known.recorded.get(line.document or "") if line.kind == REVERSE.code else None
            if original is None or not (original.confirmed or original.settled):
                continue
            said = (
                N_("the receiver has confirmed “%(reference)s” as sent")
                if original.confirmed
                else N_("“%(reference)s” belongs to a difference that is settled: it is not taken back")
            )
            self.find(rules.CONFIRMED_STANDS, Message(said, {"reference": original.reference}), line)

    def openings(self, lines: list[Line], recorded: dict[tuple[int, int, str], str]) -> None:
        """Refuse a second opening stock of a shelf; `recorded`: (site, product, label) -> reference."""
        seen = dict(recorded)
        for line in lines:
            if line.kind != OPENING.code:
                continue
            key = (line.site_id, line.product_id, line.label)
            if key in seen:
                self.find(rules.OPENING_ONCE, Message(
                    N_("opening stock of this shelf is taken on already by “%(reference)s”"), {"reference": seen[key]}), line)  # fmt: skip
            else:
                seen[key] = line.reference


def _within(periods: tuple[Period, ...], day: date) -> bool:
    return any(first <= day <= last for first, last in periods)


def _no_licence(site: str, plan: Plan, day: date) -> Message:
    acts = plan.kind.acts if site == plan.site.code else plan.kind.counter_acts
    return Message(
        N_("no licence of %(site)s covers %(acts)s of %(product)s on %(day)s"),
        {
            "site": site,
            "acts": Message(" / ".join(sorted(acts))) if acts else Message(N_("any act")),
            "product": plan.product,
            "day": day.isoformat(),
        },
    )


def _wrong_permit(permit: PermitFact, plan: Plan) -> Message | None:
    said = {"number": permit.number, "product": plan.product, "site": plan.site.code}
    if PERMIT_KINDS[permit.kind].way != plan.kind.trade:
        return Message(N_("permit %(number)s is of another kind"), said)
    if permit.organisation_id != plan.site.organisation_id:
        return Message(N_("permit %(number)s was not issued to the organisation of %(site)s"), said)
    if plan.product_id not in permit.lines:
        return Message(N_("permit %(number)s does not hold the product %(product)s"), said)
    return None
