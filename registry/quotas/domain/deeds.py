"""What may be done to a line that counts: mended by a record of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from registry.deeds.domain import DeedKind
from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, as_day, as_grams_or_zero, as_text
from registry.kernel.text import N_, Message
from registry.quotas.domain.kinds import QUOTA_KINDS
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.states import LineState

SUBJECT = "quota line "
CORRECT = DeedKind(
    "quotas.correct",
    N_("mend what was recorded in error"),
    N_("The line was found recorded in error"),
    "quotas.propose",
    "quotas.approve",
)
QUANTITY, ACT, ACT_DATE, FROM = "quantity_g", "act", "act_date", "counts_from"
FIELDS = {QUANTITY: "quantity_ng", ACT: "act", ACT_DATE: "act_date", FROM: "effective_on"}
MENDED: Mapping[str, str] = {
    QUANTITY: N_("Quantity, base, g"),
    ACT: N_("Act"),
    ACT_DATE: N_("Day of the act"),
    FROM: N_("Counts from"),
}
"""What a mended line may state otherwise; an empty quantity says that no such line should stand."""
NOTHING = Message(N_("say what the line should have said; empty the quantity where there should be no such line"))
NEVER_COUNTS = N_("%(day)s is after the end of %(year)s: the line would never count")
NO_ACT = Message(N_("a line of this kind rests on an act: name it with its day"))


@dataclass(frozen=True, slots=True)
class Mended:
    """What stands in place of a line in error: `line` None where nothing does; or the problems."""

    line: LineFact | None
    problems: tuple[Problem, ...] = ()


def mended(line: LineFact, said: Mapping[str, str]) -> Mended:
    """Return the line as it should have been, from what a person has typed otherwise."""
    if not said:
        return Mended(None, (Problem(QUANTITY, "missing", NOTHING),))
    if QUANTITY in said and not said[QUANTITY].strip():
        return Mended(None)
    values: dict[str, int | str | date | None] = {}
    problems = []
    for name, text in said.items():
        try:
            values[FIELDS[name]] = _read(name, text.strip())
        except BadCell as bad:
            problems.append(Problem(name, bad.code, bad.message))
    if problems:
        return Mended(None, tuple(problems))
    told = replace(line, id=0, state=LineState.APPROVED.value, version=1, **values)  # type: ignore[arg-type]
    if QUOTA_KINDS[line.kind].by_act and not (told.act and told.act_date):
        return Mended(None, (Problem(ACT, "missing", NO_ACT),))
    if told.effective_on.year > line.year and not QUOTA_KINDS[line.kind].stays:
        said_day = {"day": told.effective_on.isoformat(), "year": line.year}
        return Mended(None, (Problem(FROM, "dates-in-wrong-order", Message(NEVER_COUNTS, said_day)),))
    return Mended(told)


def _read(name: str, text: str) -> int | str | date | None:
    if name == QUANTITY:
        return as_grams_or_zero(text)
    if name == ACT:
        return as_text(text) or None
    return as_day(text) if text or name == FROM else None


def subject_of(line_id: int) -> str:
    """Return the subject of the deeds on one line."""
    return f"{SUBJECT}{line_id}"


def line_of(subject: str) -> int:
    """Return the number of the line from the subject of a deed."""
    return int(subject.removeprefix(SUBJECT))
