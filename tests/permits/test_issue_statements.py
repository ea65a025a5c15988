"""What issuing a permit through the interface costs in statements: few, the same however much competes, few under the lock."""

from __future__ import annotations

from tests.api.programs import program, statements_of
from tests.pages import Office, cheap_hashes, office
from tests.permits.acting import JUNE, apply, proposed, row

__all__ = ["cheap_hashes", "office"]

MOST = 34
"""Of one issue, with finding out who asks and keeping the answer; one that goes beyond must say what for."""
UNDER_LOCK = 20
"""Of these while others wait for the position."""


def issued(office: Office, reference: str) -> list[str]:
    """Issue a proposed case as a program; return the statements it took."""
    asking = program(office, "bakyt")
    with office.rows() as session:
        proposed(session, reference, 1, office.clock)
    asking.get(f"/applications/{reference}")
    with statements_of(office) as seen:
        answer = asking.post(f"/applications/{reference}/steps/issue", {}, If_Match='"3"')
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["permit"].startswith("KG-I-")
    return [statement for statement in seen if not statement.startswith("BEGIN")]


def test_an_issue_takes_few_statements_and_reads_little_under_the_lock(office: Office) -> None:
    issued(office, "A-0")  # the row of the position is made now
    seen = issued(office, "A-1")
    assert len(seen) <= MOST, "\n".join(seen)
    lock = max(number for number, statement in enumerate(seen) if "p.reserved_ng FROM quota_position p" in statement)
    assert len(seen) - lock <= UNDER_LOCK, "\n".join(seen[lock:])


def test_statements_do_not_grow_with_what_competes(office: Office) -> None:
    with office.rows() as session:
        assert apply(session, row("W-1", 10), row("W-2", 10, "FEN01"), clock=JUNE).written
    issued(office, "A-0")
    few = issued(office, "A-1")
    with office.rows() as session:
        assert apply(session, *(row(f"V-{number}", 10) for number in range(30)), clock=JUNE).written
    assert len(issued(office, "A-2")) == len(few)
