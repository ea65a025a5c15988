"""Where rooms plug into the shell: who is signed in, which language they keep, what the banner says.

The shell stands below every room and may import none of them, so they hand it functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flask import Flask, current_app, g, has_request_context

from registry.kernel.text import Message

PERSON = "registry.person"
BANNER = "registry.banner"
LANGUAGE = "registry.language"
QUIET = "registry_shell_quiet"


class Person(Protocol):
    """What the shell wants to know of the signed-in person."""

    @property
    def name(self) -> str:
        """Return the name shown beside the sign-out button."""

    @property
    def username(self) -> str:
        """Return the name written to the log."""

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles by which the navigation is chosen."""


def set_person_source(app: Flask, source: Callable[[], Person | None]) -> None:
    """Let `source` say who is signed in; it is asked at most a few times per request."""
    app.extensions[PERSON] = source


def set_banner_source(app: Flask, source: Callable[[], str | Message | None]) -> None:
    """Let `source` give the text of the banner ("practice data"), or None for no banner."""
    app.extensions[BANNER] = source


def set_language_source(app: Flask, read: Callable[[], str | None], keep: Callable[[str], None]) -> None:
    """Keep the language in the person's profile: `read` returns it, `keep` stores a new choice.

    Both are called in a request; `read` returns None when nobody is signed in.
    """
    app.extensions[LANGUAGE] = (read, keep)


def be_quiet() -> None:
    """Ask no room anything for the rest of this request: the page of a fault must not fail itself."""
    setattr(g, QUIET, True)


def _silent() -> bool:
    return not has_request_context() or bool(getattr(g, QUIET, False))


def current_person() -> Person | None:
    """Return the signed-in person, None when nobody is or no room says so."""
    source = current_app.extensions.get(PERSON)
    if source is None or _silent():
        return None
    person: Person | None = source()
    return person


def banner_text() -> str | Message | None:
    """Return the banner's text, None for no banner."""
    source = current_app.extensions.get(BANNER)
    if source is None or _silent():
        return None
    text: str | Message | None = source()
    return text


def profile_language() -> str | None:
    """Return the language kept in the person's profile, if any."""
    pair = current_app.extensions.get(LANGUAGE)
    if pair is None or _silent():
        return None
    language: str | None = pair[0]()
    return language


def keep_profile_language(language: str) -> None:
    """Store a new choice of language in the person's profile, where a room takes care of it."""
    pair = current_app.extensions.get(LANGUAGE)
    if pair is not None and not _silent():
        pair[1](language)
