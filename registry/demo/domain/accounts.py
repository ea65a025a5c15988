"""The demo accounts: one for every role, all names invented, one password that is no secret."""

from __future__ import annotations

from dataclasses import dataclass

from registry.demo.domain.world import table

PASSWORD = "demo-2026-practice"  # noqa: S105 - printed for everybody; demo accounts close with the first real one


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account as it is printed; `organisation` is the code of its firm, None for people of the authority."""

    username: str
    role: str
    password: str
    organisation: str | None
    name: str


def demo_accounts() -> list[DemoAccount]:
    """Return the accounts in the order they are printed."""
    return [
        DemoAccount(row["username"], row["role"], PASSWORD, row["organisation"] or None, row["name"])
        for row in table("accounts")
    ]
