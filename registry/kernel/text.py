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


_KEPT = frozenset({"msgid", "params"})


def plain(value: object) -> object:
    """Return what fills a blank as data that JSON can hold; a `Message` keeps its parts, so that it is translated later."""
    if isinstance(value, Message):
        return {"msgid": value.msgid, "params": plain_params(value.params)}
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def plain_params(params: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters of a sentence as data that JSON can hold."""
    return {name: plain(value) for name, value in params.items()}


def revived(value: object) -> object:
    """Return what `plain` was given; days come back as ISO text. Anything else is left as it is."""
    if isinstance(value, dict) and value.keys() == _KEPT:
        return Message(value["msgid"], revived_params(value["params"]))
    return value


def revived_params(params: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters of a sentence from what `plain_params` made of them."""
    return {name: revived(value) for name, value in params.items()}
