"""Roles, rules for passwords, waits after wrong tries, life of links and sessions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message


class Role(StrEnum):
    """What a person does. The built-in `SYSTEM` acts on the command line only and never signs in."""

    OFFICER = "officer"
    APPROVER = "approver"
    STATISTICIAN = "statistician"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    CUSTOMS = "customs"
    IMPORTER = "importer"
    WHOLESALER = "wholesaler"
    PHARMACY = "pharmacy"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class RoleFact:
    """A role as people read it; a firm's role always stands with an organisation, the others never do.

    `guest`: an official of another service, who sees what is made for that service and nothing else.
    """

    role: Role
    name: str
    about: str
    of_firm: bool = False
    guest: bool = False


ROLES: Mapping[Role, RoleFact] = MappingProxyType(
    {
        fact.role: fact
        for fact in (
            RoleFact(Role.OFFICER, N_("officer"), N_("examines applications, proposes quotas, works on flags")),
            RoleFact(Role.APPROVER, N_("approver"), N_("approves quotas, issues and refuses permits")),
            RoleFact(Role.STATISTICIAN, N_("statistician"), N_("builds the returns from totals")),
            RoleFact(Role.AUDITOR, N_("auditor"), N_("reads records and the audit log, changes nothing")),
            RoleFact(Role.ADMINISTRATOR, N_("administrator"), N_("keeps accounts, takes records in from files")),
            RoleFact(Role.CUSTOMS, N_("customs officer"), N_("checks permits at the border, writes off"), guest=True),
            RoleFact(Role.IMPORTER, N_("importer"), N_("applies for permits, keeps its own stock"), of_firm=True),
            RoleFact(Role.WHOLESALER, N_("wholesaler"), N_("keeps its own stock"), of_firm=True),
            RoleFact(Role.PHARMACY, N_("pharmacy"), N_("receives, dispenses and counts its own stock"), of_firm=True),
        )
    }
)
AUTHORITY_ROLES = frozenset(role for role, fact in ROLES.items() if not fact.of_firm and not fact.guest)
GUEST_ROLES = frozenset(role for role, fact in ROLES.items() if fact.guest)
FIRM_ROLES = frozenset(role for role, fact in ROLES.items() if fact.of_firm)

LANGUAGES = ("ky", "ru", "en")
USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._\-]{0,62}[a-z0-9])?", re.ASCII)
NAME_LENGTH = 200

PASSWORD_LEAST = 12
PASSWORD_MOST = 128
USERNAME_COUNTS = 4
"""From so many letters on, a user name inside a password is a hint and no accident."""
CONTEXT_REST = 6
"""Letters that must be left of a password once the words anybody would guess are taken out."""
CONTEXT_WORDS = (
    "registry", "narcotics", "narcotic", "precursors", "precursor", "quotas", "quota", "permit", "licence",
    "pharmacy", "importer", "wholesaler", "officer", "approver", "auditor", "statistician", "administrator",
    "admin", "morphine", "tramadol", "methadone", "fentanyl", "codeine", "heroin", "opium", "cocaine", "cannabis",
    "buprenorphine", "oxycodone", "kyrgyzstan", "kyrgyz", "bishkek", "incb", "password", "welcome", "qwerty",
    "кыргызстан", "бишкек", "морфин", "метадон", "трамадол", "аптека", "дарыкана", "реестр", "квота", "пароль",
)  # fmt: skip
_NOT_LETTER = re.compile(r"[\W\d_]+")


class LinkPurpose(StrEnum):
    """What a one-time link is good for."""

    FIRST_ADMINISTRATOR = "first_administrator"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose


LINK_LIFE: Mapping[LinkPurpose, timedelta] = MappingProxyType(
    {
        LinkPurpose.FIRST_ADMINISTRATOR: timedelta(hours=24),
        LinkPurpose.INVITATION: timedelta(hours=24),
        LinkPurpose.PASSWORD_RESET: timedelta(hours=1),
    }
)


@dataclass(frozen=True, slots=True)
class Throttle:
    """How many wrong tries are free, and how the wait grows after them: `first`, doubled each time, at most `most`.

    After `forget` without a try nothing is counted any more.
    """

    free: int
    first: timedelta
    most: timedelta
    forget: timedelta

    def wait(self, failures: int) -> timedelta:
        """Return how long nobody may try after `failures` wrong tries in a row; zero while tries are free."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        # After twenty doublings `most` is long reached; more would only overflow.
        return min(self.first * (1 << min(beyond, 20)), self.most)


# One person mistypes a few times; behind one address there may be a whole institution.
ACCOUNT_THROTTLE = Throttle(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=24))
ADDRESS_THROTTLE = Throttle(30, timedelta(seconds=30), timedelta(hours=1), timedelta(hours=24))


