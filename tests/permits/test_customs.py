"""At the border: what passes is written off once for every message, never more than is permitted."""

from __future__ import annotations

import re
import threading
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, Forbidden, NotFound, TransitionRefused
from registry.permits.domain.after import bar_to_passing, customs_state, left_after
from registry.permits.domain.kinds import PermitState
from registry.permits.queries import permits_by_numbers
from registry.permits.queries.customs import write_offs_of
from registry.permits.service.customs import Outcome, Told, WriteOffAsked, reverse, write_off
from registry.permits.service.stops import stop_permits
from tests.api.programs import program
from tests.databases import Databases, engine_for
from tests.pages import PEOPLE, Office, cheap_hashes, office, text_of
from tests.permits.acting import JUNE, OFFICER
from tests.world import BISHKEK, move

__all__ = ["cheap_hashes", "office"]

CUSTOMS = Actor(5, "guard", frozenset({"customs"}))
MID_JUNE = date(2024, 6, 15)
WHOLE = "120000"
"""What permit P-6 of the example year allows: 120,000 tablets, on one consignment."""


@pytest.fixture(autouse=True)
def _guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEOPLE, "gulnara", ("customs", None))


def message(number: str = "m-1", quantity: str = "1000", **other: Any) -> WriteOffAsked:
    said: dict[str, Any] = {
        "message_id": number,
        "permit": "P-6",
        "passed_on": date(2024, 6, 14),
        "declaration": "41702/140624/0001",
        "lines": (("MOR10", quantity),),
    }
    return WriteOffAsked(**said | other)


def send(session: Session, *asked: WriteOffAsked, clock: FixedClock = JUNE) -> list[Told]:
    told = write_off(session, CUSTOMS, clock, asked)
    session.commit()
    return told


def codes(told: Told) -> list[str]:
    return [problem.code for problem in told.problems]


def left(session: Session, number: str = "P-6") -> list[int]:
    permit = permits_by_numbers(session, [number])[number]
    return list(left_after(permit, write_offs_of(session, [permit.id]).get(permit.id, [])).values())


def test_a_message_sent_again_is_answered_as_the_first_time(stocked: Session) -> None:
    first = send(stocked, message())[0]
    send(stocked, message("m-2", "500"))
    again = send(stocked, message())[0]
    assert (first.outcome, again.outcome) == (Outcome.ACCEPTED, Outcome.REPEATED)
    assert list(first.left.values()) == list(again.left.values()) == [119_000]
    assert left(stocked) == [118_500]
    other = send(stocked, message(quantity="999"))[0]
    assert (other.outcome, codes(other)) == (Outcome.REJECTED, ["id-taken"])
    assert left(stocked) == [118_500]


def test_a_batch_rejects_what_is_wrong_and_takes_the_rest(stocked: Session) -> None:
    """S12: an unknown permit, a kind on which nothing crosses the border, a line that is not on the permit."""
    stocked.execute(text("UPDATE permit SET kind = 'industrial_use' WHERE number = 'P-1'"))
    told = send(
        stocked,
        message("m-1", permit="NO-SUCH"),
        message("m-2", permit="P-1", passed_on=date(2024, 6, 14)),
        message("m-3", lines=(("MOR10", "5"), ("NONE", "5"))),
        message("m-4", lines=(("MOR10", "5"), ("MOR10", "5"))),
        message("m-5", lines=()),
        message("m-6", "0.5"),
        message("m-7", "7"),
        message("m-7", "7"),
        message("m-8", WHOLE),
    )
    assert [each.outcome.value for each in told] == ["rejected"] * 6 + ["accepted", "repeated", "rejected"]
    assert [codes(each) for each in told[:5]] == [
        ["unknown-permit"],
        ["not-valid"],
        ["unknown-line"],
        ["twice"],
        ["missing"],
    ]
    assert codes(told[8]) == ["over-permitted"]
    assert "119993" in str(told[8].problems[0].message)
    assert left(stocked) == [119_993]


def test_a_batch_takes_no_more_statements_for_more_messages(stocked: Session) -> None:
    def measure(*asked: WriteOffAsked) -> int:
        seen: list[str] = []
        connection = stocked.connection()
        event.listen(connection, "before_cursor_execute", note := lambda *given: seen.append(given[2]))
        assert {each.outcome for each in send(stocked, *asked)} == {Outcome.ACCEPTED}
        event.remove(connection, "before_cursor_execute", note)
        return len(seen)

    assert measure(message("a", "1")) == measure(*(message(f"b-{number}", "1") for number in range(10)))


