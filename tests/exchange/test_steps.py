"""What a file tells on its way, and what a terminal makes of it."""

from __future__ import annotations

import io
from itertools import groupby

import pytest
from rich.console import Console
from sqlalchemy.orm import Session

from registry.exchange.cli import _steps_shown
from registry.exchange.service import SentFile, take_in
from registry.intake.check import CHECKING
from registry.intake.reader import READING
from registry.kernel.actor import SYSTEM
from registry.kernel.progress import heard_by, tell
from tests.world import CLOCK, EXAMPLE

COMPARING = "Comparing with what is recorded"
JUDGED = [READING, CHECKING, COMPARING, "Looking up what the rows name", "Working out the entries", "Judging by the rules"]  # fmt: skip
WRITTEN = ["Working out the balances", "Working out totals, quotas and permits"]


def told(session: Session, data: bytes, *, dry_run: bool) -> list[tuple[str, int, int]]:
    heard: list[tuple[str, int, int]] = []
    with heard_by(lambda *said: heard.append(said)):
        take_in(session, SYSTEM, CLOCK, SentFile("movements", data, "movements.csv"), dry_run=dry_run)
    return heard


def names(heard: list[tuple[str, int, int]]) -> list[str]:
    return [name for name, _ in groupby(step for step, *_ in heard)]


def test_movements_tell_every_step_once_and_in_order(stocked: Session) -> None:
    data = (EXAMPLE / "07-movements.csv").read_bytes()
    count = len(data.splitlines()) - 1
    assert names(told(stocked, data, dry_run=True)) == [*JUDGED, *WRITTEN]
    heard = told(stocked, data, dry_run=False)
    assert names(heard) == [*JUDGED, *WRITTEN, "Keeping what was written"]
    worked = [(done, whole) for step, done, whole in heard if step == "Working out the entries"]
    assert (worked[0], worked[-1]) == ((0, count), (count, count))
    # What is there already is not judged again.
    assert names(told(stocked, data, dry_run=False)) == [*JUDGED[:-1], "Keeping what was written"]


@pytest.mark.usefixtures("app")
def test_a_terminal_shows_the_step_and_how_far_it_is() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, color_system=None)
    with _steps_shown(console, "a[b].csv"):
        tell("Reading the file", 20, 40)
    shown = out.getvalue()
    assert "a[b].csv: Reading the file" in shown
    assert "20 / 40" in shown


@pytest.mark.usefixtures("app")
def test_what_is_no_terminal_gets_nothing() -> None:
    out = io.StringIO()
    with _steps_shown(Console(file=out), "a.csv"):
        tell("Reading the file", 20, 40)
    assert out.getvalue() == ""
