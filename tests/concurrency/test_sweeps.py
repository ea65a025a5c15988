"""Two sweeps and a posting at once: every flag once, no deadlock, both sweeps told apart."""

from __future__ import annotations

import threading

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.flags.queries import worklist
from registry.flags.service import Swept, raise_flags, sweep
from registry.flags.watches import Watch
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import Message
from tests.databases import engine_for
from tests.world import CLOCK

RULE = Rule("TST-21", "A rule of the tests.", "none", Severity.FLAG, ("test",))
FOUND = [Finding(RULE, Message("x"), Severity.FLAG, subject=f"subject {number}") for number in range(50)]


def look(_session: Session, _clock: Clock) -> list[Finding]:
    return FOUND


def test_sweeps_and_deeds_at_once_raise_each_flag_once(database_url: str) -> None:
    engine = engine_for(database_url)
    swept: list[Swept] = []
    surprises: list[BaseException] = []
    barrier = threading.Barrier(4)

    def run(work: str) -> None:
        try:
            barrier.wait()
            with Session(engine) as session, unit_of_work(session):
                if work == "sweep":
                    swept.append(sweep(session, SYSTEM, CLOCK, [Watch((RULE,), look)]))
                else:
                    raise_flags(session, CLOCK, reversed(FOUND[::2]))
        except BaseException as error:
            surprises.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in ("sweep", "deed", "sweep", "sweep")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert surprises == []
    assert len(swept) == 3
    with Session(engine) as session:
        assert len(worklist(session, limit=1000)) == len(FOUND)
        assert session.execute(text("SELECT COUNT(*) FROM flag_sweep")).scalar_one() == 3
    engine.dispose()
