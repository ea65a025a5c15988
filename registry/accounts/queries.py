"""Reading accounts and sessions. What is handed out holds no secret."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, null, or_, select
from sqlalchemy.orm import Session, aliased

from registry.accounts import policy
from registry.accounts.domain import ANONYMOUS_NAME, Recipient, Role, role_problems
from registry.accounts.models import Account, AccountRole, ApiToken, Deputy, WebSession
from registry.kernel.actor import SYSTEM, Actor, Lent
from registry.kernel.errors import Forbidden, NotFound
from registry.kernel.text import N_, Message

AnySelect = Select[*tuple[Any, ...]]
ANONYMOUS = Actor(user_id=None, username=ANONYMOUS_NAME)


@dataclass(frozen=True, slots=True)
class AccountFact:
    """An account as pages show it; `has_password` is False until its link was used.

    `lent`: what it may use on the day asked about for people who are away, beside its own `roles`.
    """

    id: int
    username: str
    name: str
    roles: frozenset[str]
    organisation_id: int | None
    language: str
    active: bool
    is_demo: bool
    must_change_password: bool
    has_password: bool
    created_at: datetime
    person: str | None = None
    email: str | None = None
    lent: frozenset[Lent] = frozenset()

    @property
    def actor(self) -> Actor:
        """Return the account as services see it."""
        roles = self.roles | {each.role for each in self.lent}
        return Actor(self.id, self.username, roles, self.organisation_id, self.lent)


@dataclass(frozen=True, slots=True)
class SessionFact:
    """One signed-in browser of a person."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session with its account (None before the sign-in), as one statement reads it; `data` is JSON."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    data: str
    account: AccountFact | None


_AWAY = aliased(Account)
_HELD = (AccountRole.account_id, AccountRole.role, _AWAY.username, Deputy.act)
"""The columns that say which roles an account may use, and for whom; what `_with_roles` joins."""


def _with_roles(query: AnySelect, day: date) -> AnySelect:
    """Join to a query of accounts their roles and, on `day`, those of the people they stand in for.

    Somebody disabled lends nothing, nor does an organisation to another; what is lent is never lent on.
    """
    today = (
        (Deputy.deputy_id == Account.id)
        & (Deputy.from_on <= day)
        & (Deputy.to_on >= day)
        & or_(Deputy.ended_on.is_(None), Deputy.ended_on > day)
    )
    away = (
        (_AWAY.id == Deputy.account_id)
        & _AWAY.active
        & _AWAY.organisation_id.is_not_distinct_from(Account.organisation_id)
    )
    return (
        query.outerjoin(Deputy, today)
        .outerjoin(_AWAY, away)
        .outerjoin(AccountRole, AccountRole.account_id.in_([Account.id, _AWAY.id]))
    )


def _accounts(day: date | None = None) -> AnySelect:
    query = _with_roles(select(Account, *_HELD), day) if day is not None else _own_roles()
    return query.order_by(Account.username)


def _own_roles() -> AnySelect:
    query = select(Account, AccountRole.account_id, AccountRole.role, null(), null())
    return query.outerjoin(AccountRole, AccountRole.account_id == Account.id)


