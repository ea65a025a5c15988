"""Watches: what time brings about by itself, looked for day by day.

Most flags are raised by the deed that causes them. Some causes are no deed: a licence comes to its
end, half of the quota is not used by the autumn. For these a room declares a watch, a function
that looks at everything there is and returns every finding that stands on the clock's day::

    def under_use(session: Session, clock: Clock) -> list[Finding]: ...

    def init_app(app):
        watches.register(app, Watch((UNDER_USE,), under_use))

What a watch must hold to: `Finding.subject` is the natural key within the rule and never names
a day or a quantity that moves; `observed` and `limit` tell how bad it is, so that a flag which
a person has closed comes back only when it is farther beyond its limit; `organisation_id` names
the organisation, where there is one. Every flag of a watched rule that the watch no longer finds is closed:
the cause is gone. A watch is therefore the only judge of its rules, whoever else raises them, and
it takes a number of statements that does not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.rules import Finding, Rule

KEY = "registry.flag_watches"

Look = Callable[[Session, Clock], Iterable[Finding]]


class WatchClash(ValueError):
    """Two watches judge one rule."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The rules that `look` alone judges; it returns every finding of these rules that stands now."""

    rules: tuple[Rule, ...]
    look: Look


def register(app: Flask, *watches: Watch) -> None:
    """Add `watches` to those that the sweep of `app` asks. Raises `WatchClash`."""
    known: list[Watch] = app.extensions.setdefault(KEY, [])
    for watch in watches:
        judged = {rule.code for each in known for rule in each.rules}
        if twice := judged & {rule.code for rule in watch.rules}:
            raise WatchClash(f"judged by another watch already: {', '.join(sorted(twice))}")
        known.append(watch)


def registered(app: Flask) -> tuple[Watch, ...]:
    """Return the watches of `app` in the order they were registered."""
    return tuple(app.extensions.get(KEY, ()))


def current_watches() -> tuple[Watch, ...]:
    """Return the watches of the application that runs."""
    return registered(current_app)
