"""What a proposal may say beyond yes: less than was asked for, with coded reasons, and conditions in three languages. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNIT_NAMES, UNITS_OF_ACCOUNT, Unit, stated
from registry.kernel.persons import named_in
from registry.kernel.text import N_, Message
from registry.substances.domain.facts import RevisionFact


@dataclass(frozen=True, slots=True)
class CutReason:
    """A coded reason for which less is given than was asked for."""

    code: str
    name: str


CUT_REASONS: Mapping[str, CutReason] = MappingProxyType(
    {
        reason.code: reason
        for reason in (
            CutReason("own_estimate", N_("the estimate, the assessment or the state quota leaves no more")),
            CutReason("estimate_abroad", N_("the estimate of the importing country leaves no more")),
            CutReason("share", N_("the share of the organisation leaves no more")),
            CutReason("paper_abroad", N_("the permit of the other country names less")),
            CutReason("need_not_shown", N_("the need for more is not shown")),
            CutReason("stock_suffices", N_("the stock on hand covers the rest")),
            CutReason("others_wait", N_("other applications of the same rank share what is left")),
        )
    }
)
"""No Kyrgyz list was found: these are the project's default (1961 Convention art. 31(1), PC-P4, PC-P5)."""
LANGUAGES = ("ky", "ru", "en")
"""The languages of the conditions, in the order they are asked for and fall back."""
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Cut:
    """What is to be given of one product, as typed: `quantity` in its unit, the coded reason and the text."""

    product: str
    quantity: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class CutFact:
    """What is given of one line, in whole units of account, and why it is less than was asked for."""

    units: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer proposes with a permit: the cuts, and its conditions by language."""

    cuts: Sequence[Cut] = ()
    conditions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


AS_ASKED = Proposal()
"""All that was asked for, without conditions."""


def read_cuts(
    cuts: Sequence[Cut], asked: Mapping[int, int], revisions: Collection[RevisionFact]
) -> tuple[dict[int, CutFact], list[Problem]]:
    """Return product id -> cut, and every problem with its place (``cuts.0.quantity``).

    `asked`: product id -> units of account. More than was asked for is never given; exactly that is no
    cut. A line may be cut to nothing as long as another one stays.
    """
    of = {revision.code: revision for revision in revisions}
    found: dict[int, CutFact] = {}
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, cut in enumerate(cuts):
        path, revision = f"cuts.{place}", of.get(cut.product)
        if revision is None or cut.product in seen:
            said = N_("%(product)s does not stand on the application") if revision is None else N_("it is named twice")
            problems.append(Problem(f"{path}.product", "unknown-value", Message(said, {"product": cut.product})))
            continue
        seen.add(cut.product)
        fact, wrong = _read(cut, path, asked[revision.product_id], revision)
        problems.extend(wrong)
        if fact is not None:
            found[revision.product_id] = fact
    if found and not any(found[product].units if product in found else units for product, units in asked.items()):
        nothing = Message(N_("nothing would be left: propose to refuse the application instead"))
        problems.append(Problem("cuts", "nothing-left", nothing))
    return found, problems


def _read(cut: Cut, path: str, asked: int, revision: RevisionFact) -> tuple[CutFact | None, list[Problem]]:
    unit = Unit(revision.unit)
    try:
        units = scaled_quantity(cut.quantity, UNITS_OF_ACCOUNT[unit].places, positive=False)
    except BadCell as bad:
        return None, [Problem(f"{path}.quantity", bad.code, bad.message)]
    if units == asked and not (cut.reason or cut.text.strip()):
        return None, []
    if units == asked:
        all_of_it = Message(N_("this is all that was asked for: give less, or leave out why"))
        return None, [Problem(f"{path}.quantity", "not-less", all_of_it)]
    if units > asked:
        said = {"asked": stated(asked, revision.unit), "unit": Message(UNIT_NAMES[unit])}
        more = Message(N_("%(asked)s %(unit)s were asked for: more is never given"), said)
        return None, [Problem(f"{path}.quantity", "over-asked", more)]
    problems = []
    if cut.reason not in CUT_REASONS:
        unknown = (
            Message(N_("“%(reason)s” is not a reason to give less"), {"reason": cut.reason})
            if cut.reason
            else Message(N_("choose why less is given"))
        )
        problems.append(Problem(f"{path}.reason", "unknown-value", unknown))
    if not cut.text.strip():
        missing = Message(N_("say in a sentence why less is given: the applicant reads it"))
        problems.append(Problem(f"{path}.text", "missing", missing))
    problems += named_in(f"{path}.text", cut.text)
    return CutFact(units, cut.reason, cut.text.strip()), problems


def read_conditions(typed: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the conditions that were typed, by language, and every problem."""
    found = {language: typed[language].strip() for language in LANGUAGES if typed.get(language, "").strip()}
    problems = [
        Problem(f"conditions.{language}", "too-long", Message(N_("at most %(most)s signs"), {"most": LONGEST_TEXT}))
        for language, text in found.items()
        if len(text) > LONGEST_TEXT
    ]
    for language, text in found.items():
        problems += named_in(f"conditions.{language}", text)
    return found, problems


def write_conditions(conditions: Mapping[str, str]) -> str:
    """Write conditions as JSON text."""
    return json.dumps(dict(conditions), ensure_ascii=False, sort_keys=True)


def conditions_from(text: str) -> Mapping[str, str]:
    """Return conditions as they were written, by language."""
    return MappingProxyType(json.loads(text) if text else {})


def conditions_in(language: str, conditions: Mapping[str, str]) -> str:
    """Return the conditions in `language`, else in the first language they were written in; empty without any."""
    return conditions.get(language) or next((conditions[each] for each in LANGUAGES if each in conditions), "")
