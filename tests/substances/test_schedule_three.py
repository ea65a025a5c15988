"""Schedule III of 1961: every printed rule on both sides of its limit and on it, and what cannot be seen."""

from __future__ import annotations

from fractions import Fraction

import pytest

from registry.kernel.mass import NG_PER_MG
from registry.substances.domain.schedule_three import (
    Answer,
    Decision,
    LimitFact,
    Part,
    Preparation,
    decide_schedule_three,
)

CODEINE_GROUP = LimitFact("1", ("NC 005", "NP 011"), 100 * NG_PER_MG, 25_000, ("other_ingredient",))
PROPIRAM = LimitFact("2", ("NP 016",), 100 * NG_PER_MG, None, ("methylcellulose",))
DEXTROPROPOXYPHENE = LimitFact("3", ("ND 004",), 135 * NG_PER_MG, 25_000, ("oral_use", "no_psychotropic"))
COCAINE = LimitFact("4a", ("NC 004",), None, 1_000, ("other_ingredient", "not_recoverable"))
OPIUM = LimitFact("4b", ("NO 001", "NM 009"), None, 2_000, ("other_ingredient", "not_recoverable"), "NM 009")
DIPHENOXYLATE = LimitFact("6", ("ND 016",), 2_500_000, None, ("atropine_1_percent",))
DOVER = LimitFact("7", ("NO 001",), None, 100_000, ("fixed_composition",))
LIMITS = [
    CODEINE_GROUP,
    PROPIRAM,
    DEXTROPROPOXYPHENE,
    COCAINE,
    OPIUM,
    DIPHENOXYLATE,
    DOVER,
    LimitFact("8", (), None, None),
]


def drug(code: str, milligrams: str, treaty: str = "1961") -> Part:
    return Part(code, code.lower(), treaty, Fraction(milligrams) * NG_PER_MG)


def decide(
    *parts: Part, form: str = "tablet", unit: str = "piece", control: str = "auto", others: str = "paracetamol"
) -> Decision:
    return decide_schedule_three(Preparation(form, unit, control, others, parts), LIMITS)


@pytest.mark.parametrize(
    ("milligrams", "answer"), [("99.999999", Answer.YES), ("100", Answer.YES), ("100.000001", Answer.NO)]
)
def test_100_mg_in_a_dosage_unit(milligrams: str, answer: Answer) -> None:
    decision = decide(drug("NC 005", milligrams))
    assert decision.answer is answer
    assert milligrams in str(decision.reason)


@pytest.mark.parametrize(
    ("unit", "milligrams", "answer"),
    [
        ("ml", "24.999999", Answer.YES),
        ("ml", "25", Answer.YES),
        ("ml", "25.000001", Answer.NO),
        ("l", "25000", Answer.YES),
        ("l", "25000.1", Answer.NO),
        ("g", "25", Answer.YES),
        ("g", "25.1", Answer.NO),
        ("kg", "25000", Answer.YES),
        ("kg", "25000.1", Answer.NO),
    ],
)
def test_2_5_percent_in_an_undivided_preparation(unit: str, milligrams: str, answer: Answer) -> None:
    assert decide(drug("NC 005", milligrams), form="syrup", unit=unit).answer is answer


def test_without_another_ingredient_it_is_not_compounded() -> None:
    decision = decide(drug("NC 005", "8"), others="  ")
    assert decision.answer is Answer.NO
    assert "no other ingredient" in str(decision.reason)


def test_a_psychotropic_is_another_ingredient_for_the_codeine_group() -> None:
    assert decide(drug("NC 005", "8"), drug("PP 008", "15", "1971"), others="").answer is Answer.YES


def test_a_drug_without_a_rule_is_never_schedule_three() -> None:
    decision = decide(drug("NF 001", "0.001"))
    assert decision.answer is Answer.NO
    assert "no limit for nf 001" in str(decision.reason)
    assert decide(drug("NC 005", "8"), drug("NF 001", "0.001")).answer is Answer.NO