def password_problems(password: str, username: str, common: Collection[str]) -> list[Problem]:
    """Say what is wrong with a new password; an empty list means nothing.

    Length, no words anybody would guess from the place (ASVS 6.2: no composition rules, no
    rotation). `common` holds lower-case passwords that stand in every attacker's list.
    """
    folded = password.casefold()
    if len(password) < PASSWORD_LEAST:
        return [_bad("too-short", Message(N_("use at least %(least)s characters"), {"least": PASSWORD_LEAST}))]
    if len(password) > PASSWORD_MOST:
        return [_bad("too-long", Message(N_("use at most %(most)s characters"), {"most": PASSWORD_MOST}))]
    if len(username) >= USERNAME_COUNTS and username.casefold() in folded:
        return [_bad("holds-username", Message(N_("the password must not hold the user name")))]
    if folded in common or len(set(folded)) < CONTEXT_REST - 1:
        return [_bad("common", Message(N_("this password is in every list of guesses: take another")))]
    rest = _without_context(folded)
    if rest is not None and len(rest) < CONTEXT_REST:
        return [
            _bad(
                "context-word",
                Message(
                    N_(
                        "the password is little more than a word of this work: add words that have nothing to do with it"
                    )
                ),
            )
        ]
    return []


def _without_context(folded: str) -> str | None:
    """Return the letters left once the guessable words are out; None where there was no such word."""
    letters = _NOT_LETTER.sub("", folded)
    rest = letters
    for word in sorted(CONTEXT_WORDS, key=len, reverse=True):
        rest = rest.replace(word, "")
    return None if rest == letters else rest


def _bad(code: str, message: Message) -> Problem:
    return Problem("password", code, message)


def account_problems(
    username: str, name: str, roles: Collection[str], organisation_id: int | None, language: str
) -> list[Problem]:
    """Say what is wrong with the data of an account, all at once.

    Authority and firms never mix in one account: what a firm may see is bounded by its organisation.
    """
    problems = []
    if not USERNAME.fullmatch(username) or username in {Role.SYSTEM.value, ANONYMOUS_NAME}:
        problems.append(
            Problem(
                "username",
                "not-a-username",
                Message(
                    N_("a user name is 1 to 64 small Latin letters, digits, dots and hyphens, and not a reserved word")
                ),
            )
        )
    if not name.strip() or len(name) > NAME_LENGTH:
        problems.append(
            Problem("name", "not-a-name", Message(N_("a name is 1 to %(most)s characters"), {"most": NAME_LENGTH}))
        )
    if language not in LANGUAGES:
        problems.append(Problem("language", "unknown-value", Message(N_("choose one of the languages offered"))))
    return problems + role_problems(roles, organisation_id)


ANONYMOUS_NAME = "anonymous"


def role_problems(roles: Collection[str], organisation_id: int | None) -> list[Problem]:
    """Say what is wrong with a set of roles and the organisation they stand with."""
    held = frozenset(roles)
    if not held or not held <= frozenset(ROLES):
        return [Problem("roles", "unknown-value", Message(N_("choose one or more of the roles offered")))]
    if held & FIRM_ROLES and held & AUTHORITY_ROLES:
        return [
            Problem("roles", "mixed-roles", Message(N_("one account cannot belong to the authority and to a firm")))
        ]
    if held & GUEST_ROLES and held - GUEST_ROLES:
        apart = Message(N_("an account of another service holds no other role"))
        return [Problem("roles", "mixed-roles", apart)]
    if held & FIRM_ROLES and organisation_id is None:
        return [
            Problem(
                "organisation", "missing", Message(N_("importers, wholesalers and pharmacies need an organisation"))
            )
        ]
    if not held & FIRM_ROLES and organisation_id is not None:
        return [Problem("organisation", "not-wanted", Message(N_("people of the authority belong to no organisation")))]
    return []


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """When a session ends by itself: `idle` after the last click, `absolute` after the sign-in."""

    idle: timedelta
    absolute: timedelta

    def alive(self, created_at: datetime, last_seen_at: datetime, now: datetime) -> bool:
        """Say whether a session still holds at `now`; exactly at a limit it no longer does."""
        return now - last_seen_at < self.idle and now - created_at < self.absolute

    @property
    def touch_after(self) -> timedelta:
        """Return how stale `last_seen_at` may grow, so that not every click writes a row.

        A session may therefore end this little earlier than `idle`, never later.
        """
        return self.idle / 30


TOKEN_PREFIX = "nrt_"  # noqa: S105 - the part everybody may know
"""Begins every token, so that one left in a file or a log is recognised."""
TOKEN_NAME_LENGTH = 80
TOKEN_DAYS, TOKEN_MOST_DAYS = 90, 366
TOKEN_LIVES = (7, 30, TOKEN_DAYS, 180, TOKEN_MOST_DAYS)
"""What the page offers."""


def token_problems(name: str, days: int) -> list[Problem]:
    """Say what is wrong with a token to be made."""
    problems = []
    if not name.strip() or len(name) > TOKEN_NAME_LENGTH:
        wrong = Message(N_("a name is 1 to %(most)s characters"), {"most": TOKEN_NAME_LENGTH})
        problems.append(Problem("name", "not-a-name", wrong))
    if not 1 <= days <= TOKEN_MOST_DAYS:
        wrong = Message(N_("a token holds 1 to %(most)s days"), {"most": TOKEN_MOST_DAYS})
        problems.append(Problem("days", "not-a-life", wrong))
    return problems


# What browsers call themselves; the first that fits counts, since most name their rivals too.
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
AGENT_WORDS = 40


def browser_name(agent: str) -> str:
    """Return what a person recognises of a browser's name of itself: ``Firefox, Windows``."""
    browser = next((name for mark, name in BROWSERS if mark in agent), agent[:AGENT_WORDS])
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who reads a letter: the address, the language of the reader, the name, and the organisation it is read for."""

    address: str
    language: str
    name: str
    organisation_id: int | None = None
