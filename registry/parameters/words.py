"""Values of parameters as people read them."""

from __future__ import annotations

from datetime import date

from registry.kernel.codes import search_key
from registry.kernel.parameters import NOT_SET, Parameter, ParameterKind
from registry.kernel.text import N_, Message
from registry.web.locale import format_quantity, say, translate

_LEAP_YEAR = 2000
DAYS_NAMED = N_("%(count)s d")
NOBODY_SET = N_("not set: no limit")


def value_words(parameter: Parameter, value: str) -> str:
    """Return a stored value in the reader's language: ``12,5 %``, ``90 d``, ``30.09``, ``on``."""
    if parameter.optional and value == NOT_SET:
        return say(NOBODY_SET)
    if parameter.kind is ParameterKind.PERCENT:
        return f"{format_quantity(value)}\u00a0%"
    if parameter.kind is ParameterKind.DAYS:
        return translate(Message(DAYS_NAMED, {"count": format_quantity(value)}))
    if parameter.kind is ParameterKind.DAY_OF_YEAR:
        month, day = value.split("-")
        return f"{date(_LEAP_YEAR, int(month), int(day)):%d.%m}"
    known = dict(parameter.words)
    return say(known[value]) if value in known else format_quantity(value) if value.isdecimal() else value


def parameter_name(parameter: Parameter) -> str:
    """Return the name of a parameter; the weight of a rule bears the code of the rule."""
    name = say(parameter.name)
    return f"{parameter.code.partition('.')[2]}: {name}" if parameter.kind is ParameterKind.SEVERITY else name


def sought(parameter: Parameter) -> str:
    """Return what a parameter is found by: its code, its name as shown and in English, its group."""
    return search_key(f"{parameter.code} {say(parameter.name)} {parameter.name} {say(parameter.group)}")
