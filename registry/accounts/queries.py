"""Reading accounts and sessions. What is handed out holds no secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, exists, select
from sqlalchemy.orm import Session

from registry.accounts.domain import ANONYMOUS_NAME, Recipient, Role
from registry.accounts.models import Account, AccountRole, ApiToken, WebSession
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Forbidden, NotFound
from registry.kernel.text import N_, Message

ANONYMOUS = Actor(user_id=None, username=ANONYMOUS_NAME)


@dataclass(frozen=True, slots=True)
class AccountFact:
    """An account as pages show it; `has_password` is False until its link was used."""

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

    @property
    def actor(self) -> Actor:
        """Return the account as services see it."""
        return Actor(self.id, self.username, self.roles, self.organisation_id)


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


def _accounts() -> Select[Account, str]:
    return (
        select(Account, AccountRole.role)
        .outerjoin(AccountRole, AccountRole.account_id == Account.id)
        .order_by(Account.username)
    )


def _facts(rows: Iterable[Row[Account, str]]) -> list[AccountFact]:
    found: dict[int, AccountFact] = {}
    for account, role in rows:
        fact = found.get(account.id) or _fact(account)
        found[account.id] = replace(fact, roles=fact.roles | {role}) if role else fact
    return list(found.values())


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


def accounts(session: Session) -> list[AccountFact]:
    """Return every account by user name."""
    return _facts(session.execute(_accounts().execution_options(populate_existing=True)))


def account(session: Session, account_id: int) -> AccountFact:
    """Return one account. Raises `NotFound`."""
    return _one(session, _accounts().where(Account.id == account_id))


def account_named(session: Session, username: str) -> AccountFact:
    """Return the account called `username`. Raises `NotFound`."""
    return _one(session, _accounts().where(Account.username == username.strip().lower()))


def _one(session: Session, query: Select[Account, str]) -> AccountFact:
    found = _facts(session.execute(query.execution_options(populate_existing=True)))
    if not found:
        raise NotFound(Message(N_("there is no such account")))
    return found[0]


def accounts_named(session: Session, usernames: Iterable[str]) -> dict[str, AccountFact]:
    """Return the accounts called so by user name, disabled ones too; unknown names are missing. One statement."""
    wanted = _accounts().where(Account.username.in_(sorted(set(usernames))))
    return {fact.username: fact for fact in _facts(session.execute(wanted))}


def is_same_person(session: Session, first: str, second: str) -> bool:
    """Say whether two user names are one person: the same account, or accounts that share the code of a person."""
    if first == second:
        return True
    known = accounts_named(session, (first, second))
    codes = {fact.person for fact in known.values() if fact.person is not None}
    return len(known) == 2 and len(codes) == 1 and all(fact.person is not None for fact in known.values())  # noqa: PLR2004 - two names


def actor_named(session: Session, username: str) -> Actor:
    """Return who acts on the command line: the built-in ``system``, or an active account.

    Raises `NotFound` for an unknown name and `Forbidden` for an account that was disabled.
    """
    if username == Role.SYSTEM.value:
        return SYSTEM
    fact = account_named(session, username)
    if not fact.active:
        raise Forbidden(Message(N_("the account %(username)s is disabled"), {"username": fact.username}))
    return fact.actor


def real_account_exists(session: Session) -> bool:
    """Say whether any account was created that is not of the demo country, disabled ones included."""
    return bool(session.scalar(select(exists().where(Account.is_demo.is_(False)))))


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


def token_kept(session: Session, token_digest: str) -> tuple[TokenFact, AccountFact] | None:
    """Return the token kept under `token_digest` with its account and roles, in one statement."""
    query = (
        select(Account, AccountRole.role, *_TOKEN)
        .join(ApiToken, ApiToken.account_id == Account.id)
        .outerjoin(AccountRole, AccountRole.account_id == Account.id)
        .where(ApiToken.token_digest == token_digest)
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    owner, _, *values = rows[0]
    roles = frozenset(row[1] for row in rows if row[1])
    return TokenFact(*values), replace(_fact(owner), roles=roles)


def stored_session(session: Session, token_digest: str) -> StoredSession | None:
    """Return the session kept under `token_digest` with account and roles, in one statement."""
    query = (
        select(WebSession, Account, AccountRole.role)
        .outerjoin(Account, Account.id == WebSession.account_id)
        .outerjoin(AccountRole, AccountRole.account_id == Account.id)
        .where(WebSession.token_digest == token_digest)
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    kept, owner, _ = rows[0]
    fact = replace(_fact(owner), roles=frozenset(role for *_, role in rows if role)) if owner is not None else None
    return StoredSession(kept.id, kept.created_at, kept.last_seen_at, kept.data, fact)


def recipients_of(session: Session, organisation_ids: Iterable[int]) -> list[Recipient]:
    """Return who reads letters to these organisations: their active accounts that have an address; one statement."""
    return _recipients(session, Account.organisation_id.in_(set(organisation_ids)))


def recipients_with(session: Session, roles: Iterable[str]) -> list[Recipient]:
    """Return the people of these roles that have an address, such as all approvers; one statement."""
    held = select(AccountRole.account_id).where(AccountRole.role.in_(set(roles)))
    return _recipients(session, Account.id.in_(held))


def _recipients(session: Session, wanted: ColumnElement[bool]) -> list[Recipient]:
    query = (
        select(Account.email, Account.language, Account.name, Account.organisation_id)
        .where(wanted, Account.email.is_not(None), Account.active, Account.is_demo.is_(False))
        .order_by(Account.username)
    )
    rows = session.execute(query)
    return [Recipient(address, language, name, holder) for address, language, name, holder in rows if address]
