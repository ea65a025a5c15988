"""Is a preparation one of Schedule III of the 1961 Convention? The limits are data, the reasoning is here.

An answer is yes, no or undecided, always with the reason an officer reads. What a registry
cannot see (a minimum of atropine, a drug that cannot be recovered) is never assumed: the
answer is undecided, and the officer sets the product's control.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from registry.kernel.mass import NG_PER_G, NG_PER_MG, PPM, Unit, decimal_text, fixed_text, rounded
from registry.kernel.text import N_, Message
from registry.substances.domain.facts import SUBSTANCE_FORM, Control, Treaty


class Answer(StrEnum):
    """What is known of a preparation and Schedule III."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"

    @property
    def truth(self) -> bool | None:
        """Return True, False, or None while undecided."""
        return None if self is Answer.UNDECIDED else self is Answer.YES


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reason."""

    answer: Answer
    reason: Message


@dataclass(frozen=True, slots=True)
class LimitFact:
    """One printed limit. `drugs`: codes it holds for; masses as anhydrous base; None: no such limit.

    `max_undivided_ppm`: 2.5 % = 25000; in liquids per cent means grams in 100 ml.
    `needs`: conditions beside the limit, words of `NEEDS`. `measured_as`: code of the drug the
    limit is stated in, where it is another one (opium, limited by its morphine).
    """

    rule: str
    drugs: tuple[str, ...]
    max_per_dosage_unit_ng: int | None
    max_undivided_ppm: int | None
    needs: tuple[str, ...] = ()
    measured_as: str = ""
    other_ingredient: str = ""
    extra_condition: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One controlled substance: anhydrous base in nanograms per stated unit of the product."""

    code: str
    name: str
    treaty: str
    base_ng: Fraction


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is stated of a product, as far as Schedule III asks for it."""

    form: str
    unit: str
    control: str
    other_ingredients: str
    parts: tuple[Part, ...]


DIVIDED_FORMS = (
    "tablet",
    "capsule",
    "suppositor",
    "lozenge",
    "pastille",
    "dragee",
    "sachet",
    "таблет",
    "капсул",
    "суппозитор",
    "драже",
    "пастил",
    "саше",
)
"""Beginnings of words for dosage forms that come in single doses: one piece is one dosage unit."""

ORAL_FORMS = ("tablet", "capsule", "oral", "syrup", "lozenge", "dragee", "таблет", "капсул", "сироп", "драже", "внутрь")
OTHER_ROUTES = ("inject", "infusion", "suppositor", "инъек", "инфуз", "суппозитор")
NG_PER_STATED = {
    Unit.MILLILITRE: NG_PER_G,
    Unit.LITRE: 1000 * NG_PER_G,
    Unit.GRAM: NG_PER_G,
    Unit.KILOGRAM: 1000 * NG_PER_G,
}
"""Nanograms that are 100 % of one stated unit; for liquids 1 g in 1 ml, as per cent w/v is read."""


def decide_schedule_three(preparation: Preparation, limits: Sequence[LimitFact]) -> Decision:
    """Work out whether a preparation falls under Schedule III of 1961.

    The officer's own statement (`control`) goes first. Otherwise every narcotic drug in it
    must keep a printed limit; several narcotic drugs in one preparation are left to the
    officer, because the list says nothing about their sum. Source: Yellow List, Part 2.
    """
    stated = _stated(preparation)
    if stated:
        return stated
    drugs = [part for part in preparation.parts if part.treaty == Treaty.NARCOTIC]
    if not drugs:
        return Decision(Answer.NO, Message(N_("it holds no narcotic drug")))
    if preparation.form.strip().casefold() == SUBSTANCE_FORM:
        return Decision(Answer.NO, Message(N_("it is the substance itself, not a preparation")))
    decisions = [_decide_drug(drug, preparation, limits) for drug in drugs]
    for answer in (Answer.NO, Answer.UNDECIDED):
        for decision in decisions:
            if decision.answer is answer:
                return decision
    if len(drugs) > 1:
        names = ", ".join(drug.name for drug in drugs)
        return Decision(
            Answer.UNDECIDED,
            Message(
                N_("it holds several narcotic drugs (%(names)s), each within its limit: decide and set the control"),
                {"names": names},
            ),
        )
    return decisions[0]


def _stated(preparation: Preparation) -> Decision | None:
    if preparation.control == Control.SCHEDULE_III_1961:
        return Decision(Answer.YES, Message(N_("stated in the product’s control by an officer")))
    if preparation.control == Control.NONE:
        return Decision(Answer.NO, Message(N_("the product’s control says that none applies")))
    return None


def _decide_drug(drug: Part, preparation: Preparation, limits: Sequence[LimitFact]) -> Decision:
    """Decide one drug: one rule that fits is enough, one that might fit leaves it undecided."""
    own = [limit for limit in limits if drug.code in limit.drugs]
    if not own:
        return Decision(Answer.NO, Message(N_("Schedule III has no limit for %(name)s"), {"name": drug.name}))
    decisions = [_decide_limit(drug, preparation, limit) for limit in own]
    for answer in (Answer.YES, Answer.UNDECIDED):
        for decision in decisions:
            if decision.answer is answer:
                return decision
    return decisions[0]


def _decide_limit(drug: Part, preparation: Preparation, limit: LimitFact) -> Decision:
    within = _within(drug, preparation, limit)
    if within.answer is Answer.NO:
        return within
    waiting: Decision | None = within if within.answer is Answer.UNDECIDED else None
    for need in limit.needs:
        decision = NEEDS[need](preparation, drug)
        if decision.answer is Answer.NO:
            return decision
        if decision.answer is Answer.UNDECIDED and waiting is None:
            waiting = decision
    return waiting or within


def _within(drug: Part, preparation: Preparation, limit: LimitFact) -> Decision:
    """Compare with the limit per dosage unit (pieces) or the concentration (measured goods)."""
    whole = NG_PER_STATED.get(Unit(preparation.unit))
    if whole is None:
        if not _begins(preparation.form, DIVIDED_FORMS):
            return Decision(
                Answer.UNDECIDED,
                Message(
                    N_(
                        "a piece of form “%(form)s” may hold several doses and its concentration is not known: decide and set the control"
                    ),
                    {"form": preparation.form},
                ),
            )
        return _compare_dose(drug, limit)
    if limit.max_undivided_ppm is None:
        return Decision(
            Answer.UNDECIDED,
            Message(
                N_(
                    "the list limits %(name)s per dosage unit only, and the dose of an undivided preparation is not known: decide and set the control"
                ),
                {"name": drug.name},
            ),
        )
    share = drug.base_ng * PPM / whole
    values = {
        "name": drug.name,
        "found": _percent(share),
        "limit": _percent(Fraction(limit.max_undivided_ppm)),
        "rule": limit.rule,
    }
    if share > limit.max_undivided_ppm and limit.measured_as not in ("", drug.code):
        return Decision(
            Answer.UNDECIDED,
            Message(
                N_(
                    "the limit is stated as another drug, and how much of it the %(name)s holds is not known: decide and set the control"
                ),
                values,
            ),
        )
    if share > limit.max_undivided_ppm:
        return Decision(
            Answer.NO,
            Message(N_("%(found)s %% of %(name)s as base is more than the %(limit)s %% of rule %(rule)s"), values),
        )
    return Decision(
        Answer.YES, Message(N_("%(found)s %% of %(name)s as base is within the %(limit)s %% of rule %(rule)s"), values)
    )


def _compare_dose(drug: Part, limit: LimitFact) -> Decision:
    if limit.max_per_dosage_unit_ng is None:
        return Decision(
            Answer.UNDECIDED,
            Message(
                N_(
                    "the list limits the concentration of %(name)s, and the mass of one piece is not known: decide and set the control"
                ),
                {"name": drug.name},
            ),
        )
    values = {
        "name": drug.name,
        "found": decimal_text(drug.base_ng / NG_PER_MG),
        "limit": decimal_text(Fraction(limit.max_per_dosage_unit_ng, NG_PER_MG)),
        "rule": limit.rule,
    }
    if drug.base_ng > limit.max_per_dosage_unit_ng:
        return Decision(
            Answer.NO,
            Message(
                N_("%(found)s mg of %(name)s as base in a dosage unit is more than the %(limit)s mg of rule %(rule)s"),
                values,
            ),
        )
    return Decision(
        Answer.YES,
        Message(
            N_("%(found)s mg of %(name)s as base in a dosage unit is within the %(limit)s mg of rule %(rule)s"), values
        ),
    )


def _percent(ppm: Fraction) -> str:
    return fixed_text(rounded(ppm / 10_000, 6), 6)


def _begins(form: str, beginnings: Sequence[str]) -> bool:
    words = form.casefold().replace("-", " ").replace(",", " ").split()
    return any(word.startswith(beginning) for word in words for beginning in beginnings)


def _other_ingredient(preparation: Preparation, drug: Part) -> Decision:
    others = any(part.treaty != Treaty.NARCOTIC for part in preparation.parts)
    if preparation.other_ingredients.strip() or others:
        return Decision(Answer.YES, Message(N_("compounded with other ingredients")))
    return Decision(
        Answer.NO,
        Message(
            N_("no other ingredient is stated, and Schedule III asks that %(name)s be compounded with one or more"),
            {"name": drug.name},
        ),
    )


def _no_psychotropic(preparation: Preparation, drug: Part) -> Decision:
    for part in preparation.parts:
        if part.treaty == Treaty.PSYCHOTROPIC:
            return Decision(
                Answer.NO,
                Message(
                    N_("it holds %(other)s of the 1971 Convention, which the rule on %(name)s excludes"),
                    {"other": part.name, "name": drug.name},
                ),
            )
    return Decision(Answer.YES, Message(N_("it holds no substance of the 1971 Convention")))


def _oral_use(preparation: Preparation, drug: Part) -> Decision:
    if _begins(preparation.form, OTHER_ROUTES):
        return Decision(Answer.NO, Message(N_("the rule on %(name)s is for oral use only"), {"name": drug.name}))
    if _begins(preparation.form, ORAL_FORMS):
        return Decision(Answer.YES, Message(N_("it is for oral use")))
    return Decision(
        Answer.UNDECIDED,
        Message(
            N_("whether form “%(form)s” is for oral use is not known: decide and set the control"),
            {"form": preparation.form},
        ),
    )


def _unseen(msgid: str) -> Callable[[Preparation, Part], Decision]:
    """Return a condition that no registry can see from what is stated of a product."""

    def need(_preparation: Preparation, drug: Part) -> Decision:
        return Decision(Answer.UNDECIDED, Message(msgid, {"name": drug.name}))

    return need


NEEDS: dict[str, Callable[[Preparation, Part], Decision]] = {
    "other_ingredient": _other_ingredient,
    "no_psychotropic": _no_psychotropic,
    "oral_use": _oral_use,
    "methylcellulose": _unseen(
        N_("within the limit, if it holds at least as much methylcellulose as %(name)s: confirm and set the control")
    ),
    "atropine_5_percent": _unseen(
        N_(
            "within the limit, if it holds atropine sulfate of at least 5 %% of the %(name)s: confirm and set the control"
        )
    ),
    "atropine_1_percent": _unseen(
        N_(
            "within the limit, if it holds atropine sulfate of at least 1 %% of the %(name)s: confirm and set the control"
        )
    ),
    "not_recoverable": _unseen(
        N_(
            "within the limit, if the %(name)s cannot be recovered by readily applicable means: confirm and set the control"
        )
    ),
    "fixed_composition": _unseen(
        N_(
            "only if it is the compound powder of ipecacuanha and opium as the list describes it: confirm and set the control"
        )
    ),
}
"""The conditions beside the limits, by the word that stands in the data."""
