"""The state of an installation, line by line: what is well, what is not, and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from exports.formats.pdf import FONT_FILES
from registry.accounts.queries import deputies
from registry.db import server_version
from registry.documents.domain import NotSigned
from registry.documents.signing import working_key
from registry.flags.queries import last_sweep
from registry.kernel.clock import Clock
from registry.kernel.email import as_email
from registry.kernel.fields import BadCell
from registry.kernel.text import N_, Message
from registry.mail.domain import DUE, LetterState
from registry.mail.queries import counts as letter_counts
from registry.mail.queries import oldest_waiting
from registry.settings import PREFIX, MailSecurity, Settings
from registry.stock.queries.verify import verify as verify_ledger
from registry.supervision.queries.state import newest_events_faults, pending_work, schema_head
from registry.supervision.service.backup.manifest import ENDING, FOLDER
from registry.supervision.service.glyphs import missing_letters
from registry.web.catalogue import read_catalogue
from registry.workdays.domain import missing_years
from registry.workdays.queries import set_days

KYRGYZ_LETTERS = "ңөүҢӨҮ"
SHORTEST_SECRET = 32
MEGABYTE = 1024 * 1024
LITTLE_SPACE, NO_SPACE = 1024 * MEGABYTE, 100 * MEGABYTE
SLACK = timedelta(minutes=2)
OLD_BACKUP = timedelta(days=7)
OLD_SWEEP = timedelta(days=2)
KEY_ENDS_SOON = timedelta(days=30)
SECONDS_TO_MAIL = 3
SLOW_MAIL = timedelta(hours=1)
OWNER_ONLY = 0o077
CATALOGUES = ("ru", "ky")


class Level(StrEnum):
    """How one line stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


LEVEL_NAMES = {Level.OK: N_("well"), Level.WARN: N_("to be looked at"), Level.FAIL: N_("not working")}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing examined: its name, how it stands, what was seen, and what to do where it is not well."""

    name: str
    level: Level
    seen: Message
    advice: Message | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What the examination is told: settings, clock, secret in use, the code's newest migration."""

    settings: Settings
    clock: Clock
    secret: str
    code_head: str | None


def examine(session: Session, place: Place) -> list[Line]:
    """Return every line, in the order a person would look. A check that breaks is a line that fails."""
    checks: tuple[tuple[str, Callable[[Session, Place], Iterator[Line]]], ...] = (
        (N_("settings"), _settings),
        (N_("secret key"), _secret),
        (N_("clock"), _clock),
        (N_("database"), _database),
        (N_("disk"), _disk),
        (N_("fonts"), _fonts),
        (N_("mail"), _mail),
        (N_("signing of documents"), _signing),
        (N_("translations"), _translations),
        (N_("ledger"), _ledger),
        (N_("audit log"), _audit),
        (N_("backup"), _backup),
        (N_("watches"), _watches),
        (N_("waiting work"), _pending),
        (N_("deputies"), _deputies),
        (N_("working days"), _working_days),
    )
    found: list[Line] = []
    for name, check in checks:
        try:
            found.extend(Line(name, line.level, line.seen, line.advice) for line in check(session, place))
        except (SQLAlchemyError, OSError, ValueError, KeyError) as error:
            session.rollback()
            seen = Message(
                N_("the check itself failed: %(error)s"), {"error": f"{type(error).__name__}: {error}"[:300]}
            )
            found.append(Line(name, Level.FAIL, seen, Message(N_("Run `flask db upgrade`, then look at the log."))))
    return found


def fails(lines: list[Line]) -> bool:
    """Say whether anything is not working."""
    return any(line.level is Level.FAIL for line in lines)


def _ok(seen: str, **said: object) -> Line:
    return Line("", Level.OK, Message(seen, said))


def _warn(seen: str, advice: str, **said: object) -> Line:
    return Line("", Level.WARN, Message(seen, said), Message(advice, said))


