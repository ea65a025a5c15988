"""A mail server for the tests: listens on this machine, keeps what it takes, refuses as it is told."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

Answer = Callable[[str], str | None]
"""Called with each line of the client; a reply of its own, or None for the usual one."""


class Peer(socketserver.ThreadingTCPServer):
    """What arrived stands in `letters`; `seen` are the lines of the clients, `users` who may sign in."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate: Path | None = None, *, tls: bool = False, starttls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Client)
        self.letters: list[EmailMessage] = []
        self.envelopes: list[tuple[str, str]] = []
        self.seen: list[str] = []
        self.users: dict[str, str] = {}
        self.answer: Answer = lambda line: None
        self.context = None
        if certificate is not None:
            self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.context.load_cert_chain(certificate)
        self.tls, self.starttls = tls, starttls

    @property
    def address(self) -> str:
        return f"localhost:{self.server_address[1]}"


class _Client(socketserver.StreamRequestHandler):
    server: Peer

    def handle(self) -> None:
        self.sender = self.recipient = ""
        self.open = True
        if self.server.tls:
            self._protect()
        self._say("220 peer")
        while self.open and (raw := self.rfile.readline()):
            line = raw.decode().rstrip("\r\n")
            self.server.seen.append(line)
            word = line.split(" ")[0].lower()
            told = self.server.answer(line)
            if told is None:
                getattr(self, f"_{word}", self._anything)(line)
            elif told:
                self._say(told)
            else:
                return

    def _anything(self, _line: str) -> None:
        self._say("250 ok")

    def _ehlo(self, _line: str) -> None:
        self._say("250-peer")
        if self.server.starttls and not isinstance(self.connection, ssl.SSLSocket):
            self._say("250-STARTTLS")
        self._say("250 AUTH PLAIN" if self.server.users else "250 HELP")

    def _starttls(self, _line: str) -> None:
        self._say("220 go on")
        self._protect()

    def _auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        self._say("235 welcome" if self.server.users.get(user) == password else "535 no")

    def _mail(self, line: str) -> None:
        self.sender = line.partition("<")[2].partition(">")[0]
        self._say("250 ok")

    def _rcpt(self, line: str) -> None:
        self.recipient = line.partition("<")[2].partition(">")[0]
        self._say("250 ok")

    def _data(self, _line: str) -> None:
        self._say("354 go on")
        self._take()
        self.server.envelopes.append((self.sender, self.recipient))
        self._say("250 taken")

    def _quit(self, _line: str) -> None:
        self._say("221 bye")
        self.open = False

    def _protect(self) -> None:
        assert self.server.context is not None
        self.connection = self.request = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.server.letters.append(message)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def listening(peer: Peer) -> Iterator[Peer]:
    """Let the server listen while the test runs."""
    with peer:
        threading.Thread(target=peer.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield peer
        finally:
            peer.shutdown()
