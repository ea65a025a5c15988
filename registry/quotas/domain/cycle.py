"""What a step of the cycle asks for before it is taken. Pure: the service reads the facts, this judges them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message
from registry.quotas.domain.kinds import QUOTA_KINDS
from registry.quotas.domain.lines import LineFact, counts_from
from registry.quotas.domain.states import Transition

REASON_WANTED = Message(
    N_("say why: a change of what was decided needs its circumstances (1961 Convention art. 19(3))")
)
NOTE_WANTED = Message(N_("say why: whoever proposed the line reads it"))
ACT_WANTED = Message(N_("a state quota rests on an act: write its number"))
ACT_DAY_WANTED = Message(N_("write the day of the act"))
NEVER_COUNTS = N_("%(day)s is after the end of %(year)s: the line would never count")


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes with a step. `version`: of the line as the person saw it, None for whoever did not look.

    `act`, `act_date` and `effective_on` complete a line that is approved; what the line says
    already stays where they are empty.
    """

    version: int | None = None
    note: str | None = None
    act: str | None = None
    act_date: date | None = None
    effective_on: date | None = None


def reason_problems(draft: LineFact, standing: Iterable[LineFact]) -> list[Problem]:
    """Say whether a reason is missing: for every supplement, and for a state quota that replaces one that counts."""
    kind = QUOTA_KINDS[draft.kind]
    replaces = kind.replaced_with_reason and any(
        (line.year, line.kind, line.substance_id) == (draft.year, draft.kind, draft.substance_id)
        for line in standing
        if line.counts
    )
    if (kind.needs_reason or replaces) and not (draft.note or "").strip():
        return [Problem("note", "missing", REASON_WANTED)]
    return []


def step_problems(step: Transition, line: LineFact, decision: Decision) -> list[Problem]:
    """Say what is missing for `step`: a reason, or the act of a kind that rests on one."""
    problems = []
    if step.needs_note and not (decision.note or "").strip():
        problems.append(Problem("note", "missing", NOTE_WANTED))
    if step.needs_act:
        if QUOTA_KINDS[line.kind].by_act:
            if not (decision.act or line.act):
                problems.append(Problem("act", "missing", ACT_WANTED))
            if (decision.act_date or line.act_date) is None:
                problems.append(Problem("act_date", "missing", ACT_DAY_WANTED))
        day = completed(line, decision).effective_on
        if day.year > line.year and not QUOTA_KINDS[line.kind].stays:
            said = {"day": day.isoformat(), "year": line.year}
            problems.append(Problem("effective_on", "dates-in-wrong-order", Message(NEVER_COUNTS, said)))
    return problems


@dataclass(frozen=True, slots=True)
class Completed:
    """Act, its day and the day from which a line counts once it is approved."""

    act: str | None
    act_date: date | None
    effective_on: date


def completed(line: LineFact, decision: Decision) -> Completed:
    """Return what an approved line says.

    An act named only now moves the day from which the line counts to the act's, unless the
    proposal or the decision names another day.
    """
    act_date = decision.act_date or line.act_date
    effective_on = decision.effective_on or line.effective_on
    unsaid = decision.effective_on is None and line.effective_on == counts_from(line.year, line.act_date, None)
    if unsaid and act_date != line.act_date:
        effective_on = counts_from(line.year, act_date, None)
    return Completed(decision.act or line.act, act_date, effective_on)
