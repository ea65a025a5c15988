"""Sessions as rows on the server: revocable at once, ended by idle and absolute limits.

A cookie that carries the session itself still works when replayed after the sign-out; here
the cookie is only a random token. Rows are read and written in short units of work of their
own, so that a page's transaction is never mixed with them: at most one statement to read and
one to write per request, and none for a visitor who has stored nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask import Flask, Request, Response, current_app, g, request
from flask.globals import request_ctx
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.orm import Session

from registry.accounts import queries
from registry.accounts.domain import SessionLimits
from registry.accounts.passwords import digest
from registry.accounts.service import Place, keep_data, open_session
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock, SystemClock
from registry.settings import Settings
from registry.web.errors import API

CLOCK = "registry.clock"
SETTINGS = "registry.settings"
COOKIE = "registry_session"
BEARER = "registry_bearer"


def settings_of(app: Flask) -> Settings:
    """Return the settings of `app`."""
    found = app.extensions.get(SETTINGS)
    return found if isinstance(found, Settings) else Settings()


def clock_of(app: Flask) -> Clock:
    """Return the clock of `app`: ``app.extensions["registry.clock"]``, else the machine's in the country's zone."""
    found: Clock | None = app.extensions.get(CLOCK)
    return found if found is not None else SystemClock(settings_of(app).zone)


def limits_of(app: Flask) -> SessionLimits:
    """Return the limits of sessions, from the settings."""
    settings = settings_of(app)
    return SessionLimits(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))


def place_of(request: Request) -> Place:
    """Return where a request comes from."""
    return Place(request.remote_addr or "", request.user_agent.string)


@dataclass(frozen=True)
class SignedIn:
    """The person of this session or token, as shell and guard see them; a token has no session.

    One object for the whole request: what the person used of other people's rights is noted in its `actor`.
    """

    session_id: int | None
    account: queries.AccountFact
    read_only: bool = False

    @property
    def name(self) -> str:
        """Return the name shown beside the sign-out button."""
        return self.account.name

    @property
    def username(self) -> str:
        """Return the name written to the log."""
        return self.account.username

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles by which the navigation is chosen."""
        return self.actor.roles

    @cached_property
    def actor(self) -> Actor:
        """Return who acts."""
        return self.account.actor


class ServerSession(SessionMixin):
    """The session of one request; its row is read when something is first asked of it."""

    def __init__(self, read: Callable[[str], queries.StoredSession | None], token: str | None) -> None:
        self.token = token
        self.modified = False
        self.cookie_wrong = False
        self._read = read
        self._kept: queries.StoredSession | None = None
        self._person: SignedIn | None = None
        self._values: dict[str, Any] | None = None

    @property
    def kept(self) -> queries.StoredSession | None:
        """Return the row as it was read, None without one."""
        self._loaded()
        return self._kept

    @property
    def touched(self) -> bool:
        """Say whether anybody asked anything of the session."""
        return self._values is not None

    @property
    def person(self) -> SignedIn | None:
        """Return who is signed in."""
        self._loaded()
        return self._person

    def adopt(self, token: str) -> None:
        """Go on with the session of `token` (after a sign-in), with nothing of the one before."""
        self.token, self._kept, self._person, self._values = token, None, None, None
        self.modified, self.cookie_wrong = False, True

    def drop(self) -> None:
        """Go on without a session (after a sign-out)."""
        self.token, self._kept, self._person, self._values = None, None, None, {}
        self.modified, self.cookie_wrong = False, True

    def _loaded(self) -> dict[str, Any]:
        if self._values is None:
            self._kept = self._read(self.token) if self.token else None
            if self._kept is None and self.token:
                self.token, self.cookie_wrong = None, True
            if self._kept is not None and self._kept.account is not None:
                self._person = SignedIn(self._kept.id, self._kept.account)
            self._values = json.loads(self._kept.data) if self._kept else {}
        return self._values

    def packed(self) -> str:
        """Return the values as JSON."""
        return json.dumps(self._loaded(), ensure_ascii=False)

    def __getitem__(self, key: str) -> object:
        """Return a value."""
        return self._loaded()[key]

    def __setitem__(self, key: str, value: object) -> None:
        """Keep a value; JSON only."""
        self._loaded()[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        """Forget a value."""
        del self._loaded()[key]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the values."""
        return iter(self._loaded())

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._loaded())


class RowSessions(SessionInterface):
    """Hands Flask sessions that are rows."""

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of the cookie; the database is asked only when the page asks the session."""

        def read(token: str) -> queries.StoredSession | None:
            with Session(db.engine) as own:
                kept = queries.stored_session(own, digest(token), clock_of(app).today())
            if kept is None or not limits_of(app).alive(kept.created_at, kept.last_seen_at, clock_of(app).now()):
                return None
            return kept if kept.account is None or kept.account.active else None

        # The HTTP interface knows tokens only: what a browser sends by itself opens nothing there.
        cookie = None if request.path.startswith(API) else request.cookies.get(self.get_cookie_name(app))
        return ServerSession(read, cookie)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed and set or clear the cookie."""
        if not isinstance(session, ServerSession) or not (session.touched or session.cookie_wrong):
            return
        response.vary.add("Cookie")
        self._write(app, session)
        if session.cookie_wrong:
            self._set_cookie(app, session.token, response)

    def _write(self, app: Flask, session: ServerSession) -> None:
        clock, limits = clock_of(app), limits_of(app)
        kept = session.kept
        if kept is None:
            if session.modified and len(session):
                with Session(db.engine) as own, unit_of_work(own):
                    place = place_of(request)
                    session.token = open_session(own, clock, limits, place, None, session.packed())
                session.cookie_wrong = True
            return
        stale = clock.now() - kept.last_seen_at >= limits.touch_after
        if session.token and (session.modified or stale):
            with Session(db.engine) as own, unit_of_work(own):
                alive = keep_data(own, clock, session.token, session.packed() if session.modified else None)
            if not alive:
                # Ended while this request ran: it must not come back to life.
                session.token, session.cookie_wrong = None, True

    def _set_cookie(self, app: Flask, token: str | None, response: Response) -> None:
        name = self.get_cookie_name(app)
        secure = settings_of(app).secure_cookies
        if token is None:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
        else:
            response.set_cookie(name, token, path="/", secure=secure, httponly=True, samesite="Lax")


def cookie_name(*, secure: bool) -> str:
    """Return the cookie's name; over HTTPS with the prefix that binds it to this host and path."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def current_session() -> ServerSession | None:
    """Return the session of this request, None where another kind is in use."""
    found = request_ctx.session
    return found if isinstance(found, ServerSession) else None


def adopt_bearer(person: SignedIn) -> None:
    """Let `person` act in this request, by the right of a token."""
    setattr(g, BEARER, person)


def current_person() -> SignedIn | None:
    """Return who is signed in or has sent a token, None for nobody."""
    bearer = getattr(g, BEARER, None)
    if isinstance(bearer, SignedIn):
        return bearer
    found = current_session()
    return found.person if found is not None else None


def current_clock() -> Clock:
    """Return the clock of the application."""
    return clock_of(current_app)
