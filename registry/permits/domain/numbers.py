"""The number a permit may bear in the Eurasian Economic Union, beside its own: never made up here, only recorded. Pure.

Known of the formats (NC-5.3, NC-P9): a licence has 16 signs (section of the common list, country, year, authority, running
number), a permit 12, of which the first two name the country; what the other ten say is not published.
"""

from __future__ import annotations

import re

from registry.kernel.fields import BadCell, as_code
from registry.kernel.text import N_, Message

LONGEST = 16
_LICENCE = re.compile(r"[0-9]{3}(?P<country>[A-Z]{2})[0-9]{2}[0-9A-Z]{3}[0-9]{6}", re.ASCII)
_PERMIT = re.compile(r"(?P<country>[A-Z]{2})[0-9A-Z]{10}", re.ASCII)


def as_eaeu_number(cell: str) -> str:
    """Read a number of the EAEU: 16 signs of a licence or 12 of a permit, blanks and small letters mended."""
    number = "".join(as_code(cell).split()).upper()
    if not (_LICENCE.fullmatch(number) or _PERMIT.fullmatch(number)):
        raise BadCell(
            "not-an-eaeu-number",
            Message(
                N_(
                    "“%(text)s” is no number of the EAEU: a licence has 16 signs such as 212KG26001000017, a permit 12 that begin with the country"
                ),
                {"text": cell[:40]},
            ),
        )
    return number


def country_of(number: str) -> str:
    """Return the country that an EAEU number names."""
    found = _LICENCE.fullmatch(number) or _PERMIT.fullmatch(number)
    return found["country"] if found else ""
