"""Terms of a licence's `substances` column, and which component each of them covers."""

from __future__ import annotations

import re

from registry.kernel.codes import substance_code
from registry.substances.domain.facts import ALL_CLASSES, ComponentFact

SCHEDULES = {
    "1961": ("I", "II", "III", "IV"),
    "1971": ("I", "II", "III", "IV"),
    "1988": ("I", "II"),
}
_SCHEDULE = re.compile(r"^(1961|1971|1988)\s*:\s*(I|II|III|IV)$", re.IGNORECASE)
_IDS_OR_TREATY = re.compile(r"^(?:[A-Z]{2} [0-9]{3}|(?:1961|1971|1988|national):[a-z0-9-]+)$")


def normalise_scope_term(term: str) -> str:
    """Return the stored form of a term: ``nm009`` -> ``NM 009``, ``1961 : i`` -> ``1961:I``.

    ``1988:I`` is a table, ``1988:acetic-anhydride`` a substance: a schedule wins where both fit.
    """
    cleaned = " ".join(term.split())
    schedule = _SCHEDULE.match(cleaned)
    if schedule and schedule[2].upper() in SCHEDULES[schedule[1]]:
        return f"{schedule[1]}:{schedule[2].upper()}"
    if cleaned.casefold() in ALL_CLASSES:
        return cleaned.casefold()
    return substance_code(cleaned)


def is_scope_term(term: str) -> bool:
    """Say whether `term` has the shape of a class, a schedule or a code; a code may still be unknown."""
    stored = normalise_scope_term(term)
    return stored in ALL_CLASSES or _is_schedule(stored) or bool(_IDS_OR_TREATY.match(stored))


def is_code_term(term: str) -> bool:
    """Say whether `term` names one substance, so that it must be found in a list."""
    stored = normalise_scope_term(term)
    return stored not in ALL_CLASSES and not _is_schedule(stored)


def scope_covers(term: str, component: ComponentFact, *, schedule_three: bool = False) -> bool:
    """Say whether a licence term covers `component`.

    `schedule_three`: the product is a preparation of Schedule III of 1961, so that the term
    ``1961:III`` covers it as well. ``1961:IV`` covers the drugs of Schedule I that are in IV too.
    """
    stored = normalise_scope_term(term)
    if stored in ALL_CLASSES:
        return stored in component.classes
    if stored == "1961:III":
        return schedule_three and component.treaty == "1961"
    if _is_schedule(stored):
        return stored in component.schedules
    return stored == component.substance_code


def _is_schedule(stored: str) -> bool:
    treaty, _, schedule = stored.partition(":")
    return schedule in SCHEDULES.get(treaty, ())
