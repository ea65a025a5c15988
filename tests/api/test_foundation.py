"""How any endpoint is asked and answers, shown on endpoints of this test's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import marshmallow
import pytest
from marshmallow import fields
from sqlalchemy import func, select

from registry.accounts.queries import account_named
from registry.api.bodies import Many, One
from registry.api.cursors import pack, page_of, paging, size_of
from registry.api.endpoints import Answer, Call, Endpoints
from registry.api.models import GivenAnswer
from registry.api.schemas import listed
from registry.api.service import CLEARS, KEPT_FOR, take_key
from registry.audit.models import AuditEvent
from registry.audit.service import record
from registry.kernel.errors import Conflict, Forbidden, NotFound, RuleRefused, Stale, TransitionRefused
from registry.kernel.fields import Column, as_code, as_day, choice, quantity
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import Message
from registry.web.schema import schema_of
from tests.api.programs import Program, new_key, program, token_of
from tests.pages import Office, build, cheap_hashes, close

__all__ = ["cheap_hashes"]

DEED = "probe.deed"
COLUMNS = (
    Column("name", as_code),
    Column("amount", quantity(6), required=False),
    Column("on", as_day, required=False),
    Column("sort", choice(("a", "b")), required=False, choices=("a", "b")),
)
KNOWN_RULE = Rule("PRB-00", "a rule", "an act", Severity.REFUSE, ())  # fmt: skip
ERRORS = {
    "none": (NotFound, 404, "not-found"),
    "no": (Forbidden, 403, "forbidden"),
    "conflict": (Conflict, 409, "conflict"),
    "step": (TransitionRefused, 409, "step-not-possible"),
    "stale": (Stale, 412, "changed-meanwhile"),
}


class Shown(marshmallow.Schema):
    name = fields.String()


class Versioned(Shown):
    version = fields.Integer()


class Probe:
    """Endpoints on an application, and what they have done."""

    def __init__(self) -> None:
        self.version = 1
        self.wait = threading.Event()
        self.wait.set()
        self.begun = threading.Event()
        self.endpoints = Endpoints("probe")
        self.declare()

    def declare(self) -> None:
        probe = self.endpoints
        name = Column("name", as_code, required=False)

        @probe.get("/probe", "home", listed(Shown()), query=(name, *paging(str)))
        def names(call: Call) -> object:
            after, size = call.query["cursor"], size_of(call.query)
            every = [{"name": letter} for letter in "abcdefg"]
            return page_of(
                [one for one in every if not after or one["name"] > after[0]][: size + 1],
                size,
                lambda one: (one["name"],),
            )

        @probe.get("/probe/thing", "home", Versioned(), versioned=True)
        def thing(_call: Call) -> Answer:
            return Answer({"name": "thing", "version": self.version}, version=self.version)

        @probe.post("/probe/thing", "home", Versioned(), body=One(schema_of(COLUMNS[:1])), versioned=True)
        def change(call: Call) -> Answer:
            if call.version != self.version:
                raise Stale(Message("another version"))
            self.version += 1
            return Answer({"name": call.body["name"], "version": self.version}, version=self.version)

        @probe.post("/probe/deeds", "home", Shown(), body=One(schema_of(COLUMNS)), status=201)
        def deed(call: Call) -> Answer:
            record(call.session, call.actor, call.clock, DEED, call.body["name"])
            self.begun.set()
            self.wait.wait(20)
            if call.body["name"] == "refused":
                raise RuleRefused(
                    Message("a rule"),
                    [
                        Finding(
                            KNOWN_RULE,
                            Message("too much"),
                            Severity.REFUSE,
                            observed="12",
                            limit="10",
                            largest_g="10",
                            largest_quantity="5",
                        )
                    ],
                )
            if call.body["name"] in ERRORS:
                raise ERRORS[call.body["name"]][0](Message("no"))
            return Answer({"name": call.body["name"]}, location="/api/v1/probe", written=call.body["name"] != "trial")

        @probe.post("/probe/lines", "home", Shown(), body=Many("lines", COLUMNS, 3))
        def lines(call: Call) -> object:
            return {"name": ";".join(f"{one.row}.{one.column}.{one.code}" for one in call.body.problems) or "fine"}

        @probe.get("/probe/closed", "accounts.manage", Shown())
        def closed(_call: Call) -> object:
            return {"name": "closed"}


class ProbedOffice(Office):
    probe: Probe

    def deeds(self) -> int:
        with self.rows() as session:
            return (
                session.scalar(select(func.count()).where(AuditEvent.action == DEED, AuditEvent.outcome == "done")) or 0
            )

    def kept(self) -> int:
        with self.rows() as session:
            return session.scalar(select(func.count()).select_from(GivenAnswer)) or 0


@pytest.fixture
def office(database_url: str, tmp_path: Path, cheap_hashes: None) -> Iterator[ProbedOffice]:
    app = build(database_url, tmp_path)
    probe = Probe()
    probe.endpoints.init_app(app)
    made = ProbedOffice(app)
    made.probe = probe
    made.hire("asel", "dinara")
    yield made
    close(app)


def test_without_a_good_token_nothing_is_answered(office: ProbedOffice) -> None:
    for headers in ({}, {"Authorization": "Bearer nrt_wrong"}, {"Authorization": "Basic YTpi"}, {"Authorization": ""}):
        told = office.app.test_client().get("/api/v1/probe", headers=headers)
        assert (told.status_code, told.mimetype) == (401, "application/problem+json"), headers
        assert told.headers["WWW-Authenticate"].startswith("Bearer")
        assert told.get_json()["code"] == "sign-in"


def test_the_session_of_a_browser_opens_nothing_here(office: ProbedOffice) -> None:
    browser = office.browser("asel")
    assert browser.get("/").status_code == 200
    assert browser.get("/api/v1/probe").status_code == 401
    assert (
        browser.post("/api/v1/probe/deeds", json={"name": "x"}, headers={"Idempotency-Key": new_key()}).status_code
        == 401
    )
    assert office.deeds() == 0


def test_a_token_opens_no_page(office: ProbedOffice) -> None:
    told = office.app.test_client().get("/profile", headers=program(office, "asel").headers)
    assert told.status_code == 303


def test_the_policy_is_asked_and_the_refusal_recorded(office: ProbedOffice) -> None:
    assert program(office, "asel").get("/probe/closed").status_code == 403
    assert program(office, "dinara").get("/probe/closed").status_code == 200
    assert ("asel", "accounts.manage") in office.refusals()


def test_a_token_that_only_reads_writes_nothing(office: ProbedOffice) -> None:
    reader = program(office, "asel", read_only=True)
    assert reader.get("/probe").status_code == 200
    told = reader.post("/probe/deeds", {"name": "x"})
    assert (told.status_code, told.get_json()["detail"]) == (403, "this token may only read")
    assert office.deeds() == 0
    assert ("asel", "accounts.use_token") in office.refusals()


def test_a_token_ends_at_its_moment_and_not_before(office: ProbedOffice) -> None:
    asking = program(office, "asel", days=2)
    office.later(days=2, seconds=-1)
    assert asking.get("/probe").status_code == 200
    office.later(seconds=1)
    assert asking.get("/probe").status_code == 401


def test_many_wrong_tokens_wait_and_a_good_one_does_not(office: ProbedOffice) -> None:
    good, wrong = program(office, "asel"), Program(office, "nrt_guess")
    codes = [wrong.get("/probe").status_code for _ in range(32)]
    assert codes == [401] * 30 + [429] * 2
    assert int(wrong.get("/probe").headers["Retry-After"]) > 0
    assert good.get("/probe").status_code == 200
    assert office.browser("dinara").get("/profile").status_code == 200
    assert ("anonymous", "accounts.use_token") in office.refusals()


def test_unknown_and_repeated_parameters_are_errors(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    told = asking.get("/probe?nmae=x&limit=0").get_json()
    assert sorted((one["column"], one["code"]) for one in told["errors"]) == [
        ("limit", "not-a-size"),
        ("nmae", "unknown-field"),
    ]
    assert asking.get("/probe?name=a&name=b").get_json()["errors"][0]["code"] == "repeated"


def test_a_list_is_read_to_its_end_by_cursor(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    seen, path = [], "/probe?limit=3"
    while path:
        page = asking.read(path)
        seen += [one["name"] for one in page["items"]]
        path = page["next"] and f"/probe?limit=3&cursor={page['next']}"
    assert seen == list("abcdefg")


@pytest.mark.parametrize(
    "cursor", ["x", "W10", pack(1), pack("a", "b"), pack("a\x00"), "é", "[" * 50, pack("=1"), "A" * 5000]
)
def test_a_made_up_cursor_is_no_fault(office: ProbedOffice, cursor: str) -> None:
    told = office.app.test_client().get(
        "/api/v1/probe", query_string={"cursor": cursor}, headers=program(office, "asel").headers
    )
    assert (told.status_code, told.get_json()["errors"][0]["code"]) == (422, "not-a-cursor")


BAD_BODIES = {
    b"": "not-json",
    b"{": "not-json",
    b"\xff": "not-json",
    b'{"name": NaN}': "not-json",
    b'{"name": "a", "name": "b"}': "not-json",
    b"[" * 100_000: "not-json",
    b'{"name": ' + b"1" * 5000 + b"}": "not-json",
    b'{"name": "a", "who": "b"}': "unknown-field",
    b"{}": "missing",
    b'{"name": null}': "missing",
    b'{"name": ""}': "missing",
    b'{"name": 1.5}': "not-text",
    b'{"name": {}}': "not-text",
    b'{"name": "\\u0000"}': "control-character",
    b'{"name": "a", "amount": 12.5}': "not-text",
    b'{"name": "a", "amount": "1e400"}': "not-a-quantity",
    b'{"name": "a", "amount": "0.0000001"}': "too-many-decimals",
    b'{"name": "a", "on": "2026-02-30"}': "not-a-date",
    b'{"name": "a", "sort": "c"}': "unknown-value",
}


def test_what_cannot_be_read_is_told_with_its_place(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    for body, code in BAD_BODIES.items():
        told = asking.post("/probe/deeds", body)
        assert (told.status_code, told.mimetype) == (422, "application/problem+json"), body[:40]
        assert [one["code"] for one in told.get_json()["errors"]] == [code], (body[:40], told.text)
    assert asking.post("/probe/deeds", b"[]").status_code == 422
    assert asking.post("/probe/deeds", b"name=a", media="application/x-www-form-urlencoded").status_code == 415
    assert asking.post("/probe/deeds", b"x" * (22 * 2**20)).status_code == 413
    assert asking.client.put("/api/v1/probe/deeds", headers=asking.headers).status_code == 405
    assert asking.get("/nowhere").get_json()["status"] == 404
    assert (office.deeds(), office.kept()) == (0, 0)


def test_lines_are_read_like_a_file(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    told = asking.post(
        "/probe/lines", {"lines": [{"name": "a", "amount": 3}, {"amount": "1,5", "sort": 2.5}, 7]}
    ).get_json()
    assert told["name"] == "4..not-an-object;3.sort.not-text;3.name.missing"
    assert (
        asking.post("/probe/lines", {"lines": [{"name": 5, "amount": None, "on": "2026-01-31"}]}).get_json()["name"]
        == "fine"
    )
    assert (
        asking.post("/probe/lines", {"lines": [{"name": "a", "amuont": "1"}]}).get_json()["name"]
        == "1.amuont.unknown-column"
    )
    for body in (
        [],
        {},
        {"lines": []},
        {"lines": {}},
        {"lines": [{"name": "a"}], "more": 1},
        {"lines": [{"name": "a"}] * 4},
    ):
        assert asking.post("/probe/lines", body).status_code == 422, body


def test_refusals_are_problems_with_their_findings(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    told = asking.post("/probe/deeds", {"name": "refused"})
    body = told.get_json()
    assert (told.status_code, body["code"], body["instance"]) == (422, "rule-refused", "/api/v1/probe/deeds")
    assert body["request_id"] == told.headers["X-Request-ID"]
    assert body["findings"] == [{"row": None, "rule": "PRB-00", "severity": "refuse", "message": "too much", "legal_ground": "an act",
                                 "observed": "12", "limit": "10", "largest_g": "10", "largest_quantity": "5"}]  # fmt: skip
    for name, (_, status, code) in ERRORS.items():
        told = asking.post("/probe/deeds", {"name": name})
        assert (told.status_code, told.get_json()["code"]) == (status, code), name
    assert (office.deeds(), office.kept()) == (0, 0)
    assert office.refusals().count(("asel", "home")) == 1 + len(ERRORS) - 1  # what is not found is no attempt


def test_the_language_is_the_one_asked_for(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    titles = {asking.get("/nowhere", **{"Accept-Language": one}).get_json()["title"] for one in ("ky", "ru", "en")}
    assert len(titles) == 3
    with_token = {
        asking.get("/probe/closed", **{"Accept-Language": one}).get_json()["detail"] for one in ("ky", "ru", "en")
    }
    assert len(with_token) == 3


def test_a_write_needs_a_key(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    for key in ("short", "a b c d e f", "k" * 201, "ключ-ключ"):
        headers = asking.headers | {"Idempotency-Key": key.encode().decode("latin-1")}
        told = asking.client.post("/api/v1/probe/deeds", json={"name": "a"}, headers=headers)
        assert told.get_json()["errors"][0]["code"] == "not-a-key", key
    told = asking.client.post("/api/v1/probe/deeds", json={"name": "a"}, headers=asking.headers)
    assert told.get_json()["errors"][0]["code"] == "missing"
    assert office.deeds() == 0


def test_the_same_request_is_done_once_and_answered_alike(office: ProbedOffice) -> None:
    asking, key = program(office, "asel"), new_key()
    first = asking.post("/probe/deeds", {"name": "a"}, key=key)
    assert (first.status_code, first.headers["Location"], first.headers.get("Idempotency-Replayed")) == (
        201,
        "/api/v1/probe",
        None,
    )
    for _ in range(5):
        again = asking.post("/probe/deeds", {"name": "a"}, key=key)
        assert (again.status_code, again.data, again.headers["Location"]) == (201, first.data, "/api/v1/probe")
        assert again.headers["Idempotency-Replayed"] == "true"
    assert office.deeds() == 1
    # Another body, another address, another version named: another request.
    for told in (
        asking.post("/probe/deeds", {"name": "b"}, key=key),
        asking.post("/probe/lines", {"lines": [{"name": "a"}]}, key=key),
    ):
        assert (told.status_code, told.get_json()["errors"][0]["code"]) == (422, "key-reused")
    assert program(office, "dinara").post("/probe/deeds", {"name": "b"}, key=key).status_code == 201
    assert office.deeds() == 2


def test_a_refused_write_leaves_its_key_free(office: ProbedOffice) -> None:
    asking, key = program(office, "asel"), new_key()
    assert asking.post("/probe/deeds", {"name": "refused"}, key=key).status_code == 422
    assert office.kept() == 0
    assert asking.post("/probe/deeds", {"name": "mended"}, key=key).status_code == 201


def test_a_trial_writes_nothing_and_keeps_nothing(office: ProbedOffice) -> None:
    asking, key = program(office, "asel"), new_key()
    assert asking.post("/probe/deeds", {"name": "trial"}, key=key).status_code == 200
    assert (office.deeds(), office.kept()) == (0, 0)


def test_kept_answers_are_cleared_away(office: ProbedOffice) -> None:
    asking, key = program(office, "asel", days=60), new_key()
    asking.post("/probe/deeds", {"name": "a"}, key=key)
    office.at(office.clock.moment + KEPT_FOR - timedelta(seconds=1))
    assert asking.post("/probe/deeds", {"name": "a"}, key=key).headers["Idempotency-Replayed"] == "true"
    office.later(seconds=1)
    assert "Idempotency-Replayed" not in asking.post("/probe/deeds", {"name": "a"}, key=key).headers
    assert (office.deeds(), office.kept()) == (2, 1)


def test_one_request_of_many_clears_away_what_is_old(office: ProbedOffice) -> None:
    asking = program(office, "asel", days=60)
    for _ in range(3):
        asking.post("/probe/deeds", {"name": "a"}, key=new_key())
    office.at(office.clock.moment + KEPT_FOR)
    with office.work() as session:
        asel = account_named(session, "asel").id
        for digest, kept in (("f" * 64, 4), (CLEARS.ljust(64, "0"), 2)):
            assert take_key(session, office.clock, asel, new_key(), digest) is None
            assert session.scalar(select(func.count()).select_from(GivenAnswer)) == kept


def test_two_at_the_same_moment_have_one_effect(office: ProbedOffice) -> None:
    """The first is held in the middle of its work until all others have come."""
    token, key = token_of(office, "asel"), new_key()
    office.probe.wait.clear()
    told: list[tuple[int, str | None, bytes]] = []

    def send() -> None:
        answer = Program(office, token).post("/probe/deeds", {"name": "a"}, key=key)
        told.append((answer.status_code, answer.headers.get("Idempotency-Replayed"), answer.data))

    threads = [threading.Thread(target=send) for _ in range(6)]
    threads[0].start()
    assert office.probe.begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.3)
    assert told == []
    office.probe.wait.set()
    for thread in threads:
        thread.join(60)
    assert sorted((status, replayed or "") for status, replayed, _ in told) == [(201, "")] + [(201, "true")] * 5
    assert len({body for *_, body in told}) == 1
    assert office.deeds() == 1


def test_a_change_names_the_version_it_was_made_from(office: ProbedOffice) -> None:
    asking = program(office, "asel")
    read = asking.get("/probe/thing")
    assert read.headers["ETag"] == '"1"'
    assert asking.post("/probe/thing", {"name": "x"}).status_code == 428
    for wrong in ("*", 'W/"1"', '"1", "2"', "1", '"abc"', '"2"'):
        told = asking.post("/probe/thing", {"name": "x"}, If_Match=wrong)
        assert (told.status_code, told.get_json()["code"]) == (412, "changed-meanwhile"), wrong
    done = asking.post("/probe/thing", {"name": "x"}, If_Match=read.headers["ETag"])
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"')
    assert asking.post("/probe/thing", {"name": "y"}, If_Match='"1"').status_code == 412
    assert office.probe.version == 2
