"""A page that tells how far long work is while it is done: one answer, sent in pieces, without script.

The shell of the page goes out first, then every step as the work tells it (`kernel.progress`),
then what came of it, in the same answer. The work runs in a thread of its own that lives in a
copy of the request, so that the answer keeps moving (and notices a reader who has gone) while
the database is busy.

A reader who goes away ends work that keeps nothing; work that writes goes on `to_the_end`,
for otherwise a lost connection would decide what is recorded. Work that was never begun,
because nobody fetched the answer, leaves no trace.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Thread

import structlog
from flask import Response, copy_current_request_context, get_template_attribute
from markupsafe import Markup

from registry.kernel.progress import heard_by
from registry.kernel.text import N_
from registry.web import errors, request_log

MACROS = "components/progress.html"
MARK = Markup("<!-- told here -->")
"""Where a shell is cut in two; a comment that no text of people can spell, since text is escaped."""

BEAT_SECONDS = 2
"""After this much silence a line end is sent: it keeps proxies patient and shows whether anybody is there."""

BEAT = "\n"
GONE = "gone"
DONE = "done"
FAILED = "failed"

log = structlog.get_logger("registry.work")


class ReaderGone(Exception):
    """Not an error: nobody waits any more for what the work would find out."""


def working(shell: str, work: Callable[[], str], *, to_the_end: bool) -> Response:
    """Answer with `shell`, the steps `work` tells, and the HTML it returns.

    `shell` is a whole page that holds `progress_place` once. `work` runs in a copy of this request,
    with a database session of its own; what it raises is shown as every refusal and fault is. The status
    is 200 whatever comes of it: it goes out before anybody knows.
    """
    answer = Response(_Telling(shell, work, to_the_end=to_the_end).pieces(), mimetype="text/html")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def forward(address: str, text: str) -> str:
    """Return the HTML that leads on to `address` by itself, with a link for whom it does not."""
    return str(get_template_attribute(MACROS, "onward")(address, text))


class _Telling:
    """One such answer: the work puts pieces of HTML on one side, the server takes them on the other."""

    def __init__(self, shell: str, work: Callable[[], str], *, to_the_end: bool) -> None:
        self.head, mark, self.tail = shell.partition(MARK)
        if not mark:
            raise ValueError("the shell has no place for the progress")
        self.to_the_end = to_the_end
        self.gone = Event()
        self.told: SimpleQueue[str | None] = SimpleQueue()
        self.step: str | None = None
        self.number = request_log.request_id()
        self.work = work
        self.run = copy_current_request_context(self._run)

    def pieces(self) -> Iterator[str]:
        """Yield the page; the work begins once its head was taken."""
        yield self.head
        Thread(target=self.run, name=f"work {self.number}", daemon=False).start()
        try:
            while (piece := self._next()) is not None:
                yield piece
            yield self.tail
        finally:
            self.gone.set()

    def _next(self) -> str | None:
        try:
            return self.told.get(timeout=BEAT_SECONDS)
        except Empty:
            return BEAT

    def _run(self) -> None:
        request_log.go_on_as(self.number)
        started = time.perf_counter()
        outcome = FAILED
        try:
            with heard_by(self._hear):
                html = self.work()
            self._close(N_("Done"), html, "registry-result")
            outcome = DONE
        except ReaderGone:
            outcome = GONE
        except Exception as error:
            self._close(N_("Stopped"), errors.part(error), "registry-failure")
        finally:
            self.told.put(None)
            log.info("work", outcome=outcome, milliseconds=round((time.perf_counter() - started) * 1000))

    def _hear(self, step: str, done: int, whole: int) -> None:
        if self.gone.is_set():
            if self.to_the_end:
                return
            raise ReaderGone
        if step != self.step:
            self.step = step
            self._put("step", step)
        self._put("tick", done, whole)

    def _close(self, last: str, html: str, style: str) -> None:
        self._put("end", last, Markup(html), style)  # noqa: S704 - rendered by our own templates

    def _put(self, macro: str, *values: object) -> None:
        self.told.put(str(get_template_attribute(MACROS, macro)(*values)))
