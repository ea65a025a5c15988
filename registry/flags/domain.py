"""States of a flag, and how its sentence is kept until somebody reads it in a language of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from registry.kernel.text import N_, Message


class FlagState(StrEnum):
    """A flag is open until an officer closes it with a note."""

    OPEN = "open"
    CLOSED = "closed"


STATE_NAMES = {FlagState.OPEN: N_("open"), FlagState.CLOSED: N_("closed")}

_SENTENCE = frozenset({"msgid", "params"})


def packed(params: Mapping[str, object]) -> str:
    """Return what fills a sentence as JSON. Sentences inside it stay sentences, so that they are translated too."""
    return json.dumps(dict(params), ensure_ascii=False, default=_spelled)


def unpacked(text: str) -> dict[str, object]:
    """Return what `packed` has kept; days come back as ISO text."""
    values: dict[str, object] = json.loads(text)
    return {name: _sentence(value) for name, value in values.items()}


def _spelled(value: object) -> object:
    return {"msgid": value.msgid, "params": dict(value.params)} if isinstance(value, Message) else str(value)


def _sentence(value: object) -> object:
    if isinstance(value, dict) and value.keys() == _SENTENCE:
        return Message(value["msgid"], {name: _sentence(inner) for name, inner in value["params"].items()})
    return value