def test_never_above_what_is_permitted_and_then_exhausted(stocked: Session) -> None:
    over = send(stocked, message(quantity="120001"))[0]
    assert codes(over) == ["over-permitted"]
    assert WHOLE in str(over.problems[0].message)
    assert send(stocked, message(quantity=WHOLE))[0].outcome is Outcome.ACCEPTED
    permit = permits_by_numbers(stocked, ["P-6"])["P-6"]
    entries = write_offs_of(stocked, [permit.id])[permit.id]
    assert customs_state(permit, entries, MID_JUNE) is PermitState.EXHAUSTED
    assert "exhausted" in str(bar_to_passing(permit, entries, MID_JUNE))
    assert codes(send(stocked, message("m-2", "1"))[0]) == ["not-valid"]


def test_only_on_days_on_which_the_permit_stands(stocked: Session) -> None:
    permit = permits_by_numbers(stocked, ["P-6"])["P-6"]
    told = send(
        stocked,
        message("m-1", passed_on=date(2024, 6, 16)),
        message("m-2", passed_on=permit.issued_on.replace(year=2023)),
    )
    assert [codes(each) for each in told] == [["future"], ["not-valid"]]
    late = FixedClock(datetime(2025, 6, 1, 9, 0, tzinfo=BISHKEK), BISHKEK)
    expired = send(stocked, message("m-3", passed_on=date(2025, 5, 30)), clock=late)[0]
    assert "expired" in str(expired.problems[0].message)
    with unit_of_work(stocked):
        stop_permits(stocked, OFFICER, JUNE, [permit], "officer", MID_JUNE, "a question")
    stopped = send(stocked, message("m-4", passed_on=MID_JUNE))[0]
    assert "suspended from 2024-06-15" in str(stopped.problems[0].message)
    assert send(stocked, message("m-5"))[0].outcome is Outcome.ACCEPTED


def test_one_permit_one_consignment(stocked: Session) -> None:
    send(stocked, message())
    other = send(stocked, message("m-2", declaration="41702/150624/0002"))[0]
    assert codes(other) == ["other-consignment"]
    assert send(stocked, message("m-3"))[0].outcome is Outcome.ACCEPTED


def test_what_lay_on_the_shelf_before_does_not_pass_afterwards(stocked: Session) -> None:
    report = move(stocked, "M-1,2024-06-12,import,E-IMP,,MOR10,B1,1000,P-6,IN,,,", clock=JUNE)
    assert report.written, report.as_json()
    assert "arrived on 2024-06-12" in str(send(stocked, message())[0].problems[0].message)
    assert send(stocked, message("m-2", passed_on=date(2024, 6, 12)))[0].outcome is Outcome.ACCEPTED


def test_a_write_off_is_taken_back_whole_by_a_second_entry(stocked: Session) -> None:
    send(stocked, message())
    entry = reverse(stocked, CUSTOMS, JUNE, "r-1", "m-1", "wrong lorry")
    stocked.commit()
    assert list(entry.units.values()) == [-1000]
    assert left(stocked) == [120_000]
    assert reverse(stocked, CUSTOMS, JUNE, "r-1", "m-1", "wrong lorry").id == entry.id
    with pytest.raises(Conflict):
        reverse(stocked, CUSTOMS, JUNE, "r-1", "m-1", "another reason")
    with pytest.raises(TransitionRefused):
        reverse(stocked, CUSTOMS, JUNE, "r-2", "m-1", "wrong lorry")
    with pytest.raises(NotFound):
        reverse(stocked, CUSTOMS, JUNE, "r-3", "r-1", "a reversal is not taken back")
    told = send(stocked, message("m-2", declaration="41702/150624/0002"), message())
    assert [each.outcome for each in told] == [Outcome.ACCEPTED, Outcome.REPEATED]
    assert left(stocked) == [119_000]


def test_nobody_else_writes_off_and_nothing_is_changed(stocked: Session) -> None:
    for role in ("officer", "approver", "administrator", "importer"):
        with pytest.raises(Forbidden):
            write_off(stocked, Actor(9, "x", frozenset({role}), 1), JUNE, [message()])
    send(stocked, message())
    for deed in (
        "UPDATE customs_write_off_line SET units = 1",
        "DELETE FROM customs_write_off_line",
        "UPDATE customs_write_off SET declaration = 'x'",
    ):
        with pytest.raises(DBAPIError):
            stocked.execute(text(deed))
        stocked.rollback()
    assert left(stocked) == [119_000]


