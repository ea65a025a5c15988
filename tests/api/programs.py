"""What tests of the HTTP interface share: programs that call it with a person's token."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from registry.accounts import service
from registry.accounts.queries import account_named, accounts
from registry.db import db
from registry.kernel.actor import SYSTEM
from tests.pages import PEOPLE, Office

_KEYS = itertools.count(1)


def new_key() -> str:
    """Return a key no request has used."""
    return f"key-{next(_KEYS):06d}"


def token_of(office: Office, username: str, *, read_only: bool = False, days: int = 30) -> str:
    """Return a new token of one of `PEOPLE`, who is hired if need be."""
    with office.rows() as session:
        known = {fact.username for fact in accounts(session)}
    if username in PEOPLE and username not in known:
        office.hire(username)
    with office.work() as session:
        number = account_named(session, username).id
        made = service.create_token(session, SYSTEM, office.clock, number, service.NewToken("t", days, read_only))
    return made.secret


class Program:
    """A program with a token: asks, sends, and reads JSON."""

    def __init__(self, office: Office, token: str | None, client: FlaskClient | None = None) -> None:
        self.client = client or office.app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"} if token is not None else {}

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask for an address below ``/api/v1``."""
        return self.client.get(f"/api/v1{path}", headers=self.headers | headers)

    def read(self, path: str) -> Any:
        """Return the JSON of an address that answers."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(
        self, path: str, body: object = None, *, key: str | None = None, media: str = "application/json", **headers: str
    ) -> TestResponse:
        """Send something under a key, by default a new one; bytes go as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body)
        sent = {"Idempotency-Key": key or new_key(), "Content-Type": media}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1{path}", data=data, headers=self.headers | sent | named)


def program(office: Office, username: str, **options: Any) -> Program:
    """Return a program that calls as one of `PEOPLE`."""
    return Program(office, token_of(office, username, **options))


@contextmanager
def statements_of(office: Office) -> Iterator[list[str]]:
    """Note every SQL statement of what is done inside."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with office.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
