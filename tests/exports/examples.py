"""The shared document every format is tried with."""

from __future__ import annotations

from datetime import date

from exports.document import (
    BLANK,
    Column,
    CoverField,
    Day,
    Document,
    Kind,
    Quantity,
    Sheet,
    Table,
    Text,
    Whole,
)
from tests.exports.hostile import HOSTILE

TYPED = Table(
    (
        Column("Аталышы", width=24),
        Column("Quantity", Kind.QUANTITY, unit="g"),
        Column("Day", Kind.DAY),
        Column("Number", Kind.INTEGER),
    ),
    (
        (Text("morphine"), Quantity("400.00375"), Day(date(2025, 3, 31)), Whole(7)),
        (Text("fentanyl", strong=True), Quantity("-0.000001"), BLANK, Whole(-12)),
        (Text("өтө чоң"), Quantity("123456789012345.678901"), Day(date(1999, 12, 31)), Whole(0)),
        (Text("nine"), Quantity("9.00719925474099"), BLANK, BLANK),
        (Text("litre"), Quantity("12.5", "l"), BLANK, BLANK),
    ),
    title="Typed cells",
    totals=(Text("Total"), Quantity("1000", strong=True), BLANK, BLANK),
)
WORDS = Table(
    (Column("=head"), Column("Text", width=30)), tuple((Whole(place), Text(text)) for place, text in enumerate(HOSTILE))
)


def document(**more: object) -> Document:
    """A document with every kind of cell, two tables on a sheet, and hostile words everywhere."""
    given = {
        "title": "=Title <b>& №",
        "dated": date(2026, 1, 15),
        "language": "ky",
        "subtitle": "+subtitle",
        "sheets": (
            Sheet("Typed", "Typed [heading]", (TYPED, WORDS), ("=note", "second note")),
            Sheet("=Typed:*?/\\[]", "Words", (WORDS,)),
            Sheet("Notes", "@Notes", (), tuple(HOSTILE)),
        ),
        "cover": (CoverField("=label", "=value"), CoverField("Signature")),
        "notes": ("-note",),
    }
    return Document(**{**given, **more})  # type: ignore[arg-type]
