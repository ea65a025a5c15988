"""A loss or theft told by its site: the notice, the entries it goes with, what follows it, the letters about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import Role
from registry.accounts.queries import recipients_with
from registry.audit.service import record
from registry.counts.domain.losses import POLICE, SORTS, STEPS, Amount, Notice, told_in_time
from registry.counts.domain.rules import TOLD_IN_TIME
from registry.counts.models import LossAmount, LossNotice, LossNoticeEntry, LossStep
from registry.counts.queries.losses import notices, notices_of_year, untold
from registry.counts.service.counting import LONGEST_CODE, POST, READ
from registry.flags.service import raise_flags
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock, day_of
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.fields import BadCell
from registry.kernel.persons import as_document, named_in
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter
from registry.mail.service import queue
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.service.known import lock_sites
from registry.web.locale import translate_in

NO_NOTICE = Message(N_("there is no such notice"))
NOT_YET = Message(N_("this has not happened yet"))
AFTER = Message(N_("it happened before it was discovered"))
NO_WORDS = Message(N_("say what is known of it"))
NOTHING = Message(N_("name the entry of the loss, or what is missing"))
DONE = Message(N_("this is recorded already"))
NO_NUMBER = Message(N_("the number of the document is needed"))
NO_ENTRY = N_("“%(reference)s” is no loss or theft of this site that waits for its notice")
SUBJECT = N_("Loss or theft at %(site)s: %(reference)s")
BODY = N_(
    "%(site)s tells of a loss or theft (%(sort)s), discovered on %(day)s. The notice is %(reference)s; it stands under “Losses and thefts”."
)
LATE_NOTICE = N_("the notice %(reference)s was sent later than %(hours)s hours after the discovery")
READERS = (Role.OFFICER.value, Role.APPROVER.value)


@dataclass(frozen=True, slots=True)
class NoticeAsked:
    """A notice as somebody sends it: `entries` are references of the ledger, `amounts` what is not in it yet."""

    site: SiteFact
    sort: str
    discovered_at: datetime
    happened_on: date | None
    what: str
    entries: Sequence[str] = ()
    amounts: Sequence[Amount] = ()


def tell_loss(session: Session, actor: Actor, clock: Clock, asked: NoticeAsked) -> Notice:
    """Record a notice; the authority gets a letter. Raises `Forbidden`, `Invalid` with everything that is wrong."""
    policy.require(actor, POST, asked.site.organisation_id)
    lock_sites(session, [asked.site.id])
    found = {each.reference: each.id for each in untold(session, [asked.site.id], set(asked.entries))}
    if problems := _problems(clock, asked, found.keys()):
        raise Invalid(problems[0].message, problems)
    year = clock.today().year
    reference = f"{asked.site.code[:LONGEST_CODE]}-{year}-L{notices_of_year(session, asked.site.id, year) + 1}"
    stamp = {"recorded_at": clock.now(), "recorded_by": actor.username}
    head = {
        "reference": reference,
        "site_id": asked.site.id,
        "sort": asked.sort,
        "discovered_at": asked.discovered_at,
        "happened_on": asked.happened_on,
        "what": asked.what.strip(),
    }
    number = session.execute(insert(LossNotice).values(**head, **stamp).returning(LossNotice.id)).scalar_one()
    connection = session.connection()
    if found:
        entries = [{"movement_id": each, "notice_id": number} | stamp for each in found.values()]
        connection.execute(insert(LossNoticeEntry), entries)
    if asked.amounts:
        amounts = [
            {"notice_id": number, "product_id": one.product_id, "label": one.label, "units": one.units}
            for one in asked.amounts
        ]
        connection.execute(insert(LossAmount), amounts)
    notice = notices(session, [number])[number]
    _flag_late(session, clock, notice, asked.site)
    _tell_authority(session, clock, notice, asked.site)
    record(
        session, actor, clock, "counts.tell_loss", f"notice {reference}", {"sort": asked.sort, "entries": len(found)}
    )
    return notice


def _problems(clock: Clock, asked: NoticeAsked, found: Iterable[str]) -> list[Problem]:
    problems = named_in("what", asked.what)
    if asked.sort not in SORTS:
        problems.append(Problem("sort", "missing", NO_WORDS))
    if asked.discovered_at > clock.now():
        problems.append(Problem("discovered_on", "in-the-future", NOT_YET))
    if asked.happened_on is not None and asked.happened_on > day_of(asked.discovered_at, clock.zone):
        problems.append(Problem("happened_on", "after-the-discovery", AFTER))
    if not asked.what.strip():
        problems.append(Problem("what", "missing", NO_WORDS))
    if not asked.entries and not asked.amounts:
        problems.append(Problem("entries", "missing", NOTHING))
    problems.extend(_no_entry(each) for each in asked.entries if each not in set(found))
    return problems


def _no_entry(reference: str) -> Problem:
    return Problem("entries", "unknown-reference", Message(NO_ENTRY, {"reference": reference}))


def _flag_late(session: Session, clock: Clock, notice: Notice, site: SiteFact) -> None:
    parameters = parameters_on(session, clock.today())
    if told_in_time(notice, parameters):
        return
    hours = (notice.recorded_at - notice.discovered_at).total_seconds() // 3600
    said = {"reference": notice.reference, "hours": int(hours)}
    finding = Finding(
        TOLD_IN_TIME,
        Message(LATE_NOTICE, said),
        parameters.reported(TOLD_IN_TIME),
        subject=f"notice {notice.reference}",
        organisation_id=site.organisation_id,
    )
    raise_flags(session, clock, [finding])


def _tell_authority(session: Session, clock: Clock, notice: Notice, site: SiteFact) -> None:
    said = {"site": site.code, "reference": notice.reference}
    day = day_of(notice.discovered_at, clock.zone)
    queue(
        session,
        clock,
        *(
            Letter(
                key=f"loss {notice.reference} {reader.address}"[:KEY_LENGTH],
                recipient=reader.address,
                language=reader.language,
                subject=translate_in(reader.language, Message(SUBJECT, said)),
                body=translate_in(
                    reader.language, Message(BODY, said | {"day": day, "sort": Message(SORTS[notice.sort])})
                ),
            )
            for reader in recipients_with(session, READERS)
        ),
    )


def notice_seen(session: Session, actor: Actor, notice_id: int, action: str = READ) -> tuple[Notice, SiteFact]:
    """Return a notice and its site. Raises `NotFound` for what is none, and for those of others alike."""
    notice = notices(session, [notice_id]).get(notice_id)
    site = sites_by_ids(session, [notice.site_id])[notice.site_id] if notice is not None else None
    if notice is None or site is None or policy.scope(actor, action) not in (None, site.organisation_id):
        raise NotFound(NO_NOTICE)
    return notice, site


def tie_entry(session: Session, actor: Actor, clock: Clock, notice_id: int, reference: str) -> None:
    """Name an entry of the ledger that goes with a notice. Raises `Invalid` for one that does not wait for a notice."""
    notice, site = notice_seen(session, actor, notice_id, POST)
    lock_sites(session, [site.id])
    found = untold(session, [site.id], [reference])
    if not found:
        problem = _no_entry(reference)
        raise Invalid(problem.message, [problem])
    stamp = {"recorded_at": clock.now(), "recorded_by": actor.username}
    session.connection().execute(
        insert(LossNoticeEntry), [{"movement_id": found[0].id, "notice_id": notice_id} | stamp]
    )
    record(session, actor, clock, "counts.tie_entry", f"notice {notice.reference}", {"entry": reference})


def follow_up(
    session: Session, actor: Actor, clock: Clock, notice_id: int, step: str, number: str, text: str = ""
) -> None:
    """Record what follows a notice: the full report in words, or the number of the police. Raises `Conflict` the second time."""
    notice, site = notice_seen(session, actor, notice_id, POST)
    lock_sites(session, [site.id])
    notice, _ = notice_seen(session, actor, notice_id, POST)
    if step not in STEPS or notice.step(step) is not None:
        raise Conflict(DONE)
    problems = named_in("text", text)
    try:
        as_document(number)
    except BadCell as bad:
        problems.append(Problem("number", bad.code, bad.message))
    if not number.strip():
        problems.append(Problem("number", "missing", NO_NUMBER))
    if step != POLICE and not text.strip():
        problems.append(Problem("text", "missing", NO_WORDS))
    if problems:
        raise Invalid(problems[0].message, problems)
    values = {
        "notice_id": notice_id,
        "step": step,
        "number": number.strip(),
        "findings": text.strip() or None,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    session.connection().execute(insert(LossStep), [values])
    record(session, actor, clock, "counts.follow_up", f"notice {notice.reference}", {"step": step, "number": number})
