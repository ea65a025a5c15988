"""Text for people, before it is translated.

Pure rooms cannot know the reader's language. They hand out a `Message`: the English
sentence with named blanks, and what goes into them. The edge translates and fills it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(msgid: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark `msgid` for translation and return it unchanged."""
    return msgid


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for people: `msgid` with ``%(name)s`` blanks, filled from `params`.

    A parameter may itself be a `Message`; the edge translates it first.
    """

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the English sentence, for logs and tests."""
        return self.msgid % self.params if self.params else self.msgid
