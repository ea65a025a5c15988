"""`flask doctor`, the page of the same, and readiness."""

from __future__ import annotations

import json
import os
import socket
from collections import namedtuple
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.db import db, unit_of_work
from registry.flags.service import sweep
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.mail.domain import Letter
from registry.mail.service import queue
from registry.supervision import running
from registry.supervision.service import doctor
from registry.supervision.service.doctor import Level, examine, fails
from registry.supervision.service.glyphs import missing_letters
from tests.conftest import BISHKEK, NOW
from tests.supervision.conftest import Site
from tests.supervision.test_pages import flagged


def lines(site: Site, **changes: object) -> dict[str, list[doctor.Line]]:
    """Return the lines by name."""
    with site.app.app_context():
        found = examine(db.session(), replace(running.place(), **changes))
        db.session.remove()
    named: dict[str, list[doctor.Line]] = {}
    for line in found:
        named.setdefault(line.name, []).append(line)
    return named


def levels(site: Site, name: str, **changes: object) -> set[Level]:
    return {line.level for line in lines(site, **changes)[name]}


def test_everything_the_brief_asks_is_looked_at(site: Site) -> None:
    assert set(lines(site)) == {
        "settings", "secret key", "clock", "database", "disk", "fonts", "mail", "translations", "ledger",
        "audit log", "backup", "watches", "signing of documents", "waiting work", "deputies", "working days",
    }  # fmt: skip


def test_a_short_secret_fails_and_says_what_to_do(site: Site) -> None:
    assert levels(site, "secret key", secret="k" * 31) == {Level.FAIL}
    assert levels(site, "secret key", secret="k" * 32) == {Level.OK}
    assert all(line.advice for line in lines(site, secret="")["secret key"])


def test_another_schema_fails(site: Site) -> None:
    assert Level.FAIL in levels(site, "database", code_head="some-other-head")


def test_a_clock_behind_the_audit_log_fails(site: Site) -> None:
    flagged(site)
    site.browser("officer").post("/flags/1/close", data={"note": "x"})
    assert Level.FAIL not in levels(site, "clock")
    early = FixedClock(NOW - timedelta(minutes=3), BISHKEK)
    assert Level.FAIL in levels(site, "clock", clock=early)
    slack = FixedClock(NOW - timedelta(minutes=1), BISHKEK)
    assert Level.FAIL not in levels(site, "clock", clock=slack)


def test_a_misspelt_setting_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KYE", "x")
    assert any("REGISTRY_SECRET_KYE" in str(line.seen) for line in lines(site)["settings"])


@pytest.mark.parametrize(
    ("free", "level"),
    [
        (doctor.NO_SPACE - 1, Level.FAIL),
        (doctor.NO_SPACE, Level.WARN),
        (doctor.LITTLE_SPACE - 1, Level.WARN),
        (doctor.LITTLE_SPACE, Level.OK),
    ],
)
def test_room_on_the_disk(site: Site, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage(free, 0, free))
    assert levels(site, "disk") == {level}


def test_a_mail_server_that_does_not_answer_is_a_warning(site: Site) -> None:
    settings = replace(site.app.extensions["registry.settings"], mail_server="127.0.0.1:9", mail_from="a@b.kg")
    assert levels(site, "mail", settings=settings) == {Level.WARN, Level.OK}
    assert levels(site, "mail") == {Level.OK}
    settings = replace(settings, mail_from="")
    assert Level.WARN in levels(site, "mail", settings=settings), "no address to send from"


@pytest.mark.parametrize(("minutes", "level"), [(60, Level.OK), (61, Level.WARN)])
def test_letters_that_wait_longer_than_an_hour_are_a_warning(site: Site, *, minutes: int, level: Level) -> None:
    """Only where a server is set; without one they wait by intent."""
    clock = FixedClock(NOW, BISHKEK)
    later = FixedClock(NOW + timedelta(minutes=minutes), BISHKEK)
    with site.app.app_context(), unit_of_work(db.session()) as session:
        queue(session, clock, Letter("one", "a@example.kg", "en", "Hello", "A word"))
    assert levels(site, "mail", clock=later) == {Level.OK}
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        settings = replace(
            site.app.extensions["registry.settings"],
            mail_server=f"127.0.0.1:{listening.getsockname()[1]}",
            mail_from="r@authority.kg",
        )
        assert levels(site, "mail", clock=later, settings=settings) == {Level.OK, level}


