"""Keeping accounts: created, changed, disabled, given a password. Whatever narrows a right ends the sessions at once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.accounts import queries
from registry.accounts.domain import LANGUAGES, Role, SessionLimits, account_problems
from registry.accounts.models import Account, AccountRole, OneTimeLink
from registry.accounts.passwords import hash_new, matches
from registry.accounts.service.sign_in import forgive
from registry.accounts.service.tokens import revoke_tokens_of
from registry.accounts.service.web_sessions import Place, end_demo_sessions, end_sessions_of, open_session
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Forbidden, Invalid, NotFound, Problem
from registry.kernel.text import N_, Message


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to create; without a password a link must be handed over."""

    username: str
    name: str
    roles: frozenset[str]
    organisation_id: int | None = None
    language: str = "en"
    password: str | None = None
    is_demo: bool = False
    must_change_password: bool = False
    person: str | None = None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What an administrator may change of an account, all of it stated."""

    name: str
    roles: frozenset[str]
    organisation_id: int | None
    language: str
    person: str | None = None


def create_account(session: Session, actor: Actor, clock: Clock, command: NewAccount) -> int:
    """Create an account and return its id. Raises `Invalid` with every problem at once.

    With the first account that is not of the demo country the demo accounts are closed and
    their sessions end, so that it must be an administrator's.
    """
    username = command.username.strip().lower()
    problems = account_problems(username, command.name, command.roles, command.organisation_id, command.language)
    password_hash = None
    if command.password is not None:
        try:
            password_hash = hash_new(command.password, username)
        except Invalid as bad:
            problems += bad.problems
    if not problems and session.scalar(select(Account.id).where(Account.username == username)) is not None:
        problems.append(_taken())
    closes_demo = not command.is_demo and not queries.real_account_exists(session)
    if closes_demo and Role.ADMINISTRATOR not in command.roles and queries.demo_account_exists(session):
        problems.append(_nobody_left())
    if problems:
        raise _invalid(problems)
    account = Account(
        username=username,
        name=command.name.strip(),
        password_hash=password_hash,
        organisation_id=command.organisation_id,
        language=command.language,
        active=True,
        is_demo=command.is_demo,
        must_change_password=command.must_change_password,
        created_at=clock.now(),
        person=_code(command.person),
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:
        # Somebody created the same name between the look and the write.
        raise _invalid([_taken()]) from None
    _write_roles(session, account.id, command.roles)
    record(
        session,
        actor,
        clock,
        "accounts.create",
        f"account {username}",
        {"roles": sorted(command.roles), "organisation_id": command.organisation_id, "demo": command.is_demo},
    )
    if closes_demo:
        end_demo_sessions(session)
        record(session, actor, clock, "accounts.close_demo", "demo accounts")
    return account.id


def change_account(session: Session, actor: Actor, clock: Clock, account_id: int, command: AccountChange) -> None:
    """Change name, roles, organisation and language; changed rights end the person's sessions and tokens at once.

    Raises `Forbidden` where an administrator would change the own rights, `Invalid`, `NotFound`.
    """
    before = queries.account(session, account_id)
    problems = account_problems(before.username, command.name, command.roles, command.organisation_id, command.language)
    if problems:
        raise _invalid(problems)
    rights_change = (before.roles, before.organisation_id) != (command.roles, command.organisation_id)
    if rights_change:
        _require_somebody_else(actor, account_id)
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(
            name=command.name.strip(),
            organisation_id=command.organisation_id,
            language=command.language,
            person=_code(command.person),
        )
    )
    if rights_change:
        _write_roles(session, account_id, command.roles)
        end_sessions_of(session, account_id)
        revoke_tokens_of(session, clock, account_id)
    record(
        session,
        actor,
        clock,
        "accounts.change",
        f"account {before.username}",
        {
            "roles_before": sorted(before.roles),
            "roles": sorted(command.roles),
            "organisation_id_before": before.organisation_id,
            "organisation_id": command.organisation_id,
            "person_changed": before.person != _code(command.person),
        },
    )


def set_active(session: Session, actor: Actor, clock: Clock, account_id: int, *, active: bool) -> None:
    """Disable an account, which ends its sessions, links and tokens at once, or enable it again.

    Raises `Forbidden` for the own account, so that an administrator is always left.
    """
    before = queries.account(session, account_id)
    _require_somebody_else(actor, account_id)
    session.execute(update(Account).where(Account.id == account_id).values(active=active))
    if not active:
        end_sessions_of(session, account_id)
        drop_links(session, account_id)
        revoke_tokens_of(session, clock, account_id)
    action = "accounts.enable" if active else "accounts.disable"
    record(session, actor, clock, action, f"account {before.username}")


def set_password(
    session: Session, actor: Actor, clock: Clock, account_id: int, password: str, *, must_change: bool = False
) -> None:
    """Give an account a new password; its sessions and open links end. Raises `Invalid`, `NotFound`."""
    fact = queries.account(session, account_id)
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(password_hash=hash_new(password, fact.username), must_change_password=must_change)
    )
    end_sessions_of(session, account_id)
    drop_links(session, account_id)
    record(session, actor, clock, "accounts.set_password", f"account {fact.username}")


def change_own_password(
    session: Session, actor: Actor, clock: Clock, current: str, password: str, place: Place, limits: SessionLimits
) -> str:
    """Change the actor's own password and return the token of the one session that goes on.

    The edge has counted the try with `begin_sign_in` before, as for a sign-in: a stolen
    session must not serve for guessing. Raises `Invalid`.
    """
    account_id = require_own_password(session, actor, clock, current, place)
    set_password(session, actor, clock, account_id, password)
    return open_session(session, clock, limits, place, account_id)


def require_own_password(session: Session, actor: Actor, clock: Clock, current: str, place: Place) -> int:
    """Raise `Invalid` unless `current` is the actor's password; forgive the try that was counted, return the account's id."""
    if actor.user_id is None:
        raise NotFound(Message(N_("there is no such account")))
    kept = session.scalar(select(Account.password_hash).where(Account.id == actor.user_id))
    if not matches(kept, current):
        raise _invalid([Problem("current", "wrong", Message(N_("the present password is not right")))])
    forgive(session, clock, actor.username, place.address)
    return actor.user_id


def choose_language(session: Session, actor: Actor, clock: Clock, language: str) -> None:
    """Keep the language of the actor's pages. Raises `Invalid` for one that is not offered."""
    if language not in LANGUAGES:
        raise _invalid([Problem("language", "unknown-value", Message(N_("choose one of the languages offered")))])
    session.execute(update(Account).where(Account.id == actor.user_id).values(language=language))
    record(session, actor, clock, "accounts.language", f"account {actor.username}", {"language": language})


def drop_links(session: Session, account_id: int) -> None:
    """Make the open links of an account worthless."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None)))


def _write_roles(session: Session, account_id: int, roles: frozenset[str]) -> None:
    session.execute(delete(AccountRole).where(AccountRole.account_id == account_id))
    session.execute(insert(AccountRole), [{"account_id": account_id, "role": role} for role in sorted(roles)])


def _require_somebody_else(actor: Actor, account_id: int) -> None:
    if actor.user_id == account_id:
        raise Forbidden(Message(N_("ask another administrator to change your own rights")))


def _code(person: str | None) -> str | None:
    """Return the code of a person in one spelling, so that two accounts cannot differ by a blank or a small letter."""
    return "".join((person or "").split()).upper() or None


def _taken() -> Problem:
    return Problem("username", "taken", Message(N_("this user name is taken")))


def _nobody_left() -> Problem:
    return Problem("roles", "nobody-left", Message(N_(
        "the first account of your own must be an administrator's: with it the demo accounts are closed,"
        " and nobody else could create the next one"
    )))  # fmt: skip


def _invalid(problems: list[Problem]) -> Invalid:
    return Invalid(Message(N_("the account cannot be kept like this")), problems)
