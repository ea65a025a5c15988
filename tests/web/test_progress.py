"""A page that tells how far work is: its pieces come in order, a fault in the middle is said, a reader may leave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask import Flask, render_template_string, request

from registry.kernel.errors import Conflict
from registry.kernel.progress import tell
from registry.kernel.text import Message
from registry.web import progress
from registry.web.progress import MARK, forward, working
from tests.web.gallery import Officer, make_app

SHELL = (
    "{% extends 'layout.html' %}{% from 'components/progress.html' import progress_place %}"
    "{% block content %}<h1>File</h1>{{ progress_place('wait', mark) }}{% endblock %}"
)
STEP = re.compile(r'registry-progress__step[ "][^>]*>([^<]*)<')
LONG = 30
"""Seconds after which a test that waits has failed."""


class Bench:
    """A page whose work a test sets."""

    def __init__(self) -> None:
        self.app: Flask = make_app(person=Officer())
        self.work: Callable[[], str] = lambda: ""
        self.to_the_end = False
        self.app.add_url_rule("/work", "work", self._view, methods=["GET"])
        self.client = self.app.test_client()

    def _view(self) -> object:
        shell = render_template_string(SHELL, mark=MARK)
        return working(shell, self.work, to_the_end=self.to_the_end)

    def pieces(self) -> Iterator[str]:
        answer = self.client.get("/work", headers={"X-Request-ID": "request-of-the-test"})
        return (piece.decode() if isinstance(piece, bytes) else piece for piece in answer.response)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_shell_steps_and_result_come_in_this_order_and_make_one_page(bench: Bench) -> None:
    def work() -> str:
        tell("Reading")
        tell("Reading", 1, 4)
        tell("Writing <b>")
        return f"<p>result of {request.path}</p>"

    bench.work = work
    text = bench.client.get("/work").text
    assert STEP.findall(text) == ["Reading", "Writing &lt;b&gt;", "Done"]
    places = [
        text.index(sign)
        for sign in ("<h1>File</h1>", "Reading", 'max="4" value="1"', "Writing", "Done", "result of /work", "</html>")
    ]
    assert places == sorted(places)
    assert text.count("<div") == text.count("</div>")
    assert "told here" not in text


def test_the_shell_goes_out_before_the_work_begins(bench: Bench) -> None:
    begun = Event()
    bench.work = lambda: begun.set() or "over"  # type: ignore[func-returns-value]
    pieces = bench.pieces()
    head = next(pieces)
    assert "<h1>File</h1>" in head
    assert not begun.is_set()
    assert "over" in "".join(pieces)


def test_a_step_is_sent_while_the_work_goes_on(bench: Bench) -> None:
    seen = Event()

    def work() -> str:
        tell("Reading")
        assert seen.wait(LONG)
        return "over"

    bench.work = work
    pieces = bench.pieces()
    next(pieces)
    assert "Reading" in next(pieces)
    seen.set()
    assert "over" in "".join(pieces)


def test_silence_is_broken_so_that_proxies_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BEAT_SECONDS", 0)
    beaten = Event()
    bench.work = lambda: str(beaten.wait(LONG))
    pieces = bench.pieces()
    next(pieces)
    assert next(pieces) == "\n"
    beaten.set()
    assert "True" in "".join(pieces)


def test_a_refusal_in_the_middle_is_said_with_its_reason_and_the_page_is_whole(bench: Bench) -> None:
    def work() -> str:
        tell("Writing")
        raise Conflict(Message("The number is taken"))

    bench.work = work
    answer = bench.client.get("/work")
    assert answer.status_code == 200
    assert STEP.findall(answer.text) == ["Writing", "Stopped"]
    assert "The number is taken" in answer.text
    assert 'role="alert"' in answer.text
    assert answer.text.rstrip().endswith("</html>")


def test_a_fault_in_the_middle_is_logged_with_the_requests_id_and_tells_nothing(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> str:
        raise RuntimeError("secret detail")

    bench.work = work
    text = "".join(bench.pieces())
    assert "Something went wrong on our side" in text
    assert "request-of-the-test" in text
    assert "secret detail" not in text
    logged = [line for line in capsys.readouterr().err.splitlines() if "fault" in line]
    assert any("request-of-the-test" in line for line in logged)


@pytest.mark.parametrize("to_the_end", [False, True])
def test_a_reader_who_leaves_ends_what_keeps_nothing_and_only_that(bench: Bench, to_the_end: bool) -> None:
    left, over, finished = Event(), Event(), Event()

    def work() -> str:
        try:
            tell("Reading")
            assert left.wait(LONG)
            tell("Reading", 1, 2)
            finished.set()
        finally:
            over.set()
        return ""

    bench.work, bench.to_the_end = work, to_the_end
    answer = bench.client.get("/work")
    pieces = iter(answer.response)
    next(pieces)
    next(pieces)
    answer.close()
    left.set()
    assert over.wait(LONG)
    assert finished.is_set() is to_the_end


def test_what_nobody_fetches_is_not_begun(bench: Bench) -> None:
    begun = Event()
    bench.work = lambda: begun.set() or ""  # type: ignore[func-returns-value]
    assert bench.client.head("/work").status_code == 200
    answer = bench.client.get("/work")
    next(iter(answer.response))
    answer.close()
    assert not begun.wait(0.2)


def test_headers_are_those_of_every_page(bench: Bench) -> None:
    told, plain = bench.client.get("/work"), bench.client.get("/stock")
    names = ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control")
    assert [told.headers[name] for name in names] == [plain.headers[name] for name in names]
    policy = told.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy
    # The scripts of the shell bear the word of the header; what the work adds has none at all.
    nonces = set(re.findall(r'<script[^>]*nonce="([^"]+)"', told.text))
    assert nonces
    assert all(f"'nonce-{word}'" in policy for word in nonces)
    assert told.headers["X-Accel-Buffering"] == "no"


def test_a_shell_without_a_place_is_a_slip_of_ours(bench: Bench) -> None:
    with bench.app.test_request_context("/work"), pytest.raises(ValueError, match="no place"):
        working("<p></p>", str, to_the_end=False)


def test_onward_is_a_refresh_and_a_link_and_escapes_its_address(bench: Bench) -> None:
    with bench.app.test_request_context("/work"):
        html = forward('/files/"><b>', "Go <on>")
    assert 'http-equiv="refresh"' in html
    assert "<b>" not in html
    assert html.count("/files/&#34;&gt;&lt;b&gt;") == 2
    assert "Go &lt;on&gt;" in html


@pytest.mark.parametrize(("language", "word"), [("ky", "Даяр"), ("ru", "Готово"), ("en", "Done")])
def test_the_work_speaks_the_readers_language(bench: Bench, language: str, word: str) -> None:
    bench.client.set_cookie("registry_language", language)
    bench.work = lambda: ""
    assert word in STEP.findall(bench.client.get("/work").text)
