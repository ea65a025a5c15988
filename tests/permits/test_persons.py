"""No field of a case takes a personal number: not the firm's words, not the officers'."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.deeds.domain import Deed
from registry.deeds.service import begin
from registry.kernel.errors import Invalid
from registry.kernel.fields import BadCell
from registry.kernel.personal_number import masked
from registry.kernel.persons import as_document, as_note
from registry.permits.domain.deeds import PERMIT_DEEDS
from registry.permits.domain.particulars import PARTICULARS
from registry.permits.domain.proposals import read_conditions
from registry.permits.files import APPLICATION_COLUMNS
from registry.permits.queries.drafts import draft_by_id
from registry.permits.service import drafts, request_information, take_up
from registry.permits.service.desk import add_note
from registry.permits.service.drafts import change_draft, discard_draft, save_draft
from registry.permits.service.stops import MENDS
from tests.permits.acting import JUNE, OFFICER, apply, case, importer, row

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


@pytest.mark.parametrize(
    "said",
    [
        "2 15031990 01234", "215 031 990 012 34", "2-15-03-1990-01234", "21503-1990-01234", "2\u00a015031990\u202f01234",
        "№21503199001234.", "\uff12\uff11\uff15\uff10\uff13\uff11\uff19\uff19\uff10\uff10\uff11\uff12\uff13\uff14",
    ],
)  # fmt: skip
def test_a_personal_number_is_known_in_whatever_groups_it_is_written(said: str) -> None:
    with pytest.raises(BadCell):
        as_note(f"for {said}")
    with pytest.raises(BadCell):
        as_document(said)
    assert masked(f"for {said}", "*") == f"for {'№*.' if said.startswith('№') else '*'}"


@pytest.mark.parametrize(
    "said",
    [
        "from 2025-01-01 to 2025-12-31", "phone 0 312 66 21 25, 0 555 12 34 56", "215031990012345", "2 45031990 01234",
        "DE-2024-000001-2025-0007", "INV 20250101-20250131", "35031990012345",
    ],
)  # fmt: skip
def test_days_telephones_and_numbers_of_documents_are_none(said: str) -> None:
    assert as_note(said) == said


def test_a_draft_keeps_no_personal_number(stocked: Session) -> None:
    firm = importer(stocked)
    with pytest.raises(Invalid) as refused:
        save_draft(stocked, firm, JUNE, firm.organisation_id or 0, "import", {"purpose": SAID, "partner": "Maker"})
    assert [(each.column, each.code) for each in refused.value.problems] == [("purpose", "personal-number")]
    number = save_draft(stocked, firm, JUNE, firm.organisation_id or 0, "import", {"purpose": "medical"})
    with pytest.raises(Invalid):
        change_draft(stocked, firm, JUNE, number, 1, {"purpose": SAID})
    kept = draft_by_id(stocked, number)
    assert kept is not None
    assert (kept.version, kept.cells) == (1, {"purpose": "medical"})


def test_a_firm_keeps_so_many_drafts_and_no_more(stocked: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 2)
    firm = importer(stocked)
    numbers = [save_draft(stocked, firm, JUNE, firm.organisation_id or 0, "import", {}) for _ in range(2)]
    with pytest.raises(Invalid):
        save_draft(stocked, firm, JUNE, firm.organisation_id or 0, "import", {})
    discard_draft(stocked, firm, JUNE, numbers[0], 1)
    assert save_draft(stocked, firm, JUNE, firm.organisation_id or 0, "import", {})


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
