"""Addresses of electronic mail: read strictly, because an address ends up in the head of a letter."""

from __future__ import annotations

import re

from registry.kernel.fields import BadCell, as_text
from registry.kernel.text import N_, Message

LONGEST = 254
"""RFC 5321: the longest address a mail server has to take."""
_LONGEST_NAME, _LONGEST_DOMAIN = 64, 253
# No quoted names, no comments, no address literals: servers allow them, people do not have them.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def as_email(cell: str) -> str:
    """Read an address: the domain in lower case, letters of other scripts in it as the network spells them.

    Raises `BadCell` for anything a mail server would not take, and for more than one address.
    """
    value = as_text(cell)
    name, at, domain = value.rpartition("@")
    labels = _network_name(domain).split(".")
    if (
        not at
        or len(name) > _LONGEST_NAME
        or not _NAME.fullmatch(name)
        or len(labels) == 1
        or not all(_LABEL.fullmatch(label) for label in labels)
        or labels[-1].isdecimal()
        or len(".".join(labels)) > _LONGEST_DOMAIN
        or len(address := f"{name}@{'.'.join(labels)}") > LONGEST
    ):
        raise BadCell(
            "not-an-address",
            Message(N_("“%(text)s” is not an e-mail address: write one such as name@example.kg"), {"text": value[:80]}),
        )
    return address


def _network_name(domain: str) -> str:
    """Return a domain as the network spells it; what cannot be spelled so comes back empty."""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
