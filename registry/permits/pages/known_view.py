"""What was known when a case was decided, as tables (`domain.known`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from registry.kernel.mass import UNIT_NAMES, Unit
from registry.kernel.parameters import SEVERITIES
from registry.kernel.text import N_
from registry.licences.domain import ACTS
from registry.licences.domain import STOP_CAUSES as LICENCE_STOPS
from registry.parameters.catalogue import all_parameters
from registry.parameters.words import parameter_name, value_words
from registry.quotas.domain.kinds import QUOTA_KINDS
from registry.web.locale import country_name, format_day, format_quantity, say

Kept = Mapping[str, Any]
Table = tuple[str, Sequence[Mapping[str, str]], list[list[object]]]
LINES = (
    {"label": N_("Product"), "kind": "code"},
    {"label": N_("Revision"), "kind": "number"},
    {"label": N_("Counts from")},
    {"label": N_("Quantity asked for"), "kind": "number"},
    {"label": N_("Quantity given"), "kind": "number"},
    {"label": N_("Composition")},
)
POSITIONS = (
    {"label": N_("Substance")},
    {"label": N_("Year")},
    {"label": N_("Estimate or assessment"), "kind": "number"},
    {"label": N_("State quota"), "kind": "number"},
    {"label": N_("Used"), "kind": "number"},
    {"label": N_("Reserved"), "kind": "number"},
    {"label": N_("Free"), "kind": "number"},
    {"label": N_("Bound by")},
    {"label": N_("This permit"), "kind": "number"},
)
LICENCES = (
    {"label": N_("Licence"), "kind": "code"},
    {"label": N_("Counts from")},
    {"label": N_("Valid")},
    {"label": N_("Acts")},
    {"label": N_("State")},
)
ABROAD = (
    {"label": N_("Country")},
    {"label": N_("Substance"), "kind": "code"},
    {"label": N_("Year")},
    {"label": N_("Estimate or assessment"), "kind": "number"},
    {"label": N_("Taken by our permits"), "kind": "number"},
    {"label": N_("Published on")},
    {"label": N_("Source")},
)
RULES = (
    {"label": N_("Rule"), "kind": "code"},
    {"label": N_("What it said")},
    {"label": N_("Legal ground")},
    {"label": N_("Weight")},
)
PARAMETERS = ({"label": N_("Parameter")}, {"label": N_("Value")}, {"label": N_("Since")})
NOT_STOPPED = N_("in force")
NOT_SET = N_("where nothing is set")


def known_tables(known: Kept | None) -> list[Table]:
    """Return heading, columns and rows of every part that holds anything; nothing where nothing was kept."""
    if known is None:
        return []
    tables = [
        (say(heading), columns, [row(each) for each in known[part]])
        for part, heading, columns, row in PARTS
        if known[part]
    ]
    program = N_("Program")
    return [
        *tables,
        (
            say(N_("Decision")),
            ({"label": N_("Day")}, {"label": program}),
            [[_day(known["decided_on"]), known["program"]]],
        ),
    ]


def _day(text: str | None) -> str | None:
    return format_day(date.fromisoformat(text)) if text else None


def _grams(text: str | None) -> str | None:
    return format_quantity(text, N_("g")) if text is not None else None


def _line(one: Kept) -> list[object]:
    unit = UNIT_NAMES[Unit(one["unit"])]
    parts = (
        f"{each['substance']} {format_quantity(each['amount_mg'], N_('mg'))} ({each['salt']})"
        for each in one["components"]
    )
    return [
        one["product"],
        one["revision"],
        _day(one["valid_from"]),
        format_quantity(one["asked"], unit),
        format_quantity(one["given"], unit),
        "; ".join(parts),
    ]


def _position(one: Kept) -> list[object]:
    used = [one["manufactured_g"], one["imported_g"]]
    return [
        f"{one['substance']} {say(one['name'])}",
        one["year"],
        _grams(one["estimate_total_g"]),
        _grams(one["state_quota_g"]),
        " + ".join(filter(None, map(_grams, used))),
        _grams(one["reserved_g"]),
        _grams(one["headroom_g"]),
        say(QUOTA_KINDS[one["bound_by"]].name),
        _grams(one["taken_g"]),
    ]


def _licence(one: Kept) -> list[object]:
    stopped = one["stopped"]
    return [
        one["number"],
        _day(one["effective_on"]),
        f"{_day(one['valid_from'])} – {_day(one['valid_to'])}",
        "; ".join(say(ACTS[act].name) for act in one["acts"]),
        say(LICENCE_STOPS[stopped].name if stopped else NOT_STOPPED),
    ]


def _abroad(one: Kept) -> list[object]:
    return [
        country_name(one["country"]),
        one["substance"],
        one["year"],
        _grams(one["quantity_g"]),
        _grams(one["taken_g"]),
        _day(one["published_on"]),
        one["source"],
    ]


def _rule(one: Kept) -> list[object]:
    return [one["code"], say(one["text"]), say(one["legal_ground"]), say(dict(SEVERITIES)[one["severity"]])]


def _parameter(one: Kept) -> list[object]:
    known = all_parameters().get(one["code"])
    name = parameter_name(known) if known else one["code"]
    return [name, value_words(known, one["value"]) if known else one["value"], _day(one["since"]) or say(NOT_SET)]


PARTS: tuple[tuple[str, str, Sequence[Mapping[str, str]], Callable[[Kept], list[object]]], ...] = (
    ("lines", N_("Products"), LINES, _line),
    ("positions", N_("Quota position"), POSITIONS, _position),
    ("licences", N_("Licences"), LICENCES, _licence),
    ("abroad", N_("Estimates of other countries"), ABROAD, _abroad),
    ("rules", N_("Rules"), RULES, _rule),
    ("parameters", N_("Parameters"), PARAMETERS, _parameter),
)
