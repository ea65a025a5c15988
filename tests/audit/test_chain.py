"""The chain of the audit log: appended in order, and any change of it shows."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.audit.domain import FIRST_DIGEST, Event, Head, faults, read_head, seal
from registry.audit.queries import chain_head, entries, verify
from registry.audit.service import record, record_refusal
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Forbidden
from registry.kernel.text import Message
from tests.databases import engine_for
from tests.world import CLOCK

Sealed = tuple[Event, str, str]


def chain(length: int) -> list[Sealed]:
    rows: list[Sealed] = []
    last = FIRST_DIGEST
    for number in range(1, length + 1):
        event = Event(number, "2026-01-01T00:00:00+00:00", "a", "b", f"c{number}", "done", "{}")
        rows.append((event, last, seal(last, event)))
        last = rows[-1][2]
    return rows


def test_a_whole_chain_holds_and_an_empty_one_too() -> None:
    rows = chain(5)
    assert faults(rows, 5, rows[-1][2]) == []
    assert faults([], 0, FIRST_DIGEST) == []


@pytest.mark.parametrize("kind", ["edited", "deleted", "inserted", "swapped", "tail cut", "rewritten"])
def test_every_kind_of_tampering_shows(kind: str) -> None:
    rows = chain(6)
    head = rows[-1][2]
    if kind == "edited":
        rows[2] = (replace(rows[2][0], actor="x"), *rows[2][1:])
    elif kind == "deleted":
        del rows[2]
    elif kind == "inserted":
        rows.insert(2, (replace(rows[2][0], subject="forged"), rows[1][2], seal(rows[1][2], rows[2][0])))
    elif kind == "swapped":
        rows[2], rows[3] = rows[3], rows[2]
    elif kind == "tail cut":
        rows.pop()
    else:  # a forger who rewrites everything still does not meet the head kept elsewhere
        rows, last = [], FIRST_DIGEST
        for event, _, _ in chain(6):
            forged = replace(event, actor="x")
            rows.append((forged, last, seal(last, forged)))
            last = rows[-1][2]
    assert faults(rows, 6, head)


def test_a_head_kept_outside_must_still_be_in_the_chain() -> None:
    rows = chain(6)
    true = [Head(0, FIRST_DIGEST), *(Head(event.sequence, digest) for event, _, digest in rows)]
    assert faults(rows, 6, rows[-1][2], true) == []
    # Somebody writes the whole chain anew, head and all: it holds in itself, but not against what was kept.
    forged: list[Sealed] = []
    last = FIRST_DIGEST
    for event, _, _ in rows:
        changed = replace(event, actor="x") if event.sequence >= 4 else event
        forged.append((changed, last, seal(last, changed)))
        last = forged[-1][2]
    assert faults(forged, 6, last) == []
    assert [fault.sequence for fault in faults(forged, 6, last, true)] == [4, 5, 6]
    # A tail cut off together with the head, and a head of another registry.
    assert [fault.sequence for fault in faults(rows[:4], 4, rows[3][2], [true[6], true[3]])] == [6]
    assert [fault.sequence for fault in faults(rows, 6, rows[-1][2], [Head(3, "f" * 64)])] == [3]


def test_a_head_is_read_as_it_was_written_down() -> None:
    head = Head(1234, "9f86d081" * 8)
    assert read_head(str(head)) == head
    assert read_head(f" 1234 : {'9F86D081 ' * 8}\n") == head
    for wrong in ("", "1234", "1234:9f86", "x:" + "0" * 64, "1:" + "g" * 64, "１:" + "0" * 64):
        with pytest.raises(ValueError, match="NUMBER:DIGEST"):
            read_head(wrong)


def _fail_after_recording(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        record(session, SYSTEM, clock, "test.three", "thing 3")
        raise ZeroDivisionError


def test_events_are_sealed_with_the_deed_and_lost_with_it(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        record(session, SYSTEM, clock, "test.one", "thing 1", {"b": 1, "a": "ң"})
        record(session, SYSTEM, clock, "test.two", "thing 2")
    with pytest.raises(ZeroDivisionError):
        _fail_after_recording(session, clock)
    with unit_of_work(session):
        record_refusal(session, SYSTEM, clock, "test.four", "thing 4", Forbidden(Message("no")))
    found = [(entry.sequence, entry.action, entry.outcome) for entry in entries(session)]
    assert found == [(3, "test.four", "refused"), (2, "test.two", "done"), (1, "test.one", "done")]
    assert entries(session, subject="thing 1")[0].detail == '{"a":"ң","b":1}'
    head = chain_head(session)
    assert (head.sequence, verify(session)) == (3, (3, []))
    assert verify(session, [head]) == (3, [])
    assert [fault.sequence for fault in verify(session, [Head(2, head.digest)])[1]] == [2]


def test_tampering_in_the_database_shows(stocked_url: str) -> None:
    """Whoever owns the database can switch the guards off; the chain still tells."""
    engine = engine_for(stocked_url)
    with Session(engine) as session:
        count, found = verify(session)
        assert count > 1
        assert found == []
        if engine.dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER append_only_audit_event_update"))
        else:
            session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER append_only"))
        session.execute(text("UPDATE audit_event SET actor = 'somebody else' WHERE sequence = 2"))
        session.commit()
        assert [(fault.sequence, fault.what) for fault in verify(session)[1]] == [(2, "changed")]
    engine.dispose()


def test_many_writers_break_nothing(stocked_url: str) -> None:
    """False alarms are faults too: eight writers of ten events each leave one unbroken chain."""
    engine = engine_for(stocked_url)
    with Session(engine) as session:
        before, _ = verify(session)

    def write(number: int) -> None:
        with Session(engine) as own:
            for turn in range(10):
                with unit_of_work(own):
                    record(own, SYSTEM, CLOCK, "test.race", f"{number}/{turn}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert verify(session) == (before + 80, [])
    engine.dispose()
