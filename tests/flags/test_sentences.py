"""The sentence of a flag is kept in a way that any reader's language can be put in later."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.flags.domain import packed, unpacked
from registry.flags.queries import worklist
from registry.flags.service import raise_flags
from registry.kernel.clock import FixedClock
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import Message

RULE = Rule("TST-02", "A rule of the tests.", "none", Severity.FLAG, ("test",))


@pytest.mark.parametrize("value", ["100%", "%(name)s", "<b>", {"msgid": "only half"}, {"a": 1}, None, 12, ["x"]])
def test_plain_values_come_back_as_they_are(value: object) -> None:
    assert unpacked(packed({"value": value})) == {"value": value}


def test_days_come_back_as_iso_text() -> None:
    assert unpacked(packed({"day": date(2026, 1, 2)})) == {"day": "2026-01-02"}


def test_a_sentence_inside_a_sentence_is_still_one(session: Session, clock: FixedClock) -> None:
    inner = Message("%(count)s of %(kind)s", {"count": 3, "kind": Message("pharmacy")})
    message = Message("there are %(inner)s", {"inner": inner})
    raise_flags(session, clock, [Finding(RULE, message, Severity.FLAG, subject="a")])
    [flag] = worklist(session)
    assert flag.message == message
    assert str(flag.message) == "there are 3 of pharmacy"
