"""A large file tells how far it is on its page; what is written is written once, whole, or not at all."""

from __future__ import annotations

import io
import re
import threading
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import event

from registry.db import db
from registry.exchange import catalogue, service
from registry.exchange.models import Upload
from registry.exchange.service import SHORT_ROWS, SHORT_WORKBOOK, takes_long
from registry.intake.check import CHECKING, Report
from registry.intake.reader import READING
from registry.kernel.progress import tell
from registry.parties.queries import find_sites
from tests.accounts.conftest import Site

HEADER = "code,name,kind\n"
STEP = re.compile(r"registry-progress__step[ \"][^>]*>([^<]*)<")
WAITING, COMPARING, KEEPING = "Waiting for its turn to write", "Comparing with what is recorded", "Keeping what was written"  # fmt: skip
LONG = 30


def rows(count: int, kind: str = "pharmacy", mark: str = "A") -> str:
    return HEADER + "".join(f"{mark}{n},Аптека № {n},{kind}\n" for n in range(count))


@pytest.fixture
def people(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Administrators of a site where three rows are many."""
    monkeypatch.setattr(service, "SHORT_ROWS", 3)
    site.create("admin", "administrator")
    site.create("second", "administrator")
    return site


def sent(browser: FlaskClient, text: str) -> str:
    data = {"file": (io.BytesIO(text.encode()), "many.csv")}
    answer = browser.post("/files/organisations", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def total(site: Site) -> int:
    with site.app.app_context():
        return find_sites(db.session()).total


def steps(text: str) -> list[str]:
    return [unescape(step) for step in STEP.findall(text)]


def onward(text: str) -> str | None:
    """Return where a page leads by itself."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', text)
    return found[1] if found else None


def test_many_rows_tell_and_few_do_not(people: Site) -> None:
    browser = people.browser("admin")
    few = browser.get(sent(browser, rows(2)))
    assert steps(few.text) == []
    many = browser.get(sent(browser, rows(5)))
    assert steps(many.text) == [READING, CHECKING, COMPARING, "Done"]
    assert ">5 of 6<" in many.text
    # Both end with the same: what would be written, and the button that writes it.
    for page in (few.text, many.text):
        assert "Nothing stands against the file" in page
        assert "/confirm" in page
    assert people.events("exchange.take_in") == []
    assert total(people) == 0


def test_rows_of_a_workbook_are_not_known_before_it_is_read() -> None:
    assert not takes_long(rows(SHORT_ROWS - 1).encode())
    assert takes_long(rows(SHORT_ROWS).encode())
    book = Workbook()
    book.active.append(("code", "name", "kind"))
    small = io.BytesIO()
    book.save(small)
    assert not takes_long(small.getvalue())
    assert takes_long(small.getvalue() + bytes(SHORT_WORKBOOK))


def test_writing_tells_and_leads_to_the_receipt(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, rows(5))
    told = browser.post(f"{place}/confirm").text
    assert steps(told) == [WAITING, READING, CHECKING, COMPARING, KEEPING, "Done"]
    assert (onward(told), total(people)) == (place, 5)
    assert "Written to the registry" in browser.get(place).text
    # A second press writes nothing and leads to the receipt at once.
    again = browser.post(f"{place}/confirm")
    assert (again.status_code, again.headers["Location"]) == (303, place)
    assert [outcome for *_, outcome in people.events("exchange.take_in")] == ["done"]


def test_two_presses_at_once_write_once_and_both_lead_to_the_receipt(people: Site) -> None:
    browsers = [people.browser("admin"), people.browser("admin")]
    place = sent(browsers[0], rows(40))
    start = threading.Barrier(2)
    answers: list[tuple[int, str | None]] = []

    def press(browser: FlaskClient) -> None:
        start.wait(LONG)
        answer = browser.post(f"{place}/confirm")
        answers.append((answer.status_code, onward(answer.text) or answer.headers.get("Location")))

    presses = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
    for one in presses:
        one.start()
    for one in presses:
        one.join(LONG)
    assert len(answers) == 2
    assert {where for _, where in answers} == {place}
    assert total(people) == 40
    assert [outcome for *_, outcome in people.events("exchange.take_in")] == ["done"]


def test_a_look_that_ends_after_the_file_was_written_leads_to_the_receipt(people: Site) -> None:
    browser, other = people.browser("admin"), people.browser("admin")
    place = sent(browser, rows(5))
    pieces = iter(browser.get(place).response)
    next(pieces)
    assert onward(other.post(f"{place}/confirm").text) == place
    rest = "".join(piece.decode() if isinstance(piece, bytes) else piece for piece in pieces)
    assert onward(rest) == place


def test_what_is_refused_at_the_last_moment_is_shown_where_the_result_stands(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, rows(5, kind="shop"))
    told = browser.post(f"{place}/confirm").text
    assert "The file is refused: nothing is written" in told
    assert onward(told) is None
    assert total(people) == 0
    assert [outcome for *_, outcome in people.events("exchange.take_in")] == ["refused"]


def test_more_errors_than_fit_are_all_behind_an_address_that_can_be_asked_for(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, rows(501, kind="shop"))
    told = browser.post(f"{place}/confirm").text
    links = re.findall(r'<main.*href="(/files/organisations/[^"]*)"', told, re.DOTALL)
    assert links == [place]
    assert f"{place}/confirm?page" not in told
    assert "A500" not in told
    assert f"{place}?page=2" in browser.get(place).text


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Organisations that fail after they were written, before anything is kept."""
    kinds = dict(catalogue.file_kinds())
    kind = kinds["organisations"]

    def apply(*arguments: object) -> Report:
        kind.apply(*arguments)  # type: ignore[arg-type]
        tell("Working out the balances")
        raise RuntimeError("the disk is full")

    kinds["organisations"] = replace(kind, apply=apply)
    monkeypatch.setattr(service, "kind_named", kinds.__getitem__)


@pytest.mark.usefixtures("broken")
def test_a_fault_in_the_middle_of_writing_leaves_nothing_and_is_said(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, rows(5))
    told = browser.post(f"{place}/confirm")
    assert told.status_code == 200
    assert steps(told.text)[-2:] == ["Working out the balances", "Stopped"]
    assert "Something went wrong on our side" in told.text
    assert told.headers["X-Request-ID"] in told.text
    assert "disk" not in told.text
    assert onward(told.text) is None
    assert total(people) == 0
    assert people.events("exchange.take_in") == []
    with people.app.app_context():
        [kept] = db.session().query(Upload)
        assert kept.content is not None


def test_after_a_fault_the_same_file_can_be_written(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, rows(5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "judge", lambda *_: 1 / 0)
        assert steps(browser.post(f"{place}/confirm").text)[-1] == "Stopped"
    assert onward(browser.post(f"{place}/confirm").text) == place
    assert total(people) == 5


def test_a_file_thrown_away_meanwhile_is_a_refusal_in_the_middle_and_recorded(people: Site) -> None:
    browser, other = people.browser("admin"), people.browser("admin")
    place = sent(browser, rows(5))
    pieces = iter(browser.post(f"{place}/confirm").response)
    next(pieces)
    assert other.post(f"{place}/discard").status_code == 303
    rest = "".join(piece.decode() if isinstance(piece, bytes) else piece for piece in pieces)
    assert "written or thrown away already" in unescape(rest)
    assert total(people) == 0
    assert [outcome for *_, outcome in people.events("files.import.organisations")] == ["refused"]


def test_a_lost_connection_does_not_stop_what_is_being_written(people: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = people.browser("admin")
    place = sent(browser, rows(5))
    cut, over = threading.Event(), threading.Event()
    judge = service.judge

    def slow(*arguments: object) -> Report:
        assert cut.wait(LONG)
        return judge(*arguments)  # type: ignore[arg-type]

    record = service.record

    def noted(*arguments: object, **named: object) -> None:
        record(*arguments, **named)  # type: ignore[arg-type]
        over.set()

    monkeypatch.setattr(service, "judge", slow)
    monkeypatch.setattr(service, "record", noted)
    answer = browser.post(f"{place}/confirm")
    pieces = iter(answer.response)
    next(pieces)
    assert WAITING in str(next(pieces))
    answer.close()
    cut.set()
    assert over.wait(LONG)
    for thread in threading.enumerate():
        if thread.name.startswith("work "):
            thread.join(LONG)
    assert "Written to the registry" in people.browser("admin").get(place).text
    assert total(people) == 5


def test_statements_of_a_page_that_tells_do_not_grow_with_its_rows(people: Site) -> None:
    browser = people.browser("admin")

    def measure(count: int) -> tuple[int, int]:
        place = sent(browser, rows(count, mark=f"{count}-"))
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        with people.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert "Nothing stands against" in browser.get(place).text
            looked = len(seen)
            assert onward(browser.post(f"{place}/confirm").text) == place
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return looked, len(seen)

    measure(5)
    assert measure(50) == measure(2500)


def test_who_may_not_send_starts_nothing(people: Site) -> None:
    people.create("officer", "officer")
    place = sent(people.browser("admin"), rows(5))
    assert people.browser("officer").post(f"{place}/confirm").status_code == 403
    assert people.browser("second").post(f"{place}/confirm").status_code == 404
    assert people.browser().post(f"{place}/confirm").status_code == 303
    assert total(people) == 0


@pytest.mark.parametrize(("language", "done"), [("ky", "Даяр"), ("ru", "Готово"), ("en", "Done")])
def test_steps_are_told_in_the_language_of_the_reader(people: Site, language: str, done: str) -> None:
    people.create("reader", "administrator", language=language)
    browser = people.browser("reader")
    place = sent(browser, rows(5))
    look, written = browser.get(place).text, browser.post(f"{place}/confirm").text
    assert steps(look)[-1] == steps(written)[-1] == done
    if language != "en":
        assert not {READING, CHECKING, COMPARING, KEEPING, WAITING} & {*steps(look), *steps(written)}


def test_without_its_token_a_press_writes_nothing(people: Site) -> None:
    browser = people.browser("admin")
    place = sent(browser, rows(5))
    people.app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post(f"{place}/confirm").status_code == 400
    assert total(people) == 0
    page = browser.get(place).text
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page[page.index("<main") :]))
    # The token in the streamed part is that of the session: the press that follows is taken.
    assert onward(browser.post(f"{place}/confirm", data={"csrf_token": token}).text) == place
    assert total(people) == 5
