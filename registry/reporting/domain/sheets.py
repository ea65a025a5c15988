"""The sheet a site affirms, and its digest: what anybody can work out again from the sheet as a file. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

Line = tuple[str, str, int, int, int, int, int]
"""Code of the product, batch, then opening, received, issued, corrected, closing in units of account."""


def digest_of(lines: Iterable[Line]) -> str:
    """Return the SHA-256 of the lines in order, each as ``code|batch|opening|received|issued|corrected|closing``."""
    text = "\n".join("|".join(map(str, line)) for line in sorted(lines))
    return hashlib.sha256(text.encode()).hexdigest()
