"""The most one prescription may stand for: setting it, and holding releases against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate, remembered
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.fields import GRAM_PLACES, BadCell, scaled_quantity
from registry.kernel.mass import NG_PER_G, UNITS_OF_ACCOUNT, Unit, floor, grams, stated
from registry.kernel.text import N_, Message
from registry.stock.domain import rules
from registry.stock.domain.kinds import DISPENSE
from registry.stock.domain.limits import OF_PRODUCT, OF_SUBSTANCE, LimitFact, Limits, Subject, limits_of
from registry.stock.domain.lines import DAILY_SHEET, Line
from registry.stock.models import PrescriptionLimit
from registry.stock.queries.prescriptions import Prescription, Released, all_limits, released_on
from registry.stock.service.judge import Judge
from registry.stock.service.plans import Plan
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries import substance_by_codes, unknown_substances
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_by_ids, revisions_for_products

FILE_KIND = "prescription_limits"
LIMITS_GATE = 24
"""Gate of `db.lock_gate`: one file of limits at a time."""


def judge_prescriptions(
    session: Session, judge: Judge, lines: Sequence[Line], plans: Sequence[Plan | None], reversed_ids: Mapping[str, int]
) -> None:
    """Hold what is released against the limits, with all that was released on the same prescription before.

    One statement where nothing is limited, a few more otherwise, however many lines there are.
    """
    if DISPENSE.code not in {line.kind for line in lines}:
        return
    asked: dict[Prescription, list[tuple[Line, Plan]]] = defaultdict(list)
    for line, plan in zip(lines, plans, strict=True):
        if plan is not None and plan.kind is DISPENSE and line.prescription not in (None, DAILY_SHEET):
            asked[line.site_id, str(line.prescription)].append((line, plan))
    if not asked:
        return
    limits: Limits = remembered(session, all_limits, lambda: limits_of(all_limits(session)))
    if not limits.by_subject:
        return
    before: dict[Prescription, list[Released]] = defaultdict(list)
    taken_back = set(reversed_ids.values())
    for one in released_on(session, asked):
        if one.movement_id not in taken_back:
            before[one.prescription].append(one)
    ids = {one.revision_id for each in before.values() for one in each}
    ids |= {judge.kept_revision_id(line) for pairs in asked.values() for line, _ in pairs}
    revisions = revisions_by_ids(session, ids, judge.clock.today())
    for prescription, pairs in asked.items():
        _Sum(judge, limits, revisions).judge(before[prescription], pairs)


@dataclass(slots=True)
class _Sum:
    """Adds up what one prescription has come to, line after line."""

    judge_: Judge
    limits: Limits
    revisions: Mapping[int, RevisionFact]

    def judge(self, before: Sequence[Released], pairs: Sequence[tuple[Line, Plan]]) -> None:
        """Find every line by which the prescription comes to more than is allowed on its day."""
        total: dict[Subject, Fraction] = defaultdict(Fraction)
        for one in before:
            self._add(total, one.product_id, self.revisions[one.revision_id], one.units)
        for line, plan in sorted(pairs, key=lambda pair: (pair[0].occurred_on, pair[0].row)):
            revision = self.revisions[self.judge_.kept_revision_id(line)]
            self._add(total, line.product_id, revision, line.units)
            self._find(total, line, plan, revision)

    def _add(self, total: dict[Subject, Fraction], product_id: int, revision: RevisionFact, units: int) -> None:
        total[OF_PRODUCT, product_id] += units
        for part in revision.components:
            total[OF_SUBSTANCE, part.substance_id] += units * part.base_ng_per_unit

    def _find(self, total: Mapping[Subject, Fraction], line: Line, plan: Plan, revision: RevisionFact) -> None:
        most = self.limits.on((OF_PRODUCT, line.product_id), line.occurred_on)
        sum_ = floor(total[OF_PRODUCT, line.product_id])
        if most is not None and sum_ > most:
            said: dict[str, object] = {"number": line.prescription, "what": plan.product}
            fits = max(0, line.units - (sum_ - most))
            self.judge_.find(
                rules.MOST_PER_PRESCRIPTION, Message(MORE, said), line, observed=stated(sum_, plan.unit),
                limit=stated(most, plan.unit), unit=plan.unit, largest_quantity=stated(fits, plan.unit),
            )  # fmt: skip
        for part in revision.components:
            most = self.limits.on((OF_SUBSTANCE, part.substance_id), line.occurred_on)
            base = total[OF_SUBSTANCE, part.substance_id]
            if most is not None and base > most:
                said = {"number": line.prescription, "what": Message(part.substance_name)}
                fits = max(0, line.units - -floor(-(base - most) / part.base_ng_per_unit))
                self.judge_.find(
                    rules.MOST_PER_PRESCRIPTION, Message(MORE, said), line, observed=grams(base), limit=grams(most),
                    unit="g", largest_quantity=stated(fits, plan.unit),
                )  # fmt: skip


SET_ALREADY = Message(N_("another limit counts from this day already: a new one counts from another day"))
MORE = N_("prescription %(number)s comes to more %(what)s than one prescription may")


def record_limits(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in a file of limits: the same again is a duplicate, another limit of the same day an error."""
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, LIMITS_GATE, [1])
    known = {(fact.subject, fact.effective_on): fact for fact in all_limits(session)}
    new: list[LimitFact] = []
    bad = checked.bad_rows
    subjects = _Subjects(session, clock, checked)
    for row in checked.rows():
        problem = subjects.problem(row)
        fact = None if problem or row["row"] in bad else subjects.limit(row)
        if isinstance(fact, Problem):
            problem = fact
        if problem is not None:
            report.problems.append(problem)
        elif isinstance(fact, LimitFact):
            recorded = known.setdefault((fact.subject, fact.effective_on), fact)
            if recorded is fact:
                new.append(fact)
            elif recorded == fact:
                report.duplicates += 1
            else:
                report.problems.append(Problem("effective_on", "limit-set", SET_ALREADY, int(str(row["row"]))))
    report.accepted = len(new)
    if new and not report.refused:
        stamp = {"recorded_at": clock.now(), "recorded_by": actor.username}
        session.connection().execute(insert(PrescriptionLimit), [
            {"subject": one.subject[0], "subject_id": one.subject[1], "effective_on": one.effective_on,
             "most": one.most, "act": one.act} | stamp for one in new])  # fmt: skip
        record(session, actor, clock, "stock.limits", source, {"accepted": len(new)})
    return report