def test_several_drugs_within_their_limits_are_left_to_the_officer() -> None:
    decision = decide(drug("NC 005", "8"), drug("NP 011", "8"))
    assert decision.answer is Answer.UNDECIDED
    assert "nc 005, np 011" in str(decision.reason)
    assert decide(drug("NC 005", "8"), drug("NP 011", "101")).answer is Answer.NO


def test_an_ampoule_may_hold_several_doses() -> None:
    decision = decide(drug("NC 005", "8"), form="ampoule")
    assert decision.answer is Answer.UNDECIDED
    assert "ampoule" in str(decision.reason)


@pytest.mark.parametrize("form", ["film-coated tablets", "Capsules, hard", "таблетки", "suppository"])
def test_forms_in_single_doses(form: str) -> None:
    assert decide(drug("NC 005", "8"), form=form).answer is Answer.YES


@pytest.mark.parametrize(
    ("milligrams", "form", "answer"),
    [
        ("135", "tablet", Answer.YES),
        ("135.1", "tablet", Answer.NO),
        ("65", "suppository", Answer.NO),
        ("65", "sachet", Answer.UNDECIDED),
    ],
)
def test_dextropropoxyphene_is_for_oral_use(milligrams: str, form: str, answer: Answer) -> None:
    assert decide(drug("ND 004", milligrams), form=form, others="").answer is answer


def test_dextropropoxyphene_with_a_1971_substance_is_excluded() -> None:
    decision = decide(drug("ND 004", "65"), drug("PD 006", "5", "1971"))
    assert decision.answer is Answer.NO
    assert "1971 Convention" in str(decision.reason)


@pytest.mark.parametrize(("milligrams", "answer"), [("2.5", Answer.UNDECIDED), ("2.500001", Answer.NO)])
def test_the_minimum_of_atropine_cannot_be_seen(milligrams: str, answer: Answer) -> None:
    decision = decide(drug("ND 016", milligrams), others="atropine sulfate")
    assert decision.answer is answer
    if answer is Answer.UNDECIDED:
        assert "at least 1 %" in str(decision.reason)


@pytest.mark.parametrize(("milligrams", "answer"), [("1", Answer.UNDECIDED), ("1.000001", Answer.NO)])
def test_cocaine_at_a_tenth_of_a_percent(milligrams: str, answer: Answer) -> None:
    assert decide(drug("NC 004", milligrams), form="drops", unit="ml").answer is answer


def test_morphine_and_opium_are_limited_by_morphine() -> None:
    assert decide(drug("NM 009", "2.000001"), form="syrup", unit="ml").answer is Answer.NO
    assert decide(drug("NM 009", "2"), form="syrup", unit="ml").answer is Answer.UNDECIDED
    # 1 % of opium may hold a tenth of that as morphine: not known, so not refused.
    assert decide(drug("NO 001", "10"), form="syrup", unit="ml").answer is Answer.UNDECIDED


def test_propiram_in_an_undivided_preparation_has_no_printed_concentration() -> None:
    assert decide(drug("NP 016", "1"), form="syrup", unit="ml").answer is Answer.UNDECIDED
    assert decide(drug("NP 016", "100.1")).answer is Answer.NO


def test_the_substance_itself_is_no_preparation() -> None:
    assert decide(drug("NC 005", "1"), form="substance", unit="g").answer is Answer.NO


def test_without_a_narcotic_drug_it_does_not_apply() -> None:
    assert decide(drug("PD 006", "5", "1971")).answer is Answer.NO
    assert decide().answer is Answer.NO


def test_the_officers_word_goes_first() -> None:
    assert decide(drug("NC 005", "500"), control="schedule_iii_1961").answer is Answer.YES
    assert decide(drug("NC 005", "5"), control="none").answer is Answer.NO
    assert decide(drug("NC 005", "500"), control="exempt_1971").answer is Answer.NO


def test_answers_as_truth() -> None:
    assert [answer.truth for answer in (Answer.YES, Answer.NO, Answer.UNDECIDED)] == [True, False, None]
