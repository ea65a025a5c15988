"""Progress is told where work is done: to who listens, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from registry.kernel.progress import BLIND, TOLD, counted, heard_by, tell, told


def test_nobody_listens_and_nothing_happens() -> None:
    tell("alone")
    items = [1, 2, 3]
    assert told("alone", items) is items


def test_the_listener_hears_until_the_block_ends_and_the_outer_one_again() -> None:
    outer: list[tuple[str, int, int]] = []
    inner: list[tuple[str, int, int]] = []
    with heard_by(lambda *said: outer.append(said)):
        tell("a")
        with heard_by(lambda *said: inner.append(said)):
            tell("b", 1, 2)
        tell("c")
    tell("d")
    assert (outer, inner) == ([("a", 0, 0), ("c", 0, 0)], [("b", 1, 2)])


def test_another_thread_is_not_heard() -> None:
    heard: list[str] = []
    with heard_by(lambda step, *_: heard.append(step)):
        other = Thread(target=tell, args=("elsewhere",))
        other.start()
        other.join()
    assert heard == []


@pytest.mark.parametrize("size", [0, 1, TOLD, 10 * TOLD, 200_000])
def test_a_counted_step_is_told_from_nothing_to_all_and_never_too_often(size: int) -> None:
    heard: list[tuple[int, int]] = []
    with heard_by(lambda _, done, whole: heard.append((done, whole))):
        assert list(told("rows", range(size))) == list(range(size))
    assert heard[0] == (0, size)
    assert heard == sorted(heard)
    assert len(heard) <= TOLD + 1
    if size >= TOLD:
        assert heard[-1] == (size, size)


def test_what_is_more_than_expected_is_told_as_all_of_it() -> None:
    heard: list[int] = []
    with heard_by(lambda _, done, __: heard.append(done)):
        assert list(counted("rows", range(300), 100))[-1] == 299
    assert max(heard) == 100


def test_a_step_of_unknown_size_is_counted_on() -> None:
    def items() -> Iterator[int]:
        yield from range(2 * BLIND + 1)

    heard: list[tuple[int, int]] = []
    with heard_by(lambda _, done, whole: heard.append((done, whole))):
        list(counted("rows", items(), 0))
    assert heard == [(0, 0), (BLIND, 0), (2 * BLIND, 0)]


def test_what_a_listener_raises_ends_the_work() -> None:
    class Enough(Exception):
        pass

    def hear(_step: str, done: int, _whole: int) -> None:
        if done:
            raise Enough

    gone_through = []
    with heard_by(hear), pytest.raises(Enough):
        gone_through.extend(told("rows", range(10 * TOLD)))
    assert gone_through == list(range(10))
