"""Signing in, in three steps, so that no lock is held while a password is checked.

`begin_sign_in` counts the try before it is made (many tries at once cannot slip past the
limit), the edge checks the password, `finish_sign_in` forgives the try or keeps it. The
answer is the same for a wrong password, an unknown name and a disabled account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.accounts import queries
from registry.accounts.domain import ACCOUNT_THROTTLE, ADDRESS_THROTTLE, SessionLimits, Throttle
from registry.accounts.models import Account, SignInAttempt
from registry.accounts.passwords import digest
from registry.accounts.service.web_sessions import Place, discard, open_session
from registry.audit.service import record
from registry.db import Moment
from registry.kernel.clock import Clock
from registry.kernel.errors import Forbidden
from registry.kernel.text import N_, Message

SIGN_IN = "accounts.sign_in"
MINUTE = timedelta(minutes=1)


class TooManyTries(Forbidden):
    """Too many wrong tries for this name or from this address; the message says how long to `wait`."""

    def __init__(self, wait: timedelta) -> None:
        minutes = {"minutes": -(-wait // MINUTE)}
        super().__init__(Message(N_("too many wrong tries: wait %(minutes)s minutes and try again"), minutes))
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted try: what the password must be checked against. None where there is no such account."""

    username: str
    account_id: int | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """The outcome: the token of a new session, or why not."""

    token: str | None
    refusal: Message | None
    account_id: int | None = None


def _keys(username: str, address: str) -> Mapping[str, Throttle]:
    return {digest(f"account {username}"): ACCOUNT_THROTTLE, digest(f"address {address}"): ADDRESS_THROTTLE}


def begin_sign_in(session: Session, clock: Clock, username: str, place: Place) -> Attempt:
    """Count a try and return what to check the password against. Raises `TooManyTries`."""
    name = username.strip().lower()
    _count_try(session, clock.now(), _keys(name, place.address))
    row = session.execute(
        select(Account.id, Account.password_hash).where(Account.username == name, Account.active.is_(True))
    ).first()
    return Attempt(name, row.id if row else None, row.password_hash if row else None)


def _count_try(session: Session, now: datetime, keys: Mapping[str, Throttle]) -> None:
    counted = {row.key_digest: row for row in _locked(session, now, keys)}
    failures = {key: 0 if now - row.last_at >= keys[key].forget else row.failures for key, row in counted.items()}
    left = max(row.last_at + keys[key].wait(failures[key]) - now for key, row in counted.items())
    if left > timedelta(0):
        raise TooManyTries(left)
    _write(session, {key: count + 1 for key, count in failures.items()}, now)


def count_address(session: Session, clock: Clock, name: str) -> None:
    """Count a wrong try under a name of its own, with the patience an address gets. Raises `TooManyTries`."""
    _count_try(session, clock.now(), {digest(f"address {name}"): ADDRESS_THROTTLE})


def _locked(session: Session, now: datetime, keys: Iterable[str]) -> Sequence[Row[str, int, datetime]]:
    """Make the counters exist and lock them in one order, whoever comes.

    Two people behind one address would otherwise wait for each other. A row that was cleared
    away between the two statements is made again.
    """
    wanted = sorted(keys)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh: Sequence[Mapping[str, object]] = [{"key_digest": key, "failures": 0, "last_at": now} for key in wanted]
    query = (
        select(SignInAttempt.key_digest, SignInAttempt.failures, SignInAttempt.last_at)
        .where(SignInAttempt.key_digest.in_(wanted))
        .order_by(SignInAttempt.key_digest)
        .with_for_update()
    )
    while True:
        session.connection().execute(dialect.insert(SignInAttempt).on_conflict_do_nothing(), fresh)
        rows = session.execute(query).all()
        if len(rows) == len(wanted):
            return rows


def _write(session: Session, failures: Mapping[str, int], now: datetime) -> None:
    changed = [{"key": key, "count": count, "moment": now} for key, count in sorted(failures.items())]
    session.connection().execute(
        update(SignInAttempt)
        .where(SignInAttempt.key_digest == bindparam("key"))
        .values(failures=bindparam("count"), last_at=bindparam("moment", type_=Moment)),
        changed,
    )


def _clear_away(session: Session, now: datetime) -> None:
    """Delete counters that count nothing any more, without waiting for anybody."""
    longest = max(ACCOUNT_THROTTLE.forget, ADDRESS_THROTTLE.forget)
    stale = (
        select(SignInAttempt.key_digest)
        .where(SignInAttempt.last_at <= now - longest)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    session.execute(delete(SignInAttempt).where(SignInAttempt.key_digest.in_(select(stale.c.key_digest))))


def forgive(session: Session, clock: Clock, username: str, address: str) -> None:
    """Take a counted try back after the right password.

    The account starts afresh; an address only gets this one try back, else whoever knows one
    password could try others without end.
    """
    account_key, address_key = _keys(username, address)
    now = clock.now()
    counted = {row.key_digest: row.failures for row in _locked(session, now, (account_key, address_key))}
    _write(session, {account_key: 0, address_key: max(counted[address_key] - 1, 0)}, now)


def finish_sign_in(
    session: Session,
    clock: Clock,
    attempt: Attempt,
    place: Place,
    limits: SessionLimits,
    *,
    verified: bool,
    better_hash: str | None = None,
    old_token: str | None = None,
) -> SignIn:
    """Open a new session for a verified try, or record the refusal; to be committed either way.

    The session before the sign-in (`old_token`) ends, so that nobody can plant one. Demo
    accounts are refused once a real account exists. `better_hash` replaces a weaker one.
    """
    account = _still_the_same(session, attempt) if verified else None
    if account is None or attempt.account_id is None:
        return _refused(session, clock, attempt, place, N_("the user name or the password is not right"))
    if account.is_demo and queries.real_account_exists(session):
        forgive(session, clock, attempt.username, place.address)
        return _refused(
            session, clock, attempt, place, N_("demo accounts are closed since the first real account was created")
        )
    forgive(session, clock, attempt.username, place.address)
    if better_hash:
        session.execute(update(Account).where(Account.id == attempt.account_id).values(password_hash=better_hash))
    if old_token:
        discard(session, old_token)
    _clear_away(session, clock.now())
    token = open_session(session, clock, limits, place, attempt.account_id)
    record(session, account.actor, clock, SIGN_IN, f"account {attempt.username}", {"address": place.address})
    return SignIn(token, None, attempt.account_id)


def _still_the_same(session: Session, attempt: Attempt) -> queries.AccountFact | None:
    """Return the account unless it was disabled or its password changed while this one was being checked."""
    query = (
        select(Account.id)
        .where(
            Account.id == attempt.account_id,
            Account.active.is_(True),
            Account.password_hash == attempt.password_hash,
        )
        .with_for_update()
    )
    found = session.scalar(query)
    return queries.account(session, found) if found is not None else None


def _refused(session: Session, clock: Clock, attempt: Attempt, place: Place, msgid: str) -> SignIn:
    # A name without an account may be a password typed into the wrong field: it is not written down.
    subject = f"account {attempt.username}" if attempt.account_id is not None else "account unknown"
    record(session, queries.ANONYMOUS, clock, SIGN_IN, subject, {"address": place.address, "message": msgid}, "refused")
    return SignIn(None, Message(msgid))
