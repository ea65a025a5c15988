"""Originals at random: what is drawn, that nobody can steer it, what is seen, and what is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.audit.queries import head_before
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Forbidden, Invalid, NotFound, TransitionRefused
from registry.kernel.rules import Finding
from registry.originals.domain import Drawn, drawn_from, months_due, rank
from registry.originals.queries import drawn_of, draws, seed_of
from registry.originals.service import draw, record_result
from registry.originals.watches import originals
from registry.permits.queries import permits_by_ids
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import APPROVER, JUNE, OFFICER, issued, proposed
from tests.world import BISHKEK

__all__ = ["cheap_hashes", "office"]

SEED = "ab" * 32
NUMBERS = [f"KG-I-2024-{number:06d}" for number in range(1, 21)]
JUNE_FIRST = date(2024, 6, 1)
SYSTEM = Actor(9, "system", frozenset({"system"}))


def on(day: date, hour: int = 9) -> FixedClock:
    return FixedClock(datetime(day.year, day.month, day.day, hour, tzinfo=BISHKEK), BISHKEK)


JULY = on(date(2024, 7, 1), 0)


@pytest.mark.parametrize(
    ("share", "least", "drawn"),
    [("0", 0, 0), ("0", 1, 1), ("1/10", 1, 2), ("1/10", 3, 3), ("11/100", 1, 3), ("1", 0, 20), ("0", 99, 20)],
)
def test_the_share_is_rounded_up_and_never_below_the_least(share: str, least: int, drawn: int) -> None:
    assert len(drawn_from(SEED, NUMBERS, Fraction(share), least)) == drawn


def test_the_draw_is_a_function_of_seed_and_numbers_alone() -> None:
    found = drawn_from(SEED, NUMBERS, Fraction(1, 4), 1)
    assert found == drawn_from(SEED, NUMBERS[::-1], Fraction(1, 4), 1)
    assert found == sorted(NUMBERS, key=lambda number: rank(SEED, number))[:5]
    assert found != drawn_from("cd" * 32, NUMBERS, Fraction(1, 4), 1)
    # The rank as anybody's tool gives it: printf 'seed:KG-1' | sha256sum
    assert rank("seed", "KG-1") == "f1673f2d305091400a897b562d482a16baac64cd48cd18868609237c8bc92f0b"


def test_every_permit_has_the_same_chance() -> None:
    """Over many seeds each of twenty is drawn about as often: a tenth is two of them a time."""
    times = dict.fromkeys(NUMBERS, 0)
    for seed in range(2000):
        for number in drawn_from(str(seed), NUMBERS, Fraction(1, 10), 1):
            times[number] += 1
    assert all(150 < often < 250 for often in times.values())


def test_months_are_due_once_they_are_over() -> None:
    assert months_due(None, date(2024, 1, 31)) == [date(2023, 12, 1)]
    assert months_due(date(2023, 12, 1), date(2024, 1, 31)) == []
    assert months_due(date(2023, 12, 1), date(2024, 3, 1)) == [date(2024, 1, 1), date(2024, 2, 1)]


def with_permits(session: Session, *quantities: int) -> list[str]:
    return [
        issued(session, proposed(session, f"A-{place}", each, counterpart=f"IN-{place}"))
        for place, each in enumerate(quantities)
    ]


def drawn_now(session: Session, clock: FixedClock = JULY, actor: Actor = OFFICER) -> list[Drawn]:
    draw(session, actor, clock)
    session.commit()
    return drawn_of(session)


def test_a_month_is_drawn_once_and_the_seed_was_fixed_before(stocked: Session) -> None:
    numbers = with_permits(stocked, 100, 200, 300)
    seal = head_before(stocked, JULY.now())
    later = on(date(2024, 7, 2))
    (one,) = drawn_now(stocked, later)
    (kept,) = draws(stocked)
    assert (kept.month, kept.seed, kept.event, kept.population) == (JUNE_FIRST, seal.digest, seal.sequence, 3)
    assert (
        permits_by_ids(stocked, [one.permit_id])[one.permit_id].number
        == drawn_from(seal.digest, numbers, kept.share, 1)[0]
    )
    assert one.due_on == date(2024, 7, 16)
    assert drawn_now(stocked, on(date(2024, 7, 30))) == [one], "a second run draws nothing"
    assert seed_of(stocked, on(date(2024, 7, 30)), JUNE_FIRST) == seal, "what happens later does not change it"
    assert stocked.execute(text("SELECT COUNT(*) FROM original_draw")).scalar_one() == 1


def test_nothing_is_drawn_before_the_month_is_over(stocked: Session) -> None:
    with_permits(stocked, 100)
    drawn_now(stocked, on(date(2024, 6, 30), 23))
    assert [each.month for each in draws(stocked)] == [date(2024, 5, 1)]
    assert drawn_of(stocked) == []


def test_the_statements_do_not_grow_with_the_permits(stocked: Session) -> None:
    taken = []
    for batch in range(2):
        for place in range(1 + 3 * batch):
            issued(stocked, proposed(stocked, f"A-{batch}-{place}", 50, counterpart=f"IN-{batch}-{place}"))
        inner = stocked.begin_nested()
        with counted(stocked) as statements:
            draw(stocked, OFFICER, JULY)
        taken.append(len(statements))
        inner.rollback()
    assert taken[0] == taken[1]


def test_who_draws_and_records(stocked: Session) -> None:
    with_permits(stocked, 100)
    with pytest.raises(Forbidden):
        draw(stocked, APPROVER, JULY)
    (one,) = drawn_now(stocked)
    with pytest.raises(Forbidden):
        record_result(stocked, APPROVER, JULY, one.id, "agrees", JULY.today(), "")
    with pytest.raises(NotFound):
        record_result(stocked, OFFICER, JULY, 999, "agrees", JULY.today(), "")


def test_what_was_seen_is_recorded_and_never_changed(stocked: Session) -> None:
    with_permits(stocked, 100)
    (one,) = drawn_now(stocked)
    with pytest.raises(Invalid) as refused:
        record_result(stocked, OFFICER, JULY, one.id, "differs", date(2024, 7, 2), " ")
    assert [(problem.column, problem.code) for problem in refused.value.problems] == [
        ("note", "missing"),
        ("seen_on", "future"),
    ]
    with pytest.raises(Invalid):
        record_result(stocked, OFFICER, JULY, one.id, "lost", None, "x")
    for outcome, note in (("not_shown", "abroad"), ("differs", "another quantity"), ("agrees", "")):
        found = record_result(stocked, OFFICER, JULY, one.id, outcome, JULY.today(), note)
        assert found.is_open is (outcome == "not_shown")
    assert [each.outcome.code for each in found.results] == ["not_shown", "differs", "agrees"]
    with pytest.raises(TransitionRefused):
        record_result(stocked, OFFICER, JULY, one.id, "differs", JULY.today(), "after all")


def found_on(session: Session, day: date, code: str) -> list[Finding]:
    return [each for each in originals(session, on(day)) if each.rule.code == code]


def test_ori_01_a_drawn_original_is_shown_in_time(stocked: Session) -> None:
    (number,) = with_permits(stocked, 100)
    (one,) = drawn_now(stocked)
    assert found_on(stocked, one.due_on, "ORI-01") == []
    (late,) = found_on(stocked, one.due_on + timedelta(1), "ORI-01")
    assert late.subject == f"permit {number}"
    assert late.organisation_id is not None
    record_result(stocked, OFFICER, JULY, one.id, "not_shown", JULY.today(), "abroad")
    assert len(found_on(stocked, one.due_on + timedelta(1), "ORI-01")) == 1
    record_result(stocked, OFFICER, JULY, one.id, "agrees", JULY.today(), "")
    assert found_on(stocked, one.due_on + timedelta(1), "ORI-01") == []


def test_ori_02_the_original_agrees(stocked: Session) -> None:
    with_permits(stocked, 100)
    (one,) = drawn_now(stocked)
    record_result(stocked, OFFICER, JULY, one.id, "differs", JULY.today(), "another quantity")
    (found,) = found_on(stocked, JULY.today(), "ORI-02")
    assert "another quantity" in str(found.message.params)
    record_result(stocked, OFFICER, JULY, one.id, "agrees", JULY.today(), "")
    assert found_on(stocked, JULY.today(), "ORI-02") == []


def test_ori_03_a_month_is_drawn_in_time(stocked: Session) -> None:
    with_permits(stocked, 100)
    assert found_on(stocked, date(2024, 7, 15), "ORI-03") == []
    (late,) = found_on(stocked, date(2024, 7, 16), "ORI-03")
    assert late.subject == "originals of 2024-06"
    drawn_now(stocked, on(date(2024, 7, 16)))
    assert found_on(stocked, date(2024, 7, 16), "ORI-03") == []


def test_the_pages(office: Office) -> None:
    office.at(JUNE.moment)
    with office.rows() as session:
        (number,) = with_permits(session, 100)
    office.hire("imran")
    with office.work() as session:
        session.execute(text("UPDATE account SET email = 'imran@example.org' WHERE username = 'imran'"))
    office.at(on(date(2024, 7, 3)).moment)
    asel, imran = office.browser("asel"), office.browser("imran")
    assert "Nothing was drawn" in text_of(asel.get("/originals"))
    assert asel.get("/originals?drawn=" + "9" * 400).status_code == 200, "a count nobody can show"
    assert asel.post("/originals/draw").status_code == 303
    assert number in text_of(asel.get("/originals?state=open"))
    assert "the same" in text_of(asel.get("/originals/draws/2024-06"))
    assert asel.get("/originals/draws/2024-02").status_code == 404
    assert asel.get("/originals/draws/nonsense").status_code == 404
    assert (
        asel.post("/originals/1", data={"outcome": "differs", "seen_on": "03.07.2024", "note": ""}).status_code == 422
    )
    assert asel.post("/originals/1", data={"outcome": "agrees", "seen_on": "03.07.2024"}).status_code == 303
    assert "agrees with" in text_of(asel.get("/originals/1"))
    assert number not in text_of(asel.get("/originals?state=open"))
    assert office.browser("bakyt").post("/originals/1", data={"outcome": "agrees"}).status_code == 403
    shown = text_of(imran.get(f"/permits/{number}"))
    assert "drawn at random" in shown
    assert "/originals/1" not in imran.get(f"/permits/{number}").text
    forged = (
        "INSERT INTO audit_event SELECT sequence + 1000, at, actor, action, subject, outcome, detail, previous, :digest"
        " FROM audit_event WHERE sequence = (SELECT event FROM original_draw)"
    )
    with office.work() as session:
        letters = session.execute(text("SELECT body FROM letter WHERE recipient = 'imran@example.org'")).scalars()
        assert sum("original of the foreign permit" in body for body in letters) == 1
        session.execute(text(forged), {"digest": "00" * 32})
    assert "not the same" in text_of(asel.get("/originals/draws/2024-06"))
