"""What higher rooms add to the page of a permit: this room stands below them and may import none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry.permits.domain.facts import PermitFact

KEY = "registry.permit_panels"

Show = Callable[[Session, PermitFact], Markup | None]
"""Called with a session and the permit; returns what stands under the heading, None where the reader sees nothing."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One section of the page: its heading (an English msgid), its place among the others, who shows it."""

    title: str
    order: int
    show: Show


def register(app: Flask, panel: Panel) -> None:
    """Add `panel` to the page of every permit."""
    app.extensions.setdefault(KEY, []).append(panel)


def shown(session: Session, permit: PermitFact) -> list[tuple[str, Markup]]:
    """Return heading and content of every panel that has something for the reader, in order."""
    panels: list[Panel] = sorted(current_app.extensions.get(KEY, []), key=lambda panel: panel.order)
    found = ((panel.title, panel.show(session, permit)) for panel in panels)
    return [(title, content) for title, content in found if content is not None]
