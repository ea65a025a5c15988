"""Hashing of passwords and of tokens; the list of guesses shipped as data."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.accounts.domain import password_problems
from registry.kernel.errors import Invalid
from registry.kernel.text import N_, Message

TOKEN_BYTES = 32
COMMON_FILE = "common_passwords.txt"

# 64 MiB, three passes: between 100 and 250 ms on a server of today, above OWASP's least (19 MiB, two passes).
MEMORY_KIB = 64 * 1024
PASSES = 3
HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)


@cache
def common_passwords() -> frozenset[str]:
    """Return the long passwords that every attacker tries first, in lower case."""
    text = resources.files("registry.accounts").joinpath(COMMON_FILE).read_text(encoding="utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def require_acceptable(password: str, username: str) -> None:
    """Raise `Invalid` with what is wrong with a new password."""
    problems = password_problems(password, username, common_passwords())
    if problems:
        raise Invalid(Message(N_("this password cannot be taken")), problems)


def hash_new(password: str, username: str) -> str:
    """Return the hash of a new password, or raise `Invalid` with what is wrong with it."""
    require_acceptable(password, username)
    return HASHER.hash(password)


@cache
def _nobody() -> str:
    return HASHER.hash(secrets.token_urlsafe(TOKEN_BYTES))


def matches(password_hash: str | None, password: str) -> bool:
    """Say whether `password` belongs to `password_hash`.

    Without a hash (no such account, no password set) the same work is done against a hash
    nobody has the password of, so that the time of the answer tells nothing.
    """
    try:
        HASHER.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def rehashed(password_hash: str | None, password: str) -> str | None:
    """Return a new hash where `password_hash` was made with weaker parameters than today's, else None."""
    return HASHER.hash(password) if password_hash and HASHER.check_needs_rehash(password_hash) else None


def new_token() -> str:
    """Return a token that cannot be guessed (256 bits)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(text: str) -> str:
    """Return what is kept of a token, or of the key of a counter."""
    return hashlib.sha256(text.encode()).hexdigest()
