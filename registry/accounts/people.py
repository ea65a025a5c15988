"""People as pages name them: the name of the account with what the person does, never the bare user name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from registry.accounts.domain import ROLES, Role
from registry.accounts.queries import AccountFact, accounts_named
from registry.kernel.text import N_
from registry.web.locale import say

REGISTRY_ITSELF = N_("the registry itself")
"""Who did what the command line or a nightly task did."""


def person_name(fact: AccountFact) -> str:
    """Return name and roles of a person in the reader's language: ``Asel Toktosunova (officer)``."""
    roles = role_words(fact)
    name = fact.name or fact.username
    return f"{name} ({roles})" if roles else name


def role_words(fact: AccountFact) -> str:
    """Return what a person does, without the name: ``wholesaler``."""
    return ", ".join(say(known.name) for role, known in ROLES.items() if role in fact.roles)


def people_named(session: Session, usernames: Iterable[str | None], within: int | None = None) -> Mapping[str, str]:
    """Return what to call everybody in `usernames`, by user name; one statement. No account: the user name itself.

    `within`: an organisation whose people alone are named, because one of them reads; of others only the role is told.
    """
    wanted = {username for username in usernames if username}
    known = accounts_named(session, wanted) if wanted else {}
    shown = {}
    for name in wanted:
        fact = known.get(name)
        if fact is None:
            shown[name] = name
        else:
            shown[name] = person_name(fact) if within in (None, fact.organisation_id) else role_words(fact)
    if Role.SYSTEM.value in shown:
        shown[Role.SYSTEM.value] = say(REGISTRY_ITSELF)
    return shown


def names_told(session: Session, usernames: Iterable[str], within: int | None) -> frozenset[str]:
    """Return which of these user names may be told: all, or within an organisation only those of its people."""
    wanted = frozenset(usernames)
    if within is None:
        return wanted
    return frozenset(name for name, fact in accounts_named(session, wanted).items() if fact.organisation_id == within)
