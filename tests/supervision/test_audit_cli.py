"""`flask audit head` and `flask audit verify --head`: what is kept outside tells a chain that was made anew."""

from __future__ import annotations

import json

from flask import Flask

from registry.audit.service import record
from registry.db import db, unit_of_work
from registry.kernel.actor import SYSTEM
from tests.world import CLOCK


def test_a_head_that_was_written_down_is_found_again(app: Flask) -> None:
    runner = app.test_cli_runner()

    def write(name: str) -> str:
        with app.app_context(), unit_of_work(db.session()) as session:
            record(session, SYSTEM, CLOCK, "test.deed", name)
        return str(runner.invoke(args=["audit", "head"]).output).strip()

    first, second = write("one"), write("two")
    number, _, digest = second.partition(":")
    assert json.loads(runner.invoke(args=["audit", "head", "--json"]).output) == {
        "sequence": int(number),
        "digest": digest,
        "head": second,
    }
    good = runner.invoke(args=["audit", "verify", "--head", first, "--head", second.upper(), "--json"])
    assert good.exit_code == 0
    assert json.loads(good.output)["ok"] is True
    strange = runner.invoke(args=["audit", "verify", "--head", f"{number}:{'0' * 64}"])
    assert strange.exit_code == 1
    assert f"{number}: the head kept outside is not in the chain" in strange.output
    unreadable = runner.invoke(args=["audit", "verify", "--head", "4711"])
    assert unreadable.exit_code == 2
    assert "NUMBER:DIGEST" in unreadable.output
