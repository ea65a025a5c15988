"""Watches: what time brings about by itself, looked for day by day.

Most flags are raised by the deed that causes them. Some causes are no deed: a licence comes to its
end, half of the quota is not used by the autumn. For these a room declares a watch, a function
that looks at everything there is and returns every finding that stands on the clock's day::

    def under_use(session: Session, clock: Clock) -> list[Finding]: ...

    def init_app(app):
        watches.register(app, Watch((UNDER_USE,), under_use, "quota "))

What a watch must hold to: `Finding.subject` is the natural key within the rule and never names
a day or a quantity that moves; `observed` and `limit` tell how bad it is, so that a flag which
a person has closed comes back only when it is farther beyond its limit; `organisation_id` names
the organisation, where there is one. Every flag of a watched rule whose subject begins with the word of the
watch and that it no longer finds is closed: the cause is gone. A watch is therefore the only judge of
these, whoever else raises them (an application that raises the same rule under a subject of its own is not
touched), and it takes a number of statements that does not grow with the rows.
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
    """Two watches judge the same flags."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Rules, and how the subjects begin, that `look` alone judges; it returns every such finding that stands now."""

    rules: tuple[Rule, ...]
    look: Look
    about: str = ""

    def judges(self, rule: str, subject: str) -> bool:
        """Say whether a flag of the rule with this code on this subject is the matter of this watch."""
        return subject.startswith(self.about) and rule in {each.code for each in self.rules}

    def meets(self, other: Watch) -> bool:
        """Say whether both would judge the same flag."""
        shared = {rule.code for rule in self.rules} & {rule.code for rule in other.rules}
        return bool(shared) and (self.about.startswith(other.about) or other.about.startswith(self.about))


def register(app: Flask, *watches: Watch) -> None:
    """Add `watches` to those that the sweep of `app` asks. Raises `WatchClash`."""
    known: list[Watch] = app.extensions.setdefault(KEY, [])
    for watch in watches:
        if any(watch.meets(each) for each in known):
            codes = ", ".join(rule.code for rule in watch.rules)
            raise WatchClash(f"another watch judges “{watch.about}…” by one of {codes} already")
        known.append(watch)


def registered(app: Flask) -> tuple[Watch, ...]:
    """Return the watches of `app` in the order they were registered."""
    return tuple(app.extensions.get(KEY, ()))


def current_watches() -> tuple[Watch, ...]:
    """Return the watches of the application that runs."""
    return registered(current_app)
