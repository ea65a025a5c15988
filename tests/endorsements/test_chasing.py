"""Reminders: one letter for each step to whoever can do something, queued once, however many permits."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.endorsements.domain.comparison import AfterIssue
from registry.endorsements.domain.waiting import THEIRS, Waiting, waits_of
from registry.endorsements.service import Chased, chase
from registry.endorsements.service.chasing import due
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Forbidden
from registry.kernel.parameters import DEFAULTS
from registry.mail.models import OutgoingLetter
from registry.parties.queries import organisations_by_codes
from registry.parties.service import set_contact
from registry.permits.queries import permits_by_numbers
from tests.conftest import BISHKEK
from tests.endorsements.acting import arrive, asked, certify, leave, on, passed, stated
from tests.pages import Office, cheap_hashes, office
from tests.permits.acting import JUNE, OFFICER
from tests.world import table_of, take_in

__all__ = ["cheap_hashes", "office"]

LATE = on(2024, 7, 13)
"""The first day on which what left on 12 June should have been endorsed abroad."""


def addresses(session: Session) -> None:
    """Give the holder and the authority of Kazakhstan an address."""
    holder = organisations_by_codes(session, ["E-IMP"])["E-IMP"]
    with unit_of_work(session):
        set_contact(session, OFFICER, JUNE, holder, "imp@example.kg", "ru")
    columns = "country,name,valid_from,subject,email,language"
    rows = (
        "KZ,Drug office,2024-01-01,narcotic,drugs@kz.example,ru",
        "KZ,Precursors,2024-01-01,precursor,pre@kz.example,",
    )
    assert take_in(session, "authorities", table_of(columns, *rows)).written


def sent(session: Session, clock: FixedClock) -> Chased:
    with unit_of_work(session):
        return chase(session, SYSTEM, clock, "Authority")


def letters(session: Session) -> list[tuple[str, str]]:
    rows = session.query(OutgoingLetter).order_by(OutgoingLetter.id)
    return [(one.recipient, one.language) for one in rows]


def test_one_letter_for_each_step_to_the_authority_and_the_holder(stocked: Session) -> None:
    leave(stocked, 1500)
    addresses(stocked)
    assert sent(stocked, on(2024, 7, 12)).reminders == ()
    [one] = sent(stocked, LATE).reminders
    assert (one.wait.kind, one.step, len(one.letters)) == (THEIRS, 1, 2)
    assert sorted(letters(stocked)) == [("drugs@kz.example", "ru"), ("imp@example.kg", "ru")]
    body = stocked.query(OutgoingLetter).filter_by(recipient="drugs@kz.example").one().body
    for part in ("X-1", "KZ-77", "12.06.2024", "Authority"):
        assert part in body
    assert sent(stocked, LATE).reminders == ()
    assert [each.step for each in sent(stocked, on(2024, 7, 26)).reminders] == []
    assert [each.step for each in sent(stocked, on(2024, 7, 27)).reminders] == [2]
    # Nobody ran the command for weeks: the newest step is written, none is made up for, and there is no fourth.
    assert [each.step for each in sent(stocked, on(2024, 8, 25)).reminders] == [3]
    assert sent(stocked, on(2024, 12, 1)).late >= 1
    assert len(letters(stocked)) == 6
    certify(stocked, asked("7/24", stated(1500), permit="X-1"))
    assert [one.permit.number for one in due(stocked, on(2024, 7, 13), "A").unreachable] == []


def test_what_is_asked_of_the_holder(stocked: Session) -> None:
    passed(stocked, 1000)
    stocked.execute(text("UPDATE permit SET expires_on = '2024-06-01' WHERE number = 'P-1'"))
    stocked.commit()
    addresses(stocked)
    found = sent(stocked, on(2024, 6, 22))
    assert [(each.wait.permit.number, each.wait.kind.code) for each in found.reminders] == [
        ("P-1", "return"),
        ("P-6", "declaration"),
    ]
    assert {each[0] for each in letters(stocked)} == {"imp@example.kg"}


def test_what_waits_for_this_office_or_customs_is_no_letter(stocked: Session) -> None:
    passed(stocked, 5, date(2024, 6, 1), "P-1")
    arrive(stocked, 120_000)
    addresses(stocked)
    found = due(stocked, on(2024, 7, 1), "A")
    assert [each.wait.permit.number for each in found.reminders] == ["P-1"]
    assert found.late == 3


def test_without_an_address_the_step_stays_due(stocked: Session) -> None:
    leave(stocked, 1500)
    found = sent(stocked, LATE)
    assert (found.letters, [one.permit.number for one in found.unreachable]) == (0, ["X-1"])
    addresses(stocked)
    assert sent(stocked, LATE).letters == 2


def test_who_may_and_statements_do_not_grow(stocked: Session) -> None:
    leave(stocked, 1500)
    addresses(stocked)
    with pytest.raises(Forbidden):
        chase(stocked, Actor(9, "x", frozenset({"approver"})), LATE, "A")

    def measure(clock: FixedClock) -> tuple[int, int]:
        seen: list[str] = []
        connection = stocked.connection()
        event.listen(connection, "before_cursor_execute", note := lambda *given: seen.append(given[2]))
        reminders = len(sent(stocked, clock).reminders)
        event.remove(connection, "before_cursor_execute", note)
        return len(seen), reminders

    few = measure(LATE)
    stocked.execute(text("UPDATE permit SET expires_on = '2024-06-30' WHERE number LIKE 'P-%'"))
    stocked.commit()
    many = measure(on(2024, 7, 27))
    assert few[1] == 1
    assert many[1] > 4
    assert few[0] == many[0]


def test_the_step_of_a_day() -> None:
    class Nothing:
        pass

    wait = Waiting(Nothing(), THEIRS, date(2024, 6, 1), date(2024, 7, 1))  # type: ignore[arg-type]
    steps = {day: wait.step_on(day, DEFAULTS) for day in (date(2024, 7, 1), date(2024, 7, 2), date(2024, 7, 15),
             date(2024, 7, 16), date(2024, 7, 29), date(2024, 7, 30), date(2025, 7, 30))}  # fmt: skip
    assert list(steps.values()) == [0, 1, 1, 2, 2, 3, 3]


def test_each_consignment_of_a_periodic_permit_is_endorsed(stocked: Session) -> None:
    stocked.execute(text("UPDATE permit SET kind = 'periodic_import' WHERE number = 'P-6'"))
    stocked.commit()
    arrive(stocked, 1000)
    arrive(stocked, 2000, "2024-06-14")

    def since() -> list[date]:
        permit = permits_by_numbers(stocked, ["P-6"])["P-6"]
        kept = [certified] if (certified := done.get("E-1")) else []
        kept += [second] if (second := done.get("E-2")) else []
        found = waits_of(AfterIssue(permit, (), kept), date(2024, 6, 15), DEFAULTS, None, treaty_goods=True)
        return [one.since for one in found]

    done = {}
    assert since() == [date(2024, 6, 12)]
    done["E-1"] = certify(stocked, asked("E-1", stated(1000)))
    assert since() == [date(2024, 6, 14)]
    done["E-2"] = certify(stocked, asked("E-2", stated(2000), arrived_on=date(2024, 6, 14)))
    assert since() == []


def test_the_command(office: Office) -> None:
    with office.rows() as session:
        leave(session, 1500)
        addresses(session)
    office.at(datetime(2024, 7, 13, 9, 0, tzinfo=BISHKEK))
    runner = office.app.test_cli_runner()
    tried = runner.invoke(args=["permit", "chase", "--dry-run", "--json"])
    assert json.loads(tried.stdout)["letters"] == 2
    told = [runner.invoke(args=["permit", "chase", "--json"]) for _ in range(2)]
    assert [json.loads(each.stdout)["letters"] for each in told] == [2, 0]
    assert json.loads(told[0].stdout)["reminders"] == [
        {"permit": "X-1", "kind": "foreign_endorsement", "step": 1, "letters": 2}
    ]
    office.hire("bakyt")
    assert runner.invoke(args=["permit", "chase", "--as", "bakyt"]).exit_code == 1
