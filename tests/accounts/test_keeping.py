"""Accounts kept by services, and one-time links: on the boundary, used once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import queries, service
from registry.accounts.domain import LinkPurpose
from registry.accounts.models import Account, OneTimeLink
from registry.accounts.passwords import matches
from registry.audit.queries import verify
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.accounts.conftest import GOOD, OTHER
from tests.conftest import BISHKEK

TICK = timedelta(microseconds=1)


def new(username: str = "asel", *roles: str, **more: object) -> service.NewAccount:
    return service.NewAccount(username, "Asel", frozenset(roles or {"officer"}), password=GOOD, **more)


def at(clock: FixedClock, step: timedelta) -> FixedClock:
    return FixedClock(clock.moment + step, BISHKEK)


def test_create_and_read_back(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new("Asel", "officer", "approver"))
    fact = queries.account_named(session, "ASEL")
    assert (fact.id, fact.username, fact.roles) == (number, "asel", {"officer", "approver"})
    assert fact.actor == Actor(number, "asel", frozenset({"officer", "approver"}), None)
    assert (fact.active, fact.has_password, fact.must_change_password) == (True, True, False)
    stored = session.scalar(select(Account.password_hash).where(Account.id == number))
    assert stored is not None
    assert GOOD not in stored
    assert matches(stored, GOOD)
    assert not matches(stored, OTHER)
    assert not matches(None, GOOD)
    assert verify(session)[1] == []


def test_every_problem_at_once(session: Session, clock: FixedClock) -> None:
    bad = service.NewAccount("A B", "", frozenset({"pharmacy"}), password="short", language="xx")
    with pytest.raises(Invalid) as refused, unit_of_work(session):
        service.create_account(session, SYSTEM, clock, bad)
    assert [p.column for p in refused.value.problems] == ["username", "name", "language", "organisation", "password"]
    assert queries.accounts(session) == []


def test_a_name_is_taken_once(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        service.create_account(session, SYSTEM, clock, new())
    with pytest.raises(Invalid) as refused, unit_of_work(session):
        service.create_account(session, SYSTEM, clock, new("ASEL"))
    assert [(p.column, p.code) for p in refused.value.problems] == [("username", "taken")]


def test_list_groups_roles(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        service.create_account(session, SYSTEM, clock, new("b", "officer", "auditor"))
        service.create_account(session, SYSTEM, clock, new("a", "pharmacy", organisation_id=5))
    assert [(fact.username, set(fact.roles)) for fact in queries.accounts(session)] == [
        ("a", {"pharmacy"}),
        ("b", {"officer", "auditor"}),
    ]


def test_nobody_changes_the_own_rights(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new("asel", "administrator"))
    me = queries.account(session, number).actor
    more = service.AccountChange("Asel", frozenset({"administrator", "approver"}), None, "en")
    with pytest.raises(Forbidden), unit_of_work(session):
        service.change_account(session, me, clock, number, more)
    with pytest.raises(Forbidden), unit_of_work(session):
        service.set_active(session, me, clock, number, active=False)
    with unit_of_work(session):
        renamed = service.AccountChange("Asel Asanova", frozenset({"administrator"}), None, "ky")
        service.change_account(session, me, clock, number, renamed)
    fact = queries.account(session, number)
    assert (fact.name, fact.language, fact.active) == ("Asel Asanova", "ky", True)


def test_changes_are_checked_like_new_accounts(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
    change = service.AccountChange("Asel", frozenset({"pharmacy"}), None, "en")
    with pytest.raises(Invalid), unit_of_work(session):
        service.change_account(session, SYSTEM, clock, number, change)
    with pytest.raises(NotFound), unit_of_work(session):
        service.set_active(session, SYSTEM, clock, number + 1000, active=False)


def test_who_acts_on_the_command_line(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
    assert service.actor_named(session, "system") == SYSTEM
    assert service.actor_named(session, "asel").user_id == number
    with pytest.raises(NotFound):
        service.actor_named(session, "nobody")
    with unit_of_work(session):
        service.set_active(session, SYSTEM, clock, number, active=False)
    with pytest.raises(Forbidden):
        service.actor_named(session, "asel")


@pytest.mark.parametrize(
    ("purpose", "life"),
    [(LinkPurpose.INVITATION, timedelta(hours=24)), (LinkPurpose.PASSWORD_RESET, timedelta(hours=1))],
)
def test_a_link_works_until_its_end_and_not_at_it(
    session: Session, clock: FixedClock, purpose: LinkPurpose, life: timedelta
) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
        link = service.issue_link(session, SYSTEM, clock, purpose, number)
    assert link.expires_at == clock.now() + life
    with pytest.raises(NotFound), unit_of_work(session):
        service.set_password_by_link(session, at(clock, life), link.token, OTHER)
    with unit_of_work(session):
        username = service.set_password_by_link(session, at(clock, life - TICK), link.token, OTHER)
    assert username == "asel"
    stored = session.scalar(select(Account.password_hash).where(Account.id == number))
    assert matches(stored, OTHER)


def test_a_link_works_once(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
        link = service.issue_link(session, SYSTEM, clock, LinkPurpose.PASSWORD_RESET, number)
    with unit_of_work(session):
        service.set_password_by_link(session, clock, link.token, OTHER)
    with pytest.raises(NotFound), unit_of_work(session):
        service.set_password_by_link(session, clock, link.token, GOOD)


def test_a_bad_password_does_not_use_the_link_up(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
        link = service.issue_link(session, SYSTEM, clock, LinkPurpose.PASSWORD_RESET, number)
    with pytest.raises(Invalid), unit_of_work(session):
        service.set_password_by_link(session, clock, link.token, "short")
    with unit_of_work(session):
        service.set_password_by_link(session, clock, link.token, OTHER)


def test_a_newer_link_a_new_password_and_disabling_end_a_link(session: Session, clock: FixedClock) -> None:
    def fresh() -> service.Link:
        with unit_of_work(session):
            return service.issue_link(session, SYSTEM, clock, LinkPurpose.PASSWORD_RESET, number)

    def works(link: service.Link) -> bool:
        try:
            service.link_fact(session, clock, link.token)
        except NotFound:
            return False
        return True

    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
    first, second = fresh(), fresh()
    assert (works(first), works(second)) == (False, True)
    with unit_of_work(session):
        service.set_password(session, SYSTEM, clock, number, OTHER)
    assert not works(second)
    third = fresh()
    with unit_of_work(session):
        service.set_active(session, SYSTEM, clock, number, active=False)
    assert not works(third)
    with pytest.raises(Conflict):
        fresh()


def test_only_the_digest_of_a_link_is_kept(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
        link = service.issue_link(session, SYSTEM, clock, LinkPurpose.INVITATION, number)
    row = session.scalars(select(OneTimeLink)).one()
    assert link.token not in {row.token_digest, row.purpose}


def first_link(session: Session, clock: FixedClock) -> service.Link:
    with unit_of_work(session):
        return service.issue_link(session, SYSTEM, clock, LinkPurpose.FIRST_ADMINISTRATOR)


def test_the_first_administrator(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        service.create_account(session, SYSTEM, clock, new("demo", "administrator", is_demo=True))
    link, end = first_link(session, clock), timedelta(hours=24)
    wanted = service.Administrator("dinara", "Dinara", GOOD)
    with pytest.raises(NotFound), unit_of_work(session):
        service.create_first_administrator(session, at(clock, end), link.token, wanted)
    with pytest.raises(NotFound), unit_of_work(session):
        service.set_password_by_link(session, clock, link.token, GOOD)
    with unit_of_work(session):
        number = service.create_first_administrator(session, at(clock, end - TICK), link.token, wanted)
    fact = queries.account(session, number)
    assert (fact.roles, fact.is_demo) == ({"administrator"}, False)
    with pytest.raises(NotFound), unit_of_work(session):
        service.create_first_administrator(session, clock, link.token, service.Administrator("b", "B", OTHER))
    with pytest.raises(Conflict):
        first_link(session, clock)


def test_an_invitation_makes_no_administrator(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        number = service.create_account(session, SYSTEM, clock, new())
        link = service.issue_link(session, SYSTEM, clock, LinkPurpose.INVITATION, number)
    with pytest.raises(NotFound), unit_of_work(session):
        service.create_first_administrator(session, clock, link.token, service.Administrator("b", "B", OTHER))


def test_an_administrator_made_meanwhile_closes_the_first_link(session: Session, clock: FixedClock) -> None:
    link = first_link(session, clock)
    with unit_of_work(session):
        service.create_account(session, SYSTEM, clock, new("dinara", "administrator"))
    with pytest.raises(Conflict), unit_of_work(session):
        service.create_first_administrator(session, clock, link.token, service.Administrator("b", "B", OTHER))


def test_statements_do_not_grow_with_the_accounts(session: Session, clock: FixedClock) -> None:
    from sqlalchemy import event

    def count() -> int:
        seen: list[object] = []

        def note(*arguments: object) -> None:
            seen.append(arguments)

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        queries.accounts(session)
        event.remove(connection, "before_cursor_execute", note)
        return len(seen)

    with unit_of_work(session):
        service.create_account(session, SYSTEM, clock, new("one"))
    few = count()
    with unit_of_work(session):
        for number in range(20):
            service.create_account(session, SYSTEM, clock, new(f"person{number}", "officer", "auditor"))
    assert count() == few
