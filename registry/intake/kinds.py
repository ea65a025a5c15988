"""A kind of file: its columns and the use case that takes it in. Each room declares its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.fields import Column

Apply = Callable[[Session, Actor, Clock, Checked, str], Report]


@dataclass(frozen=True, slots=True)
class FileKind:
    """One KIND of the contract's section 2.

    `apply(session, actor, clock, checked, source)` takes the checked cells in. Rows with bad
    cells are skipped but every other row is still judged, so that all errors come back at
    once; the edge commits only when the report holds no problem and nothing that refuses.
    `title` and `about` are msgids for people.
    """

    name: str
    columns: tuple[Column, ...]
    apply: Apply
    title: str
    about: str
