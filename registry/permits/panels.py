"""What higher rooms add to the pages of permits and cases: this room stands below them and may import none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import Flask, current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry.permits.domain.facts import PermitFact
from registry.permits.queries import ApplicationRow

KEY = "registry.permit_panels"
CASES_KEY = "registry.case_panels"

Of = TypeVar("Of", PermitFact, ApplicationRow)


class Aside(Markup):
    """Content that is read only at need: it stands folded on the page of a case."""

    folded = True


@dataclass(frozen=True, slots=True)
class Panel(Generic[Of]):
    """One section of the page: its heading (an English msgid), its place among the others, who shows it.

    `show` is called with a session and the permit (or the application of a case); it returns what stands
    under the heading, None where the reader sees nothing.
    """

    title: str
    order: int
    show: Callable[[Session, Of], Markup | None]


def register(app: Flask, panel: Panel[PermitFact]) -> None:
    """Add `panel` to the page of every permit."""
    app.extensions.setdefault(KEY, []).append(panel)


def register_for_cases(app: Flask, panel: Panel[ApplicationRow]) -> None:
    """Add `panel` to the page of every case, above the checks."""
    app.extensions.setdefault(CASES_KEY, []).append(panel)


def shown(session: Session, permit: PermitFact) -> list[tuple[str, Markup]]:
    """Return heading and content of every panel that has something for the reader, in order."""
    return _shown(KEY, session, permit)


def shown_with_case(session: Session, row: ApplicationRow) -> list[tuple[str, Markup]]:
    """Return heading and content of every panel of a case that has something for the reader, in order."""
    return _shown(CASES_KEY, session, row)


def _shown(key: str, session: Session, of: Of) -> list[tuple[str, Markup]]:
    panels: list[Panel[Of]] = sorted(current_app.extensions.get(key, []), key=lambda panel: panel.order)
    found = ((panel.title, panel.show(session, of)) for panel in panels)
    return [(title, content) for title, content in found if content is not None]