def _fail(seen: str, advice: str, **said: object) -> Line:
    return Line("", Level.FAIL, Message(seen, said), Message(advice, said))


def _settings(_session: Session, place: Place) -> Iterator[Line]:
    names = {PREFIX + item.name.upper(): item for item in fields(Settings)}
    given = [name for name, item in names.items() if getattr(place.settings, item.name) != item.default]
    yield _ok(
        N_("set: %(given)s; %(rest)s others by default"), given=", ".join(given) or "-", rest=len(names) - len(given)
    )
    unknown = sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in names and "TEST" not in name
    )
    if unknown:
        yield _warn(N_("unknown: %(names)s"), N_("Look for a slip of the pen in %(names)s."), names=", ".join(unknown))
    if not place.settings.secure_cookies:
        yield _warn(
            N_("cookies are sent over plain HTTP too"),
            N_("Set REGISTRY_SECURE_COOKIES=1 where people sign in over HTTPS."),
        )


def _secret(_session: Session, place: Place) -> Iterator[Line]:
    if len(place.secret) < SHORTEST_SECRET:
        yield _fail(
            N_("the secret key is missing or shorter than %(least)s characters"),
            N_("Delete REGISTRY_SECRET_KEY, and a long key is made in the instance folder."),
            least=SHORTEST_SECRET,
        )
        return
    path = place.settings.instance_path / "secret_key"
    if not place.settings.secret_key and path.exists() and path.stat().st_mode & OWNER_ONLY:
        yield _warn(N_("others on this machine may read the key file"), N_("Make the file readable by its owner only."))
    else:
        yield _ok(N_("there is one"))


def _clock(session: Session, place: Place) -> Iterator[Line]:
    now = place.clock.now()
    yield _ok(
        N_("%(now)s UTC, %(today)s in %(zone)s"),
        now=f"{now:%Y-%m-%d %H:%M}",
        today=place.clock.today().isoformat(),
        zone=place.settings.timezone,
    )
    newest = newest_events_faults(session)[2]
    if newest and datetime.fromisoformat(newest) > now + SLACK:
        yield _fail(
            N_("the newest audit event is from %(newest)s, later than now"),
            N_("Set the clock of the machine: days and terms would be wrong."),
            newest=newest,
        )
    database = _sqlite_file(place)
    if database and datetime.fromtimestamp(database.stat().st_mtime, UTC) > now + SLACK:
        yield _warn(N_("the database file was changed later than now"), N_("Set the clock of the machine."))


def _database(session: Session, place: Place) -> Iterator[Line]:
    yield _ok(N_("%(server)s answers"), server=server_version(session))
    head = schema_head(session)
    if head is None:
        yield _fail(N_("no migration was ever run"), N_("Run `flask db upgrade`."))
    elif head != place.code_head:
        yield _fail(
            N_("the schema stands at %(head)s, the code at %(code)s"),
            N_("Run `flask db upgrade`; if the schema is the newer one, install the version it belongs to."),
            head=head,
            code=place.code_head,
        )
    else:
        yield _ok(N_("the schema stands at %(head)s, as the code"), head=head)


