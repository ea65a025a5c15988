"""The address to which letters for a person go."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.accounts import queries
from registry.accounts.models import Account
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.email import as_email
from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import BadCell
from registry.kernel.text import N_, Message


def set_email(session: Session, actor: Actor, clock: Clock, account_id: int, typed: str) -> None:
    """Keep the address of an account; empty takes it away. Raises `Invalid`, `NotFound`."""
    fact = queries.account(session, account_id)
    address = None
    if typed.strip():
        try:
            address = as_email(typed)
        except BadCell as bad:
            problem = Problem("email", bad.code, bad.message)
            raise Invalid(Message(N_("the account cannot be kept like this")), [problem]) from None
    if address == fact.email:
        return
    session.execute(update(Account).where(Account.id == account_id).values(email=address))
    record(session, actor, clock, "accounts.email", f"account {fact.username}", {"given": address is not None})
