"""How the exchange is shown: differences, letters and files as rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from flask import url_for

from registry.correspondence.domain.differences import Difference
from registry.correspondence.domain.letters import PURPOSES
from registry.correspondence.domain.tree import COUNTRY, DAY, EXACT, QUANTITY, Kind
from registry.correspondence.queries import Received, SentLetter
from registry.kernel.text import N_
from registry.mail.domain import STATE_NAMES
from registry.web.locale import NOTHING, country_name, format_day, format_moment, format_quantity, say

SHOWN = 12
"""Signs of a digest that a row shows: enough to compare; the whole one stands in the audit log and the interface."""
DIFFERENCES = (
    {"label": N_("What")},
    {"label": N_("Of ours")},
    {"label": N_("Of the other authority")},
)
LETTERS = (
    {"label": N_("Queued")},
    {"label": N_("What for")},
    {"label": N_("Addressee")},
    {"label": N_("State")},
    {"label": N_("SHA-256 of document and file"), "kind": "code"},
)
RECEIVED = (
    {"label": N_("Number"), "kind": "code"},
    {"label": N_("Country")},
    {"label": N_("Valid")},
    {"label": N_("Belongs to"), "kind": "code"},
    {"label": N_("Came in")},
)


def difference_rows(found: Iterable[Difference]) -> list[list[object]]:
    """Return the rows of a table of differences."""
    return [
        [
            say(one.name) + (f": {say(one.about)}" if one.about else ""),
            written(one.ours, one.kind),
            written(one.theirs, one.kind),
        ]
        for one in found
    ]


def written(value: str, kind: Kind) -> str:
    """Write a value of a file the reader's way."""
    if not value:
        return NOTHING
    if kind is DAY:
        return format_day(date.fromisoformat(value))
    if kind is COUNTRY:
        return country_name(value)
    if kind in (EXACT, QUANTITY):
        return format_quantity(Fraction(value))
    return value


def letter_rows(found: Iterable[SentLetter], people: Mapping[str, str]) -> list[list[object]]:
    """Return the rows of a table of letters."""
    return [
        [
            f"{format_moment(one.queued_at)}, {people[one.queued_by]}",
            say(PURPOSES[one.purpose].name) + (f" – {one.reason}" if one.reason else ""),
            f"{one.authority}, {one.recipient}",
            _state(one),
            f"{one.pdf_sha256[:SHOWN]}… {one.xml_sha256[:SHOWN]}…",
        ]
        for one in found
    ]


def _state(one: SentLetter) -> str:
    if one.letter is None:
        return NOTHING
    when = f", {format_moment(one.letter.sent_at)}" if one.letter.sent_at else ""
    return say(STATE_NAMES[one.letter.state]) + when


def received_rows(found: Sequence[Received], people: Mapping[str, str]) -> list[list[object]]:
    """Return the rows of a table of files of other authorities."""
    return [
        [
            {"text": one.number, "href": url_for("correspondence.counterpart", counterpart_id=one.id)},
            country_name(one.country),
            f"{format_day(one.issued_on)} – {format_day(one.expires_on)}",
            one.filed_under or one.our_number,
            f"{format_moment(one.received_at)}, {people[one.received_by]}",
        ]
        for one in found
    ]
