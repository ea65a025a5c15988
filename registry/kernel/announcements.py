"""Announcements: what happened in a lower room and must be followed in a higher one, in the same unit of work.

A lower room may not import a higher one. It declares an `Announcement` in its domain and
makes it; `registry.app` says who follows. Nobody asks the lower room who that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

Told = ParamSpec("Told")
Answer = TypeVar("Answer")


class Announcement(Generic[Told, Answer]):
    """One thing a room announces. A follower is called with what is told, and its answer is handed back.

    Followers run inside the caller's transaction: what they write is kept or undone with it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._followers: list[Callable[Told, Answer]] = []

    def follow(self, follower: Callable[Told, Answer]) -> None:
        """Call `follower` from now on; naming it twice is the same as once."""
        if follower not in self._followers:
            self._followers.append(follower)

    def announce(self, *args: Told.args, **kwargs: Told.kwargs) -> list[Answer]:
        """Tell every follower and return their answers.

        Raises `RuntimeError` when nobody follows: what must follow would be lost in silence.
        """
        if not self._followers:
            raise RuntimeError(f"nobody follows {self.name}: registry.app wires announcements")
        return [follower(*args, **kwargs) for follower in self._followers]