def test_a_letter_given_up_is_a_warning(site: Site) -> None:
    with site.app.app_context(), unit_of_work(db.session()) as session:
        queue(session, FixedClock(NOW, BISHKEK), Letter("one", "a@example.kg", "en", "Hello", "A word"))
        session.execute(text("UPDATE letter SET state = 'given_up'"))
    assert Level.WARN in levels(site, "mail")


def test_a_broken_audit_log_fails(site: Site) -> None:
    site.browser("officer")
    assert levels(site, "audit log") == {Level.OK}
    with site.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_head SET sequence = sequence + 1")
    assert levels(site, "audit log") == {Level.FAIL}


def test_an_old_backup_is_a_warning(site: Site) -> None:
    folder: Path = site.app.extensions["registry.settings"].instance_path / "backups"
    folder.mkdir()
    file = folder / "registry-1.registry.zip"
    file.touch()
    for days, level in ((7, Level.OK), (8, Level.WARN)):
        moment = (NOW - timedelta(days=days)).timestamp()
        os.utime(file, (moment, moment))
        assert levels(site, "backup") == {level}


def test_a_check_that_breaks_is_a_line_that_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_session: object) -> None:
        raise OSError("no such disk")

    monkeypatch.setattr(doctor, "verify_ledger", broken)
    found = lines(site)["ledger"]
    assert found[0].level is Level.FAIL
    assert "no such disk" in str(found[0].seen)


def test_the_fonts_have_the_letters_and_the_reader_sees_what_they_lack() -> None:
    font = (files("exports") / "fonts" / "DejaVuSansCondensed.ttf").read_bytes()
    assert missing_letters(font, "ңөүҢӨҮ") == ""
    assert missing_letters(font, "ң漢字") == "漢字"


def test_the_command_answers_with_one_document_and_its_exit_says_whether_all_is_well(site: Site) -> None:
    site.app.config["SECRET_KEY"] = "k" * 64
    answer = site.app.test_cli_runner().invoke(args=["doctor", "--json"])
    document = json.loads(answer.stdout)
    assert answer.exit_code == (0 if document["ok"] else 1)
    assert {line["level"] for line in document["lines"]} <= {"ok", "warn", "fail"}
    site.app.config["SECRET_KEY"] = "short"
    bad = site.app.test_cli_runner().invoke(args=["doctor"])
    assert bad.exit_code == 1
    assert "->" in bad.stdout


def test_only_the_administrator_reads_the_state(site: Site) -> None:
    assert "State of the system" in site.browser("administrator").get("/health").text
    assert site.browser("officer").get("/health").status_code == 403


def test_readiness_names_what_is_missing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.app.test_client()
    monkeypatch.setattr("registry.supervision.readiness.code_head", lambda: "x1")
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["failed"] == ["migrations"]
    monkeypatch.setattr("registry.supervision.readiness.schema_head", lambda _session: "x1")
    assert browser.get("/readyz").status_code == 200


def test_fails_means_any_failure(site: Site) -> None:
    with site.app.app_context():
        found = examine(db.session(), replace(running.place(), secret=""))
        assert fails(found)
        assert not fails([line for line in found if line.level is not Level.FAIL])


def test_the_watches_are_to_look_every_day(site: Site) -> None:
    assert levels(site, "watches") == {Level.WARN}
    assert all(line.advice for line in lines(site)["watches"])
    with site.app.app_context(), unit_of_work(db.session()) as session:
        sweep(session, SYSTEM, site.clock, [])
    assert levels(site, "watches") == {Level.OK}
    for later, level in ((doctor.OLD_SWEEP, Level.OK), (doctor.OLD_SWEEP + timedelta(seconds=1), Level.WARN)):
        assert levels(site, "watches", clock=FixedClock(NOW + later, BISHKEK)) == {level}


def test_the_command_sweeps_and_tells_what_came_of_it(site: Site) -> None:
    answer = site.app.test_cli_runner().invoke(args=["flags", "sweep", "--json"])
    assert answer.exit_code == 0, answer.output
    first = json.loads(answer.stdout)
    assert first["opened"] == first["standing"] > 0
    again = json.loads(site.app.test_cli_runner().invoke(args=["flags", "sweep", "--json"]).stdout)
    assert (again["opened"], again["returned"], again["closed"]) == (0, 0, 0)
    site.browser("auditor")
    refused = site.app.test_cli_runner().invoke(args=["flags", "sweep", "--as", "auditor"])
    assert refused.exit_code == 1
