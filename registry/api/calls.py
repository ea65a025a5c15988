"""What passes between an endpoint and its view: the declaration, the request as read, the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import marshmallow
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.api.bodies import Body
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.fields import Column, as_truth

DRY_RUN = Column("dry_run", as_truth, required=False, note="true: judge everything, write nothing")
"""The parameter of a write that can be tried: the view answers ``Answer(written=False)`` then."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a view sees it: who asks, when, and what was read of query, body and ``If-Match``."""

    session: Session
    actor: Actor
    clock: Clock
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    version: int | None = None

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self.clock.now()

    @property
    def today(self) -> date:
        """Return the present day in the country."""
        return self.clock.today()

    def scope(self, action: str) -> int | None:
        """Return the organisation to which what is answered must be narrowed, None for no narrowing."""
        return policy.scope(self.actor, action)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers beside plain facts: the version shown, where a new thing is found, whether it was written."""

    value: object
    version: int | None = None
    location: str | None = None
    written: bool = True


View = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address and method, as declared. `path` is spelled as Flask spells it, below `PREFIX`.

    `needs_key`: 503 where no working key signs.
    """

    tag: str
    method: str
    path: str
    action: str
    view: View
    answers: marshmallow.Schema
    query: Sequence[Column] = ()
    body: Body | None = None
    status: int = 200
    versioned: bool = False
    needs_key: bool = False

    @property
    def name(self) -> str:
        """Return the name of the operation, unique in the whole interface."""
        return f"{self.tag}_{self.view.__name__}"

    @property
    def has_trial(self) -> bool:
        """Say whether it can be asked to judge everything and write nothing."""
        return any(column.name == DRY_RUN.name for column in self.query)

    @property
    def writes(self) -> bool:
        """Say whether the endpoint changes anything."""
        return self.method != "GET"