def _disk(_session: Session, place: Place) -> Iterator[Line]:
    free = shutil.disk_usage(place.settings.instance_path).free
    said = {"free": free // MEGABYTE, "folder": place.settings.instance}
    seen = N_("%(free)s MB free where the instance folder is")
    if free < NO_SPACE:
        yield _fail(seen, N_("Make room at once: the next entry may fail."), **said)
    elif free < LITTLE_SPACE:
        yield _warn(seen, N_("Make room, or move old backups elsewhere."), **said)
    else:
        yield _ok(seen, **said)


def _fonts(_session: Session, _place: Place) -> Iterator[Line]:
    for name in FONT_FILES.values():
        missing = missing_letters((files("exports") / "fonts" / name).read_bytes(), KYRGYZ_LETTERS)
        if missing:
            yield _fail(N_("%(name)s lacks %(letters)s"), N_("Install the registry anew."), name=name, letters=missing)
            return
    yield _ok(N_("the fonts of printed files have %(letters)s"), letters=KYRGYZ_LETTERS)


def _mail(session: Session, place: Place) -> Iterator[Line]:
    yield from _mail_server(place)
    counts, waits_since = letter_counts(session), oldest_waiting(session)
    waiting = sum(counts[state] for state in DUE)
    if counts[LetterState.GIVEN_UP]:
        advice = N_("Look at the page of letters, mend the cause and send them again.")
        yield _warn(N_("%(count)s letters were given up"), advice, count=counts[LetterState.GIVEN_UP])
    if place.settings.sends_mail and waits_since is not None and place.clock.now() - waits_since > SLOW_MAIL:
        advice = N_("Let a timer run `flask mail send` every minute.")
        yield _warn(N_("%(count)s letters wait, the oldest since %(at)s"), advice, count=waiting, at=waits_since)
    else:
        yield _ok(N_("%(count)s letters wait, %(sent)s were sent"), count=waiting, sent=counts[LetterState.SENT])


def _mail_server(place: Place) -> Iterator[Line]:
    if not place.settings.sends_mail:
        if place.settings.mail_server:
            yield _warn(N_("no address letters come from"), N_("Set REGISTRY_MAIL_FROM."))
        else:
            yield _ok(N_("no mail server is set: letters wait, links are handed over by people"))
        return
    try:
        as_email(place.settings.mail_from)
    except BadCell as bad:
        yield _warn(
            N_("the address letters come from cannot be used: %(reason)s"),
            N_("Look at REGISTRY_MAIL_FROM."),
            reason=bad.message,
        )
    if place.settings.mail_security is MailSecurity.NONE:
        yield _warn(
            N_("letters go to the mail server unprotected"),
            N_("Set REGISTRY_MAIL_SECURITY to starttls or tls where the server is not on this machine."),
        )
    try:
        socket.create_connection(place.settings.mail_host_and_port, timeout=SECONDS_TO_MAIL).close()
    except OSError as error:
        advice = N_("Look at REGISTRY_MAIL_SERVER, or empty it.")
        yield _warn(
            N_("%(server)s does not answer: %(error)s"), advice, server=place.settings.mail_server, error=str(error)
        )
    else:
        yield _ok(N_("%(server)s answers"), server=place.settings.mail_server)


def _signing(_session: Session, place: Place) -> Iterator[Line]:
    try:
        with working_key(place.settings, place.clock.now()) as key:
            name, last, is_practice = key.name, key.certificate.not_valid_after_utc, key.is_practice
    except NotSigned as refusal:
        advice = N_("Nothing can be issued on paper until the key works. The operators’ guide says how.")
        yield _warn(N_("no document is signed: %(why)s"), advice, why=refusal.message)
        return
    if is_practice:
        seen = N_("documents are signed with the practice key “%(name)s” and bear it across every page")
        yield _warn(seen, N_("Set a real key where real permits are issued."), name=name)
    elif last - place.clock.now() < KEY_ENDS_SOON:
        advice = N_("Ask for the next certificate in time: without one no document is made.")
        yield _warn(N_("the certificate “%(name)s” ends on %(last)s"), advice, name=name, last=last.date())
    else:
        yield _ok(N_("documents are signed as “%(name)s”, valid to %(last)s"), name=name, last=last.date())


def _translations(_session: Session, _place: Place) -> Iterator[Line]:
    known = {code: {one.id: one.string for one in read_catalogue(code) if one.id} for code in CATALOGUES}
    everything = {str(key) for messages in known.values() for key in messages}
    for code, messages in known.items():
        done = {str(key) for key, text in messages.items() if (all(text) if isinstance(text, tuple) else text)}
        missing = len(everything - done)
        said = {"language": code, "done": len(done), "missing": missing}
        if missing or not done:
            advice = N_("Sentences without a translation show in English until somebody writes them.")
            yield _warn(N_("%(language)s: %(done)s sentences, %(missing)s missing"), advice, **said)
        else:
            yield _ok(N_("%(language)s: %(done)s sentences, none missing"), **said)


def _ledger(session: Session, _place: Place) -> Iterator[Line]:
    outcome = verify_ledger(session)
    if outcome.faults:
        advice = N_("Run `flask ledger verify`, stop posting, and keep the database as it is.")
        yield _fail(N_("%(count)s faults"), advice, count=len(outcome.faults))
    else:
        yield _ok(N_("%(count)s movements, balances and totals agree"), count=outcome.movements)


def _audit(session: Session, _place: Place) -> Iterator[Line]:
    count, found, _ = newest_events_faults(session)
    if found:
        advice = N_("Run `flask audit verify`, and keep the database as it is.")
        yield _fail(N_("the chain is broken at event %(number)s"), advice, number=found[0].sequence)
    else:
        yield _ok(N_("the newest %(count)s events hold together"), count=count)


def _backup(_session: Session, place: Place) -> Iterator[Line]:
    kept = sorted((place.settings.instance_path / FOLDER).glob(f"*{ENDING}"), key=lambda path: path.stat().st_mtime)
    advice = N_("Run `flask backup create` every day, and keep a copy on another machine.")
    if not kept:
        yield _warn(N_("there is no backup in the instance folder"), advice)
        return
    age = place.clock.now() - datetime.fromtimestamp(kept[-1].stat().st_mtime, UTC)
    said = {"name": kept[-1].name, "days": age.days}
    if age > OLD_BACKUP:
        yield _warn(N_("the newest is %(name)s, %(days)s days old"), advice, **said)
    else:
        yield _ok(N_("the newest is %(name)s"), **said)


def _watches(session: Session, place: Place) -> Iterator[Line]:
    last = last_sweep(session)
    advice = N_("Run `flask flags sweep` every day, from cron or a timer.")
    if last is None:
        yield _warn(N_("the watches have never looked"), advice)
        return
    age = place.clock.now() - last.at
    said = {"when": f"{last.at:%Y-%m-%d %H:%M}", "standing": last.standing}
    if age > OLD_SWEEP:
        yield _warn(N_("the watches last looked on %(when)s UTC"), advice, **said)
    else:
        yield _ok(N_("the watches last looked on %(when)s UTC; %(standing)s findings stood"), **said)


def _pending(session: Session, _place: Place) -> Iterator[Line]:
    yield _ok(
        N_("open flags %(flags)s, cases %(cases)s, quota lines %(lines)s, uploads not written %(uploads)s"),
        **pending_work(session),
    )


def _deputies(session: Session, place: Place) -> Iterator[Line]:
    today = place.clock.today()
    active = [each for each in deputies(session) if each.holds_on(today)]
    if not active:
        yield _ok(N_("nobody stands in for anybody today"))
    for each in active:
        said = {"deputy": each.deputy, "away": each.away, "last": each.to_on.isoformat(), "act": each.act}
        yield _ok(N_("%(deputy)s holds the roles of %(away)s until %(last)s (%(act)s)"), **said)


def _working_days(session: Session, place: Place) -> Iterator[Line]:
    today = place.clock.today()
    listed = {each.day.year for each in set_days(session)}
    advice = N_("Send the list of the year: `flask import holidays FILE`.")
    missing = missing_years(listed, today)
    for year in missing:
        yield _warn(N_("no public holidays are recorded for %(year)s: terms count weekends only"), advice, year=year)
    if not missing:
        yield _ok(N_("the public holidays of %(year)s are recorded"), year=today.year)


def _sqlite_file(place: Place) -> Path | None:
    path = Path(place.settings.database.removeprefix("sqlite:///"))
    return path if place.settings.database.startswith("sqlite:///") and path.exists() else None
