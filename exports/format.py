"""What a file format is, for the files in `exports/formats/` to declare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exports.document import Document


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: its `name` on the command line, file `ending`, media type, and the function.

    `render` is deterministic: the same document gives the same bytes, on any day.
    """

    name: str
    ending: str
    media_type: str
    render: Callable[[Document], bytes]
