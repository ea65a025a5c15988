"""Who calls the HTTP interface: the person whose token stands in the header ``Authorization``.

A good token is found by its digest in one statement. A wrong one is counted by address and
recorded, as a wrong password is; a good one is never kept waiting by the wrong ones of others.
"""

from __future__ import annotations

from datetime import timedelta

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized

from registry.accounts import queries, service
from registry.accounts.guard import SAFE_METHODS, record_refused
from registry.accounts.passwords import digest
from registry.accounts.service.tokens import USE
from registry.accounts.sessions import SignedIn, adopt_bearer, current_clock, place_of
from registry.db import db, unit_of_work
from registry.kernel.errors import Forbidden
from registry.kernel.text import N_, Message

SCHEME = "bearer"
NOTE_AFTER = timedelta(hours=1)
"""How stale "last used" may grow, so that not every request writes a row."""


def authenticate() -> None:
    """Let the person of the token act in this request; without the header nobody does.

    Answers 401 for a token that is not good, 429 once there were too many of them, and raises
    `Forbidden` for a write by a token that may only read.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return
    scheme, _, secret = header.partition(" ")
    with Session(db.engine) as own:
        kept = (
            queries.token_kept(own, digest(secret.strip()), current_clock().today())
            if scheme.lower() == SCHEME
            else None
        )
        good = kept is not None and _is_good(own, *kept)
    if kept is None or not good:
        _refuse()
        return
    token, account = kept
    adopt_bearer(SignedIn(None, account, token.read_only))
    if token.read_only and request.method not in SAFE_METHODS:
        error = Forbidden(Message(N_("this token may only read")))
        record_refused(error, USE)
        raise error
    clock = current_clock()
    if token.last_used_at is None or clock.now() - token.last_used_at >= NOTE_AFTER:
        with Session(db.engine) as own, unit_of_work(own):
            service.note_use(own, clock, token.id)


def _is_good(session: Session, token: queries.TokenFact, account: queries.AccountFact) -> bool:
    if not (token.holds_at(current_clock().now()) and account.active):
        return False
    return not (account.is_demo and queries.real_account_exists(session))


def _refuse() -> None:
    try:
        with Session(db.engine) as own, unit_of_work(own):
            service.count_wrong_token(own, current_clock(), place_of(request))
    except service.TooManyTries as error:
        record_refused(error, USE, "token", queries.ANONYMOUS)
        raise TooManyRequests(retry_after=-(-error.wait // timedelta(seconds=1))) from None
    challenge = WWWAuthenticate(SCHEME, {"realm": "registry", "error": "invalid_token"})
    raise Unauthorized(www_authenticate=challenge)
