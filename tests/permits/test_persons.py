"""No field of a case takes a personal number: not the firm's words, not the officers'."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.deeds.domain import Deed
from registry.deeds.service import begin
from registry.kernel.errors import Invalid
from registry.kernel.fields import BadCell
from registry.permits.domain.deeds import PERMIT_DEEDS
from registry.permits.domain.particulars import PARTICULARS
from registry.permits.domain.proposals import read_conditions
from registry.permits.files import APPLICATION_COLUMNS
from registry.permits.service import request_information, take_up
from registry.permits.service.desk import add_note
from registry.permits.service.stops import MENDS
from tests.permits.acting import JUNE, OFFICER, apply, case, row

NUMBER = "21503199001234"
SAID = f"for the patient {NUMBER}"


@pytest.mark.parametrize("name", ["purpose", "justification"])
def test_the_words_of_an_application(name: str) -> None:
    column = next(each for each in APPLICATION_COLUMNS if each.name == name)
    with pytest.raises(BadCell) as refused:
        column.read(SAID)
    assert refused.value.code == "personal-number"
    assert column.read("for twelve patients") == "for twelve patients"


@pytest.mark.parametrize("code", ["process", "emergency", "consignments"])
def test_the_particulars_of_an_application(code: str) -> None:
    with pytest.raises(BadCell) as refused:
        PARTICULARS[code].read(SAID)
    assert refused.value.code == "personal-number"


def test_the_conditions_of_a_permit() -> None:
    _, problems = read_conditions({"ru": SAID, "ky": "бир жолу", "en": ""})
    assert [(each.column, each.code) for each in problems] == [("conditions.ru", "personal-number")]


def test_the_notes_of_a_case(stocked: Session) -> None:
    assert apply(stocked, row("N-1", 10)).written
    number = case(stocked, "N-1").id
    take_up(stocked, OFFICER, JUNE, number, 1)
    with pytest.raises(Invalid):
        add_note(stocked, OFFICER, JUNE, number, SAID)
    with pytest.raises(Invalid):
        request_information(stocked, OFFICER, JUNE, number, 2, SAID)
    assert case(stocked, "N-1").version == 2


def test_what_a_permit_is_mended_to_and_why(stocked: Session) -> None:
    with pytest.raises(BadCell) as refused:
        MENDS["purpose"].read(SAID)
    assert refused.value.code == "personal-number"
    deed = Deed(next(iter(PERMIT_DEEDS.values())).kind, "KG-1", SAID, JUNE.today())
    with pytest.raises(Invalid) as told:
        begin(stocked, OFFICER, JUNE, deed)
    assert [(each.column, each.code) for each in told.value.problems] == [("reason", "personal-number")]
