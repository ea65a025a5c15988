"""Which edition of a form serves which period.

A new edition is one more file in `forms/editions/`; nothing here changes. The editions of one
form must follow each other without overlap and without a gap: either would let two people
print the same year on different forms.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import pairwise

from forms import editions
from forms.edition import Edition, Form
from registry.kernel.errors import NotFound
from registry.kernel.period import Period
from registry.kernel.text import N_, Message


class EditionsClash(ValueError):
    """Two editions of one form claim the same period, or none claims one between them."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The edition that serves a period; `later` when it is younger than the period."""

    edition: Edition
    later: bool


def arranged(found: Iterable[Edition]) -> dict[Form, tuple[Edition, ...]]:
    """Return the editions of each form, oldest first. Raises `EditionsClash`."""
    result: dict[Form, tuple[Edition, ...]] = {}
    for edition in sorted(found, key=lambda one: (one.form, one.valid_from.first_day, one.issued)):
        result[edition.form] = (*result.get(edition.form, ()), edition)
    for form, line in result.items():
        for older, newer in pairwise(line):
            expected = None if older.valid_to is None else older.valid_to.last_day + timedelta(days=1)
            if expected != newer.valid_from.first_day:
                what = "a gap" if expected is not None and expected < newer.valid_from.first_day else "an overlap"
                raise EditionsClash(f"Form {form}: {what} between the editions {older.code} and {newer.code}")
    return result


@cache
def all_editions() -> dict[Form, tuple[Edition, ...]]:
    """Return every edition in `forms/editions/`, by form, oldest first."""
    modules = sorted(found.name for found in pkgutil.iter_modules(editions.__path__))
    return arranged(importlib.import_module(f"{editions.__name__}.{name}").EDITION for name in modules)


def choose(form: Form | str, period: Period) -> Chosen:
    """Return the edition of `form` for `period`.

    The oldest edition also serves earlier periods, and is then marked as a later one. Raises
    `NotFound` for a form without editions and for a period after the last one closed.
    """
    line = all_editions().get(Form(form), ()) if form in set(Form) else ()
    for edition in line:
        if period.first_day < edition.valid_from.first_day:
            return Chosen(edition, later=True)
        if edition.valid_to is None or period.last_day <= edition.valid_to.last_day:
            return Chosen(edition, later=False)
    raise NotFound(
        Message(N_("there is no edition of Form %(form)s for %(period)s"), {"form": str(form), "period": str(period)})
    )