def test_many_clients_one_effect_for_each_message(databases: Databases) -> None:
    """Thirty-two clients send eight messages of 20,000 tablets four times each: six fit, and each counts once."""
    engine = engine_for(databases.copy_of(databases.stocked()))
    barrier, told, surprises = threading.Barrier(32), [], []

    def client(number: int) -> None:
        try:
            with Session(engine) as session:
                barrier.wait(60)
                with unit_of_work(session):
                    told.extend(write_off(session, CUSTOMS, JUNE, [message(f"m-{number % 8}", "20000")]))
        except BaseException as error:
            surprises.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    with Session(engine) as session:
        assert left(session) == [0]
    engine.dispose()
    assert surprises == []
    outcomes = [one.outcome for one in told]
    assert [outcomes.count(each) for each in Outcome] == [6, 18, 8]


def test_the_page_for_the_border(office: Office) -> None:
    client = office.browser("gulnara")
    assert "Check a permit at the border" in text_of(client.get("/"))
    assert "No permit has this number" in text_of(client.get("/customs?q=NO-SUCH"))
    with office.rows() as session:
        permit = permits_by_numbers(session, ["P-6"])["P-6"]
    place = "/customs/permits/P-6"
    for asked in ("P-6", permit.token, f"https://registry.example/verify/{permit.token}%23R1.abc.def"):
        assert client.get(f"/customs?q={asked}").location == place
    page = client.get(place)
    assert "Goods may pass today" in text_of(page)
    line = next(iter(permit.lines.values())).id
    typed = {
        "message_id": re.search(r'name="message_id"[^>]*value="([0-9a-f]{32})"', page.text)[1],
        f"quantity_{line}": "119990",
        "declaration": "41702/150624/0001",
        "passed_on": "15.06.2024",
    }
    over = client.post("/customs/write-offs/P-6", data=typed | {f"quantity_{line}": "120001"})
    assert over.status_code == 422
    assert "120000" in text_of(over)
    bad = client.post("/customs/write-offs/P-6", data=typed | {"declaration": ""})
    assert bad.status_code == 422
    assert "This field is required" in text_of(bad)
    for _ in range(2):
        done = client.post("/customs/write-offs/P-6", data=typed)
        assert done.status_code == 303, text_of(done)
    told = text_of(client.get(done.location))
    assert "Recorded" in told
    assert "119,990 pcs" in told
    assert "The consignment has passed under declaration 41702/150624/0001" in told
    assert "Goods may pass today" not in told
    taken = client.post(
        f"/customs/reversals/{typed['message_id']}", data={"message_id": "r-1", "reason": "other lorry"}
    )
    assert taken.status_code == 303
    assert "other lorry" in text_of(client.get(place))
    assert 'role="search"' not in client.get(place).text
    assert 'role="search"' in office.browser("asel").get("/").text
    for elsewhere in ("/permits", "/permits/P-6", "/stock/", "/quotas", "/flags", "/organisations", "/search?q=P"):
        assert client.get(elsewhere).status_code in (403, 404), elsewhere


def test_others_look_but_do_not_write(office: Office) -> None:
    officer = office.browser("asel")
    assert "Goods may pass today" in text_of(officer.get("/customs/permits/P-6"))
    assert "Write off what passes" not in text_of(officer.get("/customs/permits/P-6"))
    assert officer.post("/customs/write-offs/P-6", data={}).status_code == 403
    assert office.browser("imran").get("/customs/permits/P-6").status_code == 403


def test_customs_by_program(office: Office) -> None:
    guard = program(office, "gulnara")
    sent = {
        "message_id": "a-1",
        "permit": "P-6",
        "passed_on": "2024-06-14",
        "declaration": "D-1",
        "packing": "12 boxes",
        "lines": [{"product": "MOR10", "quantity": "100"}],
    }
    batch = {"write_offs": [sent, sent | {"message_id": "a-2", "permit": "NO-SUCH"}]}
    first, second = (guard.post("/customs/write-offs", batch).get_json()["answers"] for _ in range(2))
    assert [each["outcome"] for each in first] == ["accepted", "rejected"]
    assert [each["outcome"] for each in second] == ["repeated", "rejected"]
    assert first[0]["left"] == second[0]["left"] == [{"product": "MOR10", "left": "119900"}]
    assert second[1]["problems"][0]["code"] == "unknown-permit"
    shown = guard.read("/customs/permits/P-6")
    assert (shown["may_pass"], shown["state"], shown["why_not"]) == (True, "valid", None)
    assert shown["lines"][0]["written_off"] == "100"
    back = {"message_id": "a-3", "reverses": "a-1", "reason": "wrong lorry"}
    assert guard.post("/customs/reversals", back).get_json()["lines"][0]["left"] == "120000"
    assert [each["reverses"] for each in guard.read("/customs/permits/P-6")["write_offs"]] == [None, "a-1"]
    assert guard.post("/customs/write-offs", {"write_offs": []}).status_code == 422
    assert guard.get("/permits/P-6").status_code == 403
    assert program(office, "asel").post("/customs/write-offs", batch).status_code == 403
