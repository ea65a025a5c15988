"""What is wrong with the data of a permit's file: its shape, and what would make its exact sums endless."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from types import MappingProxyType

from registry.correspondence.domain.permit_file import PERMIT
from registry.correspondence.domain.tree import SHOWN, Data, check
from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message

MOST_SUBSTANCES = 5000
"""Entries of substances in all lines of one file: far more than any permit has."""
MOST_DIGITS = 60
"""Digits of the common denominator of all bases: sums stay exact and never grow beyond it."""

TOO_MANY = N_("the lines list more than %(most)s substances: a permit has far fewer")
TOO_FINE = N_(
    "with “%(text)s” the base of all lines has a common denominator of more than %(most)s digits: write simpler fractions, or decimals"
)


def faults(data: object) -> list[Problem]:
    """Return every problem of data meant to be a permit; sums are judged only where the shape is good."""
    return check(PERMIT, data) or (_unbounded(data) if isinstance(data, dict) else [])


def _unbounded(data: Data) -> list[Problem]:
    bases = [
        (f"/{PERMIT.name}/lines/line[{line}]/substances/substance[{number}]/base_grams", each["base_grams"])
        for line, goods in enumerate(data["lines"], 1)
        for number, each in enumerate(goods.get("substances", ()), 1)
    ]
    if len(bases) > MOST_SUBSTANCES:
        return [_problem(f"/{PERMIT.name}/lines", "too-many", TOO_MANY, most=MOST_SUBSTANCES)]
    common = 1
    for place, text in bases:
        common = lcm(common, Fraction(text).denominator)
        if common > 10**MOST_DIGITS:
            return [_problem(place, "too-fine", TOO_FINE, text=text[:SHOWN], most=MOST_DIGITS)]
    return []


def _problem(place: str, code: str, msgid: str, **params: object) -> Problem:
    return Problem(place, code, Message(msgid, MappingProxyType(params)))
