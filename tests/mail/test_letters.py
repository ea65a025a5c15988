"""Letters: queued with the deed, sent at least once with one Message-ID, tried again, given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.flags.queries import open_counts
from registry.flags.service import sweep
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, NotFound
from registry.mail import queries
from registry.mail.domain import LEASE, MOST_ATTEMPTS, WAITS, Attachment, Letter, LetterState, Taken
from registry.mail.service import SmtpTransport, queue, retry, send_due
from registry.mail.service.delivery import mark_failed, mark_sent, take
from registry.mail.watches import WATCHES
from registry.settings import MailSecurity, Settings
from tests.conftest import BISHKEK
from tests.databases import engine_for
from tests.mail.peer import Peer, listening

PDF = Attachment("разрешение.pdf", "application/pdf", b"%PDF-1.7\n\x00\xff")


def letter(key: str = "case 1 issued", to: str = "asel@example.kg", **more: object) -> Letter:
    made = {"language": "ru", "subject": "Разрешение выдано", "body": "Номер KG-I-2026-000001.\n.\nКонец"}
    return Letter(key, to, **(made | more))  # type: ignore[arg-type]


def post(session: Session, clock: FixedClock, *letters: Letter) -> None:
    with unit_of_work(session):
        queue(session, clock, *letters)


def states(session: Session) -> list[LetterState]:
    return [fact.state for fact in reversed(queries.letters(session, None, 100, 0))]


def later(clock: FixedClock, step: timedelta) -> FixedClock:
    return FixedClock(clock.moment + step, BISHKEK)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening(Peer()) as server:
        yield server


def way_to(server: Peer, **more: object) -> SmtpTransport:
    settings = {"mail_server": server.address, "mail_from": "registry@authority.kg", "mail_security": MailSecurity.NONE}
    return SmtpTransport(Settings(**(settings | more)))  # type: ignore[arg-type]


class Wall:
    """A way that never leads anywhere."""

    def __init__(self) -> None:
        self.asked = 0

    def send(self, _letter: Taken, _now: datetime) -> None:
        self.asked += 1
        raise ConnectionRefusedError("nobody is there")


def test_a_letter_arrives_as_it_was_written(session: Session, clock: FixedClock, peer: Peer) -> None:
    post(session, clock, letter(attachments=(PDF,)))
    done = send_due(session, clock, way_to(peer))
    assert (done.as_json(), states(session)) == ({"sent": 1, "failed": 0, "given_up": 0}, [LetterState.SENT])
    [arrived] = peer.letters
    assert peer.envelopes == [("registry@authority.kg", "asel@example.kg")]
    assert (arrived["Subject"], arrived["To"], arrived["From"]) == (
        "Разрешение выдано", "asel@example.kg", "registry@authority.kg",
    )  # fmt: skip
    assert arrived["Content-Language"] == "ru"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Date"] == "Sun, 22 Nov 2026 03:00:00 +0000"
    body = arrived.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["Номер KG-I-2026-000001.", ".", "Конец"]
    [file] = arrived.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        PDF.name, PDF.media_type, PDF.content,
    )  # fmt: skip
    assert send_due(session, clock, way_to(peer)).sent == 0
    fact = queries.letter_by_id(session, queries.letters(session, None, 1, 0)[0].id)
    assert fact is not None
    assert (fact.sent_at, fact.files, fact.attempts) == (clock.now(), (PDF.name,), 1)


def test_a_letter_is_there_with_the_deed_or_not_at_all(session: Session, clock: FixedClock) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(session):
        _ = queue(session, clock, letter()), 1 // 0
    assert states(session) == []


def test_the_same_deed_is_told_once(session: Session, clock: FixedClock, peer: Peer) -> None:
    post(session, clock, letter(), letter(subject="Ещё раз"))
    post(session, clock, letter(attachments=(PDF,)))
    send_due(session, clock, way_to(peer))
    post(session, clock, letter())
    assert send_due(session, clock, way_to(peer)).sent == 0
    assert len(peer.letters) == 1
    assert not list(peer.letters[0].iter_attachments()), "the files of a repeated letter do not join the first one"


def test_no_personal_number_leaves(session: Session, clock: FixedClock, peer: Peer) -> None:
    post(session, clock, letter(subject="О 21503199012345", body="Пациент 10101200500123, счёт 31234567890123456"))
    send_due(session, clock, way_to(peer))
    told = f"{peer.letters[0]['Subject']} {peer.letters[0].get_content()}"
    assert "21503199012345" not in told
    assert "10101200500123" not in told
    assert "31234567890123456" in told, "a longer number is no personal number"


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "one\r\nBcc: everybody@example.kg"},
        {"subject": " "},
        {"to": "a@example.kg, b@example.kg"},
        {"to": "a@example.kg\nBcc: b@example.kg"},
        {"to": "Asel@EXAMPLE.kg"},
        {"body": ""},
        {"key": ""},
        {"attachments": (Attachment("a", "pdf", b""),)},
        {"attachments": (Attachment("a\nb", "text/plain", b""),)},
        {"attachments": (Attachment("a", "text/plain", bytes(16 * 2**20)),)},
    ],
)
def test_a_letter_no_server_could_carry_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - an address is refused by its reader, the rest by the letter
        letter(**wrong)  # type: ignore[arg-type]


def test_mai_01_a_letter_is_tried_again_and_then_given_up_with_a_flag(session: Session, clock: FixedClock) -> None:
    """Each wait is asked a second before its end, when the letter rests, and exactly at its end, when it is due."""
    post(session, clock, letter())
    wall = Wall()
    assert send_due(session, clock, wall).failed == 1
    for attempt, wait in enumerate(WAITS, start=1):
        assert states(session) == [LetterState.FAILED]
        send_due(session, later(clock, wait - timedelta(seconds=1)), wall)
        assert wall.asked == attempt
        clock = later(clock, wait)
        send_due(session, clock, wall)
        assert wall.asked == attempt + 1
    assert (states(session), wall.asked) == ([LetterState.GIVEN_UP], MOST_ATTEMPTS)
    assert open_counts(session) == {"MAI-01": 1}
    assert send_due(session, later(clock, timedelta(days=9)), wall).failed == 0
    fact = queries.letters_given_up(session)[0]
    assert fact.last_error == "ConnectionRefusedError: nobody is there"


def test_a_letter_sent_after_all_closes_its_flag(session: Session, clock: FixedClock, peer: Peer) -> None:
    post(session, clock, letter())
    session.execute(text("UPDATE letter SET attempts = 5"))
    session.commit()
    assert send_due(session, clock, Wall()).given_up == 1
    number = queries.letters_given_up(session)[0].id
    with unit_of_work(session):
        sweep(session, SYSTEM, clock, WATCHES)
    assert open_counts(session) == {"MAI-01": 1}
    with unit_of_work(session):
        retry(session, SYSTEM, clock, number)
    with pytest.raises(Conflict), unit_of_work(session):
        retry(session, SYSTEM, clock, number)
    with pytest.raises(NotFound), unit_of_work(session):
        retry(session, SYSTEM, clock, 10**6)
    assert send_due(session, clock, way_to(peer)).sent == 1
    with unit_of_work(session):
        sweep(session, SYSTEM, clock, WATCHES)
    assert open_counts(session) == {}


def test_a_sender_that_dies_after_sending_sends_again_with_the_same_id(
    session: Session, clock: FixedClock, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The crash between handing over and marking: the letter is not lost, and its reader's program sees one letter."""
    post(session, clock, letter())

    class PowerCut(BaseException):
        pass

    def dies(*_arguments: object) -> None:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr("registry.mail.service.delivery.mark_sent", dies)
        with pytest.raises(PowerCut):
            send_due(session, clock, way_to(peer))
    session.rollback()
    assert (len(peer.letters), states(session)) == (1, [LetterState.QUEUED])
    assert send_due(session, later(clock, LEASE - timedelta(seconds=1)), way_to(peer)).sent == 0, "still under lease"
    assert send_due(session, later(clock, LEASE), way_to(peer)).sent == 1
    first, second = peer.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@authority.kg>")
    assert states(session) == [LetterState.SENT]


