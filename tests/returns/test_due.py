"""Returns that fall due: each on both sides of the day from which it is looked for, and of the last."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from forms.catalogue import all_editions
from forms.edition import Form
from registry.kernel.clock import FixedClock
from registry.kernel.rules import Severity
from registry.returns.domain import DUE_AHEAD, DUE_KEPT, falling_due
from registry.returns.watches import due

ONE_DAY = timedelta(days=1)
JUNE = date(2026, 6, 30)
OCTOBER = date(2026, 10, 31)


def subjects(day: date, form: Form) -> list[str]:
    return [one.subject for one in falling_due(day, [all_editions()[form][-1]])]


@pytest.mark.parametrize(
    ("day", "found"),
    [(JUNE - DUE_AHEAD - ONE_DAY, False), (JUNE - DUE_AHEAD, True), (JUNE, True), (JUNE + DUE_KEPT, True),
     (JUNE + DUE_KEPT + ONE_DAY, False)],
)  # fmt: skip
def test_ret_01_the_yearly_return_falls_due(day: date, found: bool) -> None:
    assert ("return C 2025" in subjects(day, Form.C)) is found


@pytest.mark.parametrize(("day", "found"), [(OCTOBER - DUE_AHEAD - ONE_DAY, False), (OCTOBER - DUE_AHEAD, True)])
def test_ret_01_the_quarterly_return_falls_due(day: date, found: bool) -> None:
    assert ("return A 2026-Q3" in subjects(day, Form.A)) is found


def test_the_sentence_says_whether_the_day_is_still_to_come() -> None:
    for day, words in ((JUNE, "is due at the Board on 2026-06-30"), (JUNE + ONE_DAY, "was due")):
        [finding] = [one for one in falling_due(day, [all_editions()[Form.C][-1]]) if one.subject == "return C 2025"]
        assert words in str(finding.message)


def test_the_watch_looks_at_the_newest_edition_of_each_form(session: Session, clock: FixedClock) -> None:
    found = due(session, clock)
    assert {"return C 2025", "return A 2026-Q3", "return A 2025-Q4"} <= {one.subject for one in found}
    assert len({one.subject for one in found}) == len(found)
    assert {one.severity for one in found} == {Severity.FLAG}
