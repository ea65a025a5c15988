"""What higher rooms add to the page of an organisation: parties stands below them and may import none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

KEY = "registry.organisation_panels"

Show = Callable[[Session, int, str], Markup]
"""Called with a session, the id and the code of an organisation; returns what stands under the heading."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One section of the page: its heading (an English msgid), its place among the others, who shows it."""

    title: str
    order: int
    show: Show


def register(app: Flask, panel: Panel) -> None:
    """Add `panel` to the page of every organisation."""
    app.extensions.setdefault(KEY, []).append(panel)


def shown(session: Session, organisation_id: int, code: str) -> list[tuple[str, Markup]]:
    """Return heading and content of every panel, in order."""
    panels: list[Panel] = sorted(current_app.extensions.get(KEY, []), key=lambda panel: panel.order)
    return [(panel.title, panel.show(session, organisation_id, code)) for panel in panels]
