"""Letters to the authorities of other countries: what goes with them, once per purpose, not without a key, on issue."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from registry.audit.models import AuditEvent
from registry.correspondence.domain.letters import ISSUED, SEND_ON_ISSUE, SENT, STOPPED
from registry.correspondence.models import PermitLetter
from registry.correspondence.reading import read_file
from registry.correspondence.service import sending
from registry.correspondence.service.sending import Sending, send
from registry.db import db, unit_of_work
from registry.documents.domain import NotSigned
from registry.documents.practice import write_practice_key
from registry.flags.models import Flag
from registry.kernel.errors import Conflict, Invalid
from registry.mail.models import LetterAttachment, OutgoingLetter
from registry.permits.domain.deeds import SUSPEND
from registry.permits.service import stops
from registry.permits.service.issuing import issue
from tests.api.programs import program
from tests.pages import MID_JUNE, Office, build, cheap_hashes, close, text_of
from tests.permits.acting import APPROVER, JUNE, OFFICER, proposed
from tests.world import table_of, take_in

__all__ = ["cheap_hashes"]

AUTHORITIES = "country,name,valid_from,subject,email,language"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "practice.p12"
    write_practice_key(path, "Ministry", MID_JUNE)
    return path


def record_authority(office: Office) -> None:
    with office.rows() as session:
        rows = (
            "IN,Invented Narcotics Office,2024-01-01,narcotic,office@in.example,ru",
            "IN,Office of all else,2024-01-01,,all@in.example,en",
        )
        assert take_in(session, "authorities", table_of(AUTHORITIES, *rows)).written


@pytest.fixture
def office(stocked_url: str, tmp_path: Path, key: Path, cheap_hashes: None) -> Iterator[Office]:
    """An office with a key and the addresses of an authority in India."""
    signing = {"signing_key_file": str(key), "signing_password_file": str(key.with_suffix(".password"))}
    app = build(stocked_url, tmp_path, authority="Ministry", address="https://registry.example.kg", **signing)
    made = Office(app)
    record_authority(made)
    yield made
    close(app)


@pytest.fixture
def keyless(stocked_url: str, tmp_path: Path, cheap_hashes: None) -> Iterator[Office]:
    app = build(stocked_url, tmp_path)
    made = Office(app)
    record_authority(made)
    yield made
    close(app)


def letters(office: Office) -> list[tuple[OutgoingLetter, list[LetterAttachment]]]:
    with office.rows() as session:
        found = session.scalars(
            select(OutgoingLetter).where(OutgoingLetter.key.like("permit % abroad %")).order_by(OutgoingLetter.id)
        )
        return [
            (one, list(session.scalars(select(LetterAttachment).where(LetterAttachment.letter_id == one.id).order_by(LetterAttachment.number))))
            for one in found
        ]  # fmt: skip


def sent(office: Office, number: str = "P-6", purpose: str = ISSUED.code, reason: str = "") -> None:
    settings = office.app.extensions["registry.settings"]
    with office.work() as session:
        send(session, OFFICER, office.clock, settings, Sending(number, purpose, reason))


def test_an_officer_sends_the_document_and_the_file_once(office: Office) -> None:
    client = office.browser("asel")
    page = text_of(client.get("/permit-letters/P-6"))
    assert "Invented Narcotics Office" in page
    assert "office@in.example" in page
    form = {"purpose": "issued", "reason": ""}
    assert client.post("/permit-letters/P-6", data=form).status_code == 303
    [(letter, (pdf, xml))] = letters(office)
    assert (letter.recipient, letter.language, letter.state) == ("office@in.example", "ru", "queued")
    assert letter.subject == "Разрешение P-6 (Кыргызстан): выдано"
    assert "https://registry.example.kg/verify/" in letter.body
    assert (pdf.media_type, pdf.content[:5], pdf.name) == ("application/pdf", b"%PDF-", "certificate-P-6-ru-en.pdf")
    assert read_file(xml.content)["identity"]["number"] == "P-6"
    digests = {
        name: hashlib.sha256(one.content).hexdigest() for name, one in (("pdf_sha256", pdf), ("xml_sha256", xml))
    }
    with office.rows() as session:
        event = session.query(AuditEvent).filter_by(action="correspondence.send").one()
        detail = json.loads(event.detail)
        assert event.subject == "permit P-6"
        assert {name: detail[name] for name in digests} == digests
    refused = client.post("/permit-letters/P-6", data=form)
    assert refused.status_code == 422
    assert "it was sent already on 15 Jun 2024: say why it goes again" in text_of(refused)
    assert len(letters(office)) == 1
    assert client.post("/permit-letters/P-6", data=form | {"reason": "the address was wrong"}).status_code == 303
    assert len(letters(office)) == 2
    history = text_of(client.get("/permits/P-6"))
    assert "tell that it was issued – the address was wrong" in history
    assert "waiting" in history
    assert digests["xml_sha256"][:12] in history
    assert "the address was wrong" not in letters(office)[1][0].body
    assert "office@in.example" not in office.browser("imran").get("/permits/P-6").text
    assert office.browser("bakyt").post("/permit-letters/P-6", data=form).status_code == 403


def test_without_a_key_or_an_address_nothing_is_queued(keyless: Office) -> None:
    client = keyless.browser("asel")
    assert client.post("/permit-letters/P-6", data={"purpose": "issued"}).status_code == 503
    with pytest.raises(NotSigned):
        sent(keyless)
    nobody = client.post("/permit-letters/P-5", data={"purpose": "issued"})
    assert nobody.status_code == 503
    told = program(keyless, "asel").post("/permit-letters/P-6", {"purpose": "issued"})
    assert told.status_code == 503
    run = keyless.app.test_cli_runner().invoke(args=["permit", "send", "P-6"])
    assert (run.exit_code, run.stdout) == (1, "")
    assert letters(keyless) == []
    with keyless.rows() as session:
        assert session.query(PermitLetter).count() == 0


def test_what_cannot_be_sent_is_said(office: Office) -> None:
    for number, purpose, code in (
        ("P-5", "issued", "no-address"),
        ("P-6", "stopped", "stands"),
        ("P-6", "x", "unknown-value"),
    ):
        with pytest.raises(Invalid) as refused:
            sent(office, number, purpose)
        assert [one.code for one in refused.value.problems] == [code]
    assert letters(office) == []


def test_a_stop_is_told_with_its_day(office: Office) -> None:
    with office.work() as session:
        asked = stops.Asked("P-6", SUSPEND.kind.code, "an inner reason", date(2024, 6, 15), {})
        stops.ask(session, OFFICER, JUNE, asked, "KG")
    sent(office, purpose=STOPPED.code)
    [(letter, (_, xml))] = letters(office)
    assert letter.subject == "Разрешение P-6 (Кыргызстан): приостановлено"
    assert "15.06.2024" in letter.body
    assert "inner reason" not in letter.body
    assert read_file(xml.content)["stops"] == [{"cause": "officer", "from_on": "2024-06-15"}]


def test_programs_and_the_command_send(office: Office) -> None:
    asking = program(office, "asel")
    told = asking.post("/permit-letters/P-6", {"purpose": "issued"})
    assert told.status_code == 201, told.text
    assert asking.read("/permit-letters/P-6") == told.get_json()
    [one] = told.get_json()["letters"]
    assert (one["state"], one["attempt"], one["recipient"]) == ("queued", 1, "office@in.example")
    assert asking.post("/permit-letters/P-6", {}).status_code == 422
    run = office.app.test_cli_runner().invoke(args=["permit", "send", "P-6", "--reason", "asked for it", "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["attempt"] == 2
    assert program(office, "bakyt").post("/permit-letters/P-6", {}).status_code == 403


def test_two_who_send_at_the_same_moment_send_one_letter(office: Office) -> None:
    settings = office.app.extensions["registry.settings"]
    came: list[str] = []
    both = threading.Barrier(2)

    def work(app: Flask) -> None:
        with app.app_context():
            session: Any = db.session()
            both.wait()
            try:
                with unit_of_work(session):
                    send(session, OFFICER, JUNE, settings, Sending("P-6"))
                came.append("sent")
            except (Conflict, Invalid) as refusal:
                came.append(type(refusal).__name__)

    people = [threading.Thread(target=work, args=(office.app,)) for _ in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert came.count("sent") == 1, came
    assert len(letters(office)) == 1


def test_letters_are_never_changed(office: Office) -> None:
    sent(office)
    with office.rows() as session:
        for deed in ("UPDATE permit_letter SET attempt = 2", "DELETE FROM permit_letter"):
            with pytest.raises(DBAPIError), session.begin_nested():
                session.execute(text(deed))


def issued(office: Office) -> str:
    with office.work() as session:
        case = proposed(session, "A-1", 1000)
        return issue(session, APPROVER, JUNE, case.id, case.version)


def test_nothing_goes_on_issue_until_the_country_wants_it(office: Office) -> None:
    issued(office)
    assert letters(office) == []


def test_a_permit_goes_on_issue_where_the_country_wants_it(office: Office) -> None:
    wanted(office)
    number = issued(office)
    [(letter, _)] = letters(office)
    assert letter.key == f"permit {number} abroad issued 1"


def unsent(office: Office) -> list[tuple[str, str]]:
    with office.rows() as session:
        chosen = select(Flag.subject, Flag.state).where(Flag.rule == SENT.code)
        return [(subject, state) for subject, state in session.execute(chosen)]


def looked(office: Office) -> list[tuple[str, str]]:
    run = office.app.test_cli_runner().invoke(args=["flags", "sweep"])
    assert run.exit_code == 0, run.output
    return unsent(office)


def test_cor_01_what_cannot_go_on_issue_is_flagged_and_the_permit_stands(keyless: Office, key: Path) -> None:
    wanted(keyless)
    number = issued(keyless)
    assert letters(keyless) == []
    assert unsent(keyless) == looked(keyless) == [(f"permit {number}", "open")]
    signing = {"signing_key_file": str(key), "signing_password_file": str(key.with_suffix(".password"))}
    settings = dataclasses.replace(keyless.app.extensions["registry.settings"], **signing)
    keyless.app.extensions["registry.settings"] = settings
    sent(keyless, number)
    assert looked(keyless) == [(f"permit {number}", "closed")]


def test_a_fault_on_sending_leaves_the_permit_issued_and_for_the_watch(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(sending, "queue", broken)
    wanted(office)
    with capture_logs() as logs:
        number = issued(office)
    assert [(one["permit"], one["error"]) for one in logs if one["event"] == "permit not sent"] == [(number, "OSError")]
    with office.rows() as session:
        told = session.scalars(select(AuditEvent.action)).all()
    assert "permits.issue" in told
    assert not [action for action in told if action.startswith(("correspondence", "documents"))]
    assert office.browser("asel").get(f"/permits/{number}").status_code == 200
    assert letters(office) == unsent(office) == []
    assert looked(office) == [(f"permit {number}", "open")]


def test_the_watch_leaves_permits_alone_that_were_issued_before_the_switch(office: Office) -> None:
    number = issued(office)
    assert looked(office) == []
    wanted(office, "2024-06-16")
    assert looked(office) == []
    wanted(office, "2024-06-15")
    assert looked(office) == [(f"permit {number}", "open")]


def wanted(office: Office, since: str = "2024-06-01") -> None:
    run = office.app.test_cli_runner().invoke(
        args=["parameter", "set", SEND_ON_ISSUE.code, "on", "--from", since, "--act", "No. 1"]
    )
    assert run.exit_code == 0, run.output
