"""What a drug was used for: the product made, as far as the records of the makers tell it.

A use and a manufacture belong together when they name the same document at the same site in
the same year. Where one substance was made under that document, it is the product made; where
none or several were, nobody can tell and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms.columns import USED_NOT_COVERED, USED_OTHER_DRUGS
from forms.facts import NOT_ATTRIBUTED
from registry.stock.domain.kinds import MANUFACTURE
from registry.stock.domain.national import is_counted
from registry.stock.queries.making import Job
from registry.substances.domain.facts import RevisionFact

BROKEN_DOWN = (USED_OTHER_DRUGS.code, USED_NOT_COVERED.code)
"""The items of Part I that some edition shows by product made."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: the code of the substance, or of the product where it holds several."""

    code: str
    name: str


NOBODY_KNOWS = Made(NOT_ATTRIBUTED, "")


def products_made(made: Mapping[Job, frozenset[int]], revisions: Mapping[int, RevisionFact]) -> dict[Job, Made]:
    """Return what was made under each document that tells it; `made`: revisions manufactured under it."""
    found = {
        job: {_named(revisions[number]) for number in numbers if is_counted(str(MANUFACTURE.column), revisions[number])}
        for job, numbers in made.items()
    }
    return {job: next(iter(products)) for job, products in found.items() if len(products) == 1}


def _named(revision: RevisionFact) -> Made:
    if len(revision.components) == 1:
        [part] = revision.components
        return Made(part.substance_code, part.substance_name)
    return Made(revision.code, revision.name)