def test_a_letter_that_kills_every_sender_is_given_up(session: Session, clock: FixedClock) -> None:
    post(session, clock, letter())
    for _ in range(MOST_ATTEMPTS):
        with unit_of_work(session):
            assert len(take(session, clock, 10)) == 1
        clock = later(clock, LEASE)
    wall = Wall()
    assert send_due(session, clock, wall).given_up == 1
    assert wall.asked == 0


def test_a_slow_sender_does_not_undo_what_a_later_one_did(session: Session, clock: FixedClock) -> None:
    post(session, clock, letter())
    with unit_of_work(session):
        [slow] = take(session, clock, 1)
    with unit_of_work(session):
        [quick] = take(session, later(clock, LEASE), 1)
    mark_failed(session, clock, slow, "late")
    assert states(session) == [LetterState.QUEUED], "the later taking stands"
    mark_sent(session, clock, quick)
    mark_failed(session, clock, slow, "later still")
    assert states(session) == [LetterState.SENT]


def test_two_senders_at_once_send_each_letter_once(database_url: str, clock: FixedClock, peer: Peer) -> None:
    engine = engine_for(database_url)
    with Session(engine) as session:
        post(session, clock, *(letter(f"case {number}") for number in range(40)))

    def run() -> None:
        with Session(engine) as own:
            send_due(own, clock, way_to(peer))

    senders = [threading.Thread(target=run) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    with Session(engine) as session:
        assert states(session) == [LetterState.SENT] * 40
    ids = [arrived["Message-ID"] for arrived in peer.letters]
    assert (len(ids), len(set(ids))) == (40, 40)
    engine.dispose()


def test_the_database_is_free_while_the_server_is_spoken_to(database_url: str, clock: FixedClock) -> None:
    """On SQLite a transaction would hold the only write lock as long as the mail server takes to answer."""
    engine = engine_for(database_url)

    class Writes:
        def send(self, _letter: Taken, _now: datetime) -> None:
            with Session(engine) as other:
                post(other, clock, letter("written meanwhile"))

    with Session(engine) as session:
        post(session, clock, letter())
        send_due(session, clock, Writes(), limit=1)
        assert states(session) == [LetterState.SENT, LetterState.QUEUED]
    engine.dispose()


def test_one_refused_reader_does_not_hold_up_the_others(session: Session, clock: FixedClock, peer: Peer) -> None:
    peer.answer = lambda line: "550 nobody of that name" if line.lower().startswith("rcpt to:<b@") else None
    post(session, clock, *(letter(to, f"{to}@example.kg") for to in "abc"))
    assert send_due(session, clock, way_to(peer)).as_json() == {"sent": 2, "failed": 1, "given_up": 0}
    assert states(session) == [LetterState.SENT, LetterState.FAILED, LetterState.SENT]
    assert "nobody of that name" in (queries.letters_not_sent(session)[0].last_error or "")


def test_a_server_that_hangs_up_leaves_the_letter_for_later(session: Session, clock: FixedClock, peer: Peer) -> None:
    peer.answer = lambda line: "" if line.lower() == "data" else None
    post(session, clock, letter())
    assert send_due(session, clock, way_to(peer)).failed == 1


def test_queueing_takes_the_same_statements_however_many_letters(session: Session, clock: FixedClock) -> None:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "BEGIN")):
            seen.append(statement)

    def statements(*letters: Letter) -> int:
        seen.clear()
        post(session, clock, *letters)
        return len(seen)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        one = statements(letter("first", attachments=(PDF,)))
        assert statements(*(letter(f"more {number}", attachments=(PDF, PDF)) for number in range(50))) == one
        assert statements() == 0
    finally:
        event.remove(engine, "before_cursor_execute", note)
