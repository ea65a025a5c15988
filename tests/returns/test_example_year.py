"""The example year, worked by hand from the printed factors, comes back to the last digit on both databases."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy.orm import Session

from forms.checks import Status
from forms.figures import as_json
from registry.kernel.period import Period
from registry.quotas.domain.position import as_json as position_document
from registry.returns.service.explain import explain
from registry.returns.service.make import make_return
from registry.settings import Settings
from registry.stock.queries.verify import verify
from registry.supervision.queries.positions import positions_on
from tests import world

EXPECTED = json.loads((world.EXAMPLE / "expected.json").read_text())


@pytest.fixture
def year(stocked: Session) -> Session:
    world.take_file(stocked, "07-movements")
    return stocked


def figures(session: Session, form: str, period: Period) -> dict[tuple[str, str, str | None], str]:
    document = as_json(make_return(session, world.CLOCK, Settings(), form, period))
    return {(f["substance"], f["column"], f["partner"]): f["exact_g"] for f in document["figures"]}  # type: ignore[index, attr-defined]


def test_form_c(year: Session) -> None:
    found = figures(year, "C", Period(2024))
    expected = {
        (substance, column, None): quantity
        for substance, columns in EXPECTED["form_C_2024"].items()
        for column, quantity in columns.items()
    }
    assert found == expected


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_form_a(year: Session, quarter: int) -> None:
    found = figures(year, "A", Period(2024, quarter))
    assert {"|".join(str(part) for part in key): value for key, value in found.items()} == EXPECTED["form_A"][
        f"2024-Q{quarter}"
    ]


def test_position_of_morphine(year: Session) -> None:
    wanted = EXPECTED["position_2024_morphine"]
    for as_of in (None, date(2024, 6, 2), date(2024, 12, 31), date(2025, 3, 1)):
        [(substance, position)] = positions_on(year, world.CLOCK, 2024, as_of, "NM 009")
        document = position_document(position, substance.code, substance.name)
        assert {key: document[key] for key in wanted} == wanted, as_of


def test_position_follows_the_days(year: Session) -> None:
    """Before the import of February and the permit of June, on the day itself, and after."""
    reserved, imported = [], []
    for day in (
        date(2024, 1, 4),
        date(2024, 1, 5),
        date(2024, 2, 9),
        date(2024, 2, 10),
        date(2024, 5, 31),
        date(2024, 6, 1),
    ):
        [(_, position)] = positions_on(year, world.CLOCK, 2024, day, "NM 009")
        document = position_document(position, "", "")
        reserved.append(document["reserved_g"])
        imported.append(document["imported_g"])
    assert reserved == ["0", "1500", "1500", "0", "0", "900"]
    assert imported == ["0", "0", "0", "1500", "1500", "1500"]


def test_only_the_excess_fails_its_check(year: Session) -> None:
    draft = make_return(year, world.CLOCK, Settings(), "C", Period(2024))
    failed = {(check.code, check.substance) for check in draft.checks if check.status is Status.FAIL}
    assert failed == {("C-05", "NM 009")}


def test_every_figure_is_explained_by_its_entries(year: Session) -> None:
    for (substance, column, _), exact in figures(year, "C", Period(2024)).items():
        explanation = explain(year, world.CLOCK, "C", Period(2024), substance, column)
        assert explanation.as_json()["exact_g"] == exact, (substance, column)
        assert explanation.entries or explanation.steps
    explanation = explain(year, world.CLOCK, "A", Period(2024, 1), "NM 009", "imported", "IN")
    assert [entry.reference for entry in explanation.entries] == ["M-002"]


def test_as_known_before_anything_was_recorded(year: Session) -> None:
    draft = make_return(year, world.CLOCK, Settings(), "C", Period(2024), date(2024, 12, 31))
    assert draft.figures == ()
    today = make_return(year, world.CLOCK, Settings(), "C", Period(2024), world.CLOCK.today())
    assert len(today.figures) == sum(len(columns) for columns in EXPECTED["form_C_2024"].values())


def test_the_ledger_holds_and_a_second_import_changes_nothing(year: Session) -> None:
    before = figures(year, "C", Period(2024))
    again = world.take_file(year, "07-movements")
    assert (again.accepted, again.duplicates) == (0, 18)
    assert figures(year, "C", Period(2024)) == before
    assert verify(year).faults == ()