class _Subjects:
    """Reads what a row limits: a substance or a product, one of them."""

    def __init__(self, session: Session, clock: Clock, checked: Checked) -> None:
        substances = {str(code) for code in checked.columns["substance"] if code is not None}
        products = {str(code) for code in checked.columns["product"] if code is not None}
        self.substances = substance_by_codes(session, substances, clock.today())
        self.products = revisions_for_products(session, products, clock.today())
        self.unknown = {
            **unknown_substances(session, substances - self.substances.keys(), clock.today()),
            **unknown_products(session, products - self.products.keys()),
        }

    def problem(self, row: Mapping[str, Any]) -> Problem | None:
        """Return what is wrong with the subject of a row."""
        substance, product = row["substance"], row["product"]
        if (substance is None) == (product is None):
            text = Message(N_("name either a substance or a product"))
            return Problem("product", "one-of-both", text, row["row"])
        for name, code, table in (("substance", substance, self.substances), ("product", product, self.products)):
            if code is not None and code not in table:
                return Problem(name, f"unknown-{name}", self.unknown[code], row["row"])
        return None

    def limit(self, row: Mapping[str, Any]) -> LimitFact | Problem:
        """Return the limit of a row, or what is wrong with its quantity."""
        if row["substance"] is not None:
            subject, places, scale = (OF_SUBSTANCE, self.substances[row["substance"]].id), GRAM_PLACES, NG_PER_G // 10**GRAM_PLACES  # fmt: skip
        else:
            revision = self.products[row["product"]][-1]
            subject, places, scale = (OF_PRODUCT, revision.product_id), UNITS_OF_ACCOUNT[Unit(revision.unit)].places, 1
        try:
            most = None if row["most"] is None else scaled_quantity(row["most"], places) * scale
        except BadCell as bad:
            return Problem("most", bad.code, bad.message, row["row"])
        return LimitFact(subject, row["effective_on"], most, row["act"])