def _facts(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[AccountFact]:
    found: dict[int, tuple[Account, list[Sequence[Any]]]] = {}
    for row in rows:
        found.setdefault(row[0].id, (row[0], []))[1].append(row[1:])
    return [_held_by(owner, held) for owner, held in found.values()]


def _held_by(owner: Account, held: Iterable[Sequence[Any]]) -> AccountFact:
    """Return the account with its roles, and what it holds beside them for people who are away.

    What would mix the authority with a firm or another service is not lent, whatever an act says.
    """
    rows = list(held)
    own = frozenset(role for holder, role, _, _ in rows if holder == owner.id)
    lent = frozenset(Lent(role, away, act) for holder, role, away, act in rows if role and holder != owner.id)
    lent = frozenset(each for each in lent if each.role not in own)
    if role_problems(own | {each.role for each in lent}, owner.organisation_id):
        lent = frozenset()
    return replace(_fact(owner), roles=own, lent=lent)


def _fact(account: Account) -> AccountFact:
    return AccountFact(
        account.id,
        account.username,
        account.name,
        frozenset(),
        account.organisation_id,
        account.language,
        account.active,
        account.is_demo,
        account.must_change_password,
        account.password_hash is not None,
        account.created_at,
        account.person,
        account.email,
    )


def accounts(session: Session, day: date | None = None) -> list[AccountFact]:
    """Return every account by user name; with a `day` also what each holds on it for people who are away."""
    return _facts(session.execute(_accounts(day).execution_options(populate_existing=True)))


def accounts_of(session: Session, organisation_id: int) -> list[AccountFact]:
    """Return the accounts of one organisation by user name, disabled ones too."""
    return _facts(session.execute(_accounts().where(Account.organisation_id == organisation_id)))


def account(session: Session, account_id: int) -> AccountFact:
    """Return one account. Raises `NotFound`."""
    return _one(session, _accounts().where(Account.id == account_id))


def account_named(session: Session, username: str) -> AccountFact:
    """Return the account called `username`. Raises `NotFound`."""
    return _one(session, _accounts().where(Account.username == username.strip().lower()))


def _one(session: Session, query: AnySelect) -> AccountFact:
    found = _facts(session.execute(query.execution_options(populate_existing=True)))
    if not found:
        raise NotFound(Message(N_("there is no such account")))
    return found[0]


def accounts_named(session: Session, usernames: Iterable[str], day: date | None = None) -> dict[str, AccountFact]:
    """Return the accounts called so by user name, disabled ones too; unknown names are missing. One statement.

    With a `day` also what each holds on it for people who are away.
    """
    wanted = _accounts(day).where(Account.username.in_(sorted(set(usernames))))
    return {fact.username: fact for fact in _facts(session.execute(wanted))}


def is_same_person(session: Session, first: str, second: str) -> bool:
    """Say whether two user names are one person: the same account, or accounts that share the code of a person."""
    if first == second:
        return True
    known = accounts_named(session, (first, second))
    codes = {fact.person for fact in known.values() if fact.person is not None}
    return len(known) == 2 and len(codes) == 1 and all(fact.person is not None for fact in known.values())  # noqa: PLR2004 - two names


def takes_both_steps(
    session: Session, proposed_by: str, actor: Actor, action: str, organisation_id: int | None = None
) -> bool:
    """Say whether one person would take both steps if `actor` decided on what `proposed_by` proposed.

    So it is for the proposer under any account, and for a deputy whose right to decide comes from the proposer alone.
    """
    if is_same_person(session, proposed_by, actor.username):
        return True
    lenders = policy.lenders(actor, action, organisation_id)
    return bool(lenders) and all(is_same_person(session, proposed_by, each) for each in lenders)


def actor_named(session: Session, username: str, day: date | None = None) -> Actor:
    """Return who acts on the command line: the built-in ``system``, or an active account.

    With a `day` also by what the account holds on it for people who are away. Raises `NotFound` for an unknown name and `Forbidden` for an account that was disabled.
    """
    if username == Role.SYSTEM.value:
        return SYSTEM
    fact = _one(session, _accounts(day).where(Account.username == username.strip().lower()))
    if not fact.active:
        raise Forbidden(Message(N_("the account %(username)s is disabled"), {"username": fact.username}))
    return fact.actor


def real_account_exists(session: Session) -> bool:
    """Say whether any account was created that is not of the demo country, disabled ones included."""
    return bool(session.scalar(select(exists().where(Account.is_demo.is_(False)))))


def demo_account_exists(session: Session) -> bool:
    """Say whether accounts of the demo country were created."""
    return bool(session.scalar(select(exists().where(Account.is_demo.is_(True)))))


def real_administrator_exists(session: Session) -> bool:
    """Say whether an active administrator exists who is not of the demo country."""
    administrator = exists().where(
        Account.id == AccountRole.account_id,
        AccountRole.role == Role.ADMINISTRATOR.value,
        Account.is_demo.is_(False),
        Account.active.is_(True),
    )
    return bool(session.scalar(select(administrator)))


def sessions_of(session: Session, account_id: int) -> list[SessionFact]:
    """Return the sessions of one account, the latest first; some may have ended by their limits."""
    query = (
        select(WebSession.id, WebSession.created_at, WebSession.last_seen_at, WebSession.address, WebSession.agent)
        .where(WebSession.account_id == account_id)
        .order_by(WebSession.last_seen_at.desc(), WebSession.id.desc())
    )
    return [SessionFact(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class TokenFact:
    """A token as its person sees it, without the secret."""

    id: int
    account_id: int
    username: str
    name: str
    read_only: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def holds_at(self, now: datetime) -> bool:
        """Say whether the token is good at `now`; exactly at its end it no longer is."""
        return self.revoked_at is None and now < self.expires_at


_TOKEN = (
    ApiToken.id,
    ApiToken.account_id,
    Account.username,
    ApiToken.name,
    ApiToken.read_only,
    ApiToken.created_at,
    ApiToken.expires_at,
    ApiToken.last_used_at,
    ApiToken.revoked_at,
)


def tokens(session: Session, account_id: int | None = None) -> list[TokenFact]:
    """Return the tokens that were ever made, of one account if given, the youngest first. One statement."""
    query = select(*_TOKEN).join(Account, Account.id == ApiToken.account_id).order_by(ApiToken.id.desc())
    if account_id is not None:
        query = query.where(ApiToken.account_id == account_id)
    return [TokenFact(*row) for row in session.execute(query)]


def token_kept(session: Session, token_digest: str, day: date) -> tuple[TokenFact, AccountFact] | None:
    """Return the token kept under `token_digest` with its account and what it may use on `day`, in one statement."""
    query = select(Account, *_HELD, *_TOKEN).join(ApiToken, ApiToken.account_id == Account.id)
    rows = session.execute(_with_roles(query.where(ApiToken.token_digest == token_digest), day)).all()
    if not rows:
        return None
    width = 1 + len(_HELD)
    return TokenFact(*rows[0][width:]), _held_by(rows[0][0], [row[1:width] for row in rows])


def stored_session(session: Session, token_digest: str, day: date) -> StoredSession | None:
    """Return the session kept under `token_digest` with its account and what it may use on `day`, in one statement."""
    query = select(WebSession, Account, *_HELD).outerjoin(Account, Account.id == WebSession.account_id)
    rows = session.execute(_with_roles(query.where(WebSession.token_digest == token_digest), day)).all()
    if not rows:
        return None
    kept, owner = rows[0][0], rows[0][1]
    fact = _held_by(owner, [row[2:] for row in rows]) if owner is not None else None
    return StoredSession(kept.id, kept.created_at, kept.last_seen_at, kept.data, fact)


def recipients_of(session: Session, organisation_ids: Iterable[int]) -> list[Recipient]:
    """Return who reads letters to these organisations: their active accounts that have an address; one statement."""
    return _recipients(session, Account.organisation_id.in_(set(organisation_ids)))


def recipients_with(session: Session, roles: Iterable[str]) -> list[Recipient]:
    """Return the people of these roles that have an address, such as all approvers; one statement."""
    held = select(AccountRole.account_id).where(AccountRole.role.in_(set(roles)))
    return _recipients(session, Account.id.in_(held))


def recipients_named(session: Session, usernames: Iterable[str]) -> list[Recipient]:
    """Return these people, those that have an address; one statement."""
    return _recipients(session, Account.username.in_(set(usernames)))


def _recipients(session: Session, wanted: ColumnElement[bool]) -> list[Recipient]:
    query = (
        select(Account.email, Account.language, Account.name, Account.organisation_id)
        .where(wanted, Account.email.is_not(None), Account.active, Account.is_demo.is_(False))
        .order_by(Account.username)
    )
    rows = session.execute(query)
    return [Recipient(address, language, name, holder) for address, language, name, holder in rows if address]


@dataclass(frozen=True, slots=True)
class DeputyFact:
    """Somebody who holds the roles of another (`away`, both user names) from one day to another, both included."""

    id: int
    away: str
    deputy: str
    act: str
    act_date: date
    from_on: date
    to_on: date
    recorded_by: str
    recorded_at: datetime
    ended_on: date | None
    ended_by: str | None

    def holds_on(self, day: date) -> bool:
        """Say whether the deputy holds the roles on `day`."""
        return self.from_on <= day <= self.to_on and not self.is_ended_on(day)

    def is_ended_on(self, day: date) -> bool:
        """Say whether somebody has ended it before its time, by `day`."""
        return self.ended_on is not None and self.ended_on <= day


def deputies(session: Session, deputy_id: int | None = None) -> list[DeputyFact]:
    """Return who stood, stands and will stand in for whom, the youngest first; one of them if given. One statement."""
    other = aliased(Account)
    query = (
        select(
            Deputy.id,
            _AWAY.username,
            other.username,
            Deputy.act,
            Deputy.act_date,
            Deputy.from_on,
            Deputy.to_on,
            Deputy.recorded_by,
            Deputy.recorded_at,
            Deputy.ended_on,
            Deputy.ended_by,
        )
        .join(_AWAY, _AWAY.id == Deputy.account_id)
        .join(other, other.id == Deputy.deputy_id)
        .order_by(Deputy.from_on.desc(), Deputy.id.desc())
    )
    if deputy_id is not None:
        query = query.where(Deputy.id == deputy_id)
    return [DeputyFact(*row) for row in session.execute(query)]
