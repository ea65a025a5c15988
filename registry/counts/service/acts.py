"""An act of destruction: drafted by the site, signed by three different people, then posted under its number at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NoReturn

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.queries import is_same_person
from registry.audit.service import record
from registry.counts.domain.acts import (
    AUTHORITY,
    GROUNDS,
    METHODS,
    SERIES,
    SITE,
    THIRD,
    THIRD_INSTITUTIONS,
    Act,
    ActState,
    Goods,
)
from registry.counts.domain.rules import THREE_SIGN
from registry.counts.models import (
    DestructionAct,
    DestructionDone,
    DestructionLine,
    DestructionSignature,
    DestructionWithdrawal,
)
from registry.counts.queries.acts import acts
from registry.counts.service.counting import NO_REASON, POST, READ, TO_COME
from registry.db import part_of_work
from registry.intake.check import Report, check_table
from registry.intake.reader import Table
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleRefused
from registry.kernel.mass import stated
from registry.kernel.persons import named_in, require_nobody_named
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.domain.kinds import DESTROY
from registry.stock.domain.lines import COLUMNS
from registry.stock.service import post
from registry.stock.service.known import lock_sites
from registry.substances.domain.facts import revision_on
from registry.substances.queries.products import revisions_of_products

SIGN, WITNESS = "destruction.sign", "destruction.witness"
ACTION_OF = {SITE: POST, AUTHORITY: SIGN, THIRD: WITNESS}
NO_ACT = Message(N_("there is no such act"))
NO_GOODS = Message(N_("say how much of which batch is destroyed"))
MISSING = Message(N_("This field is required."))
NOT_POSTED = Message(N_("the ledger refuses these entries"))
SIGNED = Message(N_("this act does not wait for this signature"))
SAME = Message(N_("you have signed this act already: three different people sign it"))
_DRAW = text(
    "INSERT INTO destruction_number (year, last) VALUES (:year, 1)"
    " ON CONFLICT (year) DO UPDATE SET last = destruction_number.last + 1 RETURNING last"
)


class _Tried(Exception):
    """Leaves the trial of a posting, so that nothing of it stays."""


@dataclass(frozen=True, slots=True)
class ActAsked:
    """An act as its site drafts it."""

    site: SiteFact
    destroyed_on: date
    venue: str
    ground: str
    method: str
    note: str
    goods: Sequence[Goods]


@dataclass(frozen=True, slots=True)
class Signing:
    """A signature as somebody gives it: for whom, under what name and position, of which third institution."""

    role: str
    name: str
    position: str
    institution: str = ""


def draft_act(session: Session, actor: Actor, clock: Clock, asked: ActAsked) -> int:
    """Keep a draft; return its id. What the ledger would refuse is refused now.

    Raises `Forbidden`, `Invalid`, `RuleRefused`.
    """
    policy.require(actor, POST, asked.site.organisation_id)
    problems = [
        Problem(name, "missing", MISSING)
        for name, value, known in (
            ("venue", asked.venue.strip(), None),
            ("ground", asked.ground, GROUNDS),
            ("method", asked.method, METHODS),
        )
        if not value or (known is not None and value not in known)
    ]
    problems += named_in("venue", asked.venue) + named_in("note", asked.note)
    if not asked.goods:
        problems.append(Problem("goods", "missing", NO_GOODS))
    if problems:
        raise Invalid(problems[0].message, problems)
    _try(session, actor, clock, asked)
    values = {
        "site_id": asked.site.id,
        "destroyed_on": asked.destroyed_on,
        "venue": asked.venue.strip(),
        "ground": asked.ground,
        "method": asked.method,
        "note": asked.note.strip() or None,
        "drafted_at": clock.now(),
        "drafted_by": actor.username,
    }
    number = int(session.execute(insert(DestructionAct).values(values).returning(DestructionAct.id)).scalar_one())
    lines = [
        {"act_id": number, "product_id": one.product_id, "label": one.label, "units": one.units} for one in asked.goods
    ]
    session.connection().execute(insert(DestructionLine), lines)
    record(session, actor, clock, "destruction.draft", f"act {number}", {"lines": len(lines)})
    return number


def _try(session: Session, actor: Actor, clock: Clock, asked: ActAsked) -> None:
    """Post the entries as of today and undo it: whoever drafts learns at once what the ledger refuses."""
    day = min(asked.destroyed_on, clock.today())
    try:
        with part_of_work(session):
            _post(session, actor, clock, asked.site, asked.goods, day, f"trial-{asked.site.id}")
            _undo()
    except _Tried:
        pass


def _undo() -> NoReturn:
    raise _Tried


def _post(
    session: Session,
    actor: Actor,
    clock: Clock,
    site: SiteFact,
    goods: Sequence[Goods],
    day: date,
    number: str,
) -> Report:
    """Post the destruction of each batch under the number of the act. Raises `Invalid`, `RuleRefused`."""
    revisions = revisions_of_products(session, {one.product_id for one in goods}, clock.today())
    names = tuple(column.name for column in COLUMNS)
    rows = []
    for place, one in enumerate(goods, 1):
        revision = revision_on(revisions[one.product_id], day)
        cells = {
            "reference": f"{number}-{place}",
            "occurred_on": day.isoformat(),
            "kind": DESTROY.code,
            "site": site.code,
            "product": revision.code,
            "quantity": stated(one.units, revision.unit),
            "batch": one.label,
            "document": number,
        }
        rows.append([cells.get(name, "") for name in names])
    checked = check_table(Table(names, rows, list(range(1, len(rows) + 1))), COLUMNS)
    report = post(session, actor, clock, checked, f"act {number}")
    if report.problems:
        raise Invalid(NOT_POSTED, [replace(problem, row=None) for problem in report.problems])
    if report.refused:
        raise RuleRefused(NOT_POSTED, report.findings)
    return report


def act_seen(session: Session, actor: Actor, act_id: int, action: str = READ) -> tuple[Act, SiteFact]:
    """Return an act and its site. Raises `NotFound` for what is none, and for those of others alike."""
    act = acts(session, [act_id]).get(act_id)
    site = sites_by_ids(session, [act.site_id])[act.site_id] if act is not None else None
    if act is None or site is None or policy.scope(actor, action) not in (None, site.organisation_id):
        raise NotFound(NO_ACT)
    return act, site


def sign_act(session: Session, actor: Actor, clock: Clock, act_id: int, signing: Signing, country: str) -> str | None:
    """Sign an act; the last signature draws its number, posts the destruction and returns the number.

    Raises `NotFound`, `Conflict` where this signature is not waited for, `RuleRefused` (CNT-09) for whoever
    has signed already, `Invalid`, and whatever the ledger says.
    """
    action = ACTION_OF[signing.role]
    act, site = act_seen(session, actor, act_id, action)
    policy.require(actor, action, site.organisation_id)
    lock_sites(session, [site.id])
    act, site = act_seen(session, actor, act_id, action)
    if act.state is not ActState.DRAFTED or signing.role not in act.missing:
        raise Conflict(SIGNED)
    if any(is_same_person(session, each.signed_by, actor.username) for each in act.signatures):
        raise RuleRefused(SAME, [Finding(THREE_SIGN, SAME, THREE_SIGN.severity)])
    _check(signing)
    values = {
        "act_id": act_id,
        "role": signing.role,
        "name": signing.name.strip(),
        "position": signing.position.strip(),
        "institution": signing.institution if signing.role == THIRD else signing.role,
        "signed_at": clock.now(),
        "signed_by": actor.username,
    }
    session.connection().execute(insert(DestructionSignature), [values])
    number = _finish(session, actor, clock, act, site, country) if act.missing == (signing.role,) else None
    detail = {"role": signing.role, "number": number}
    record(session, actor, clock, "destruction.sign", f"act {act_id}", detail)
    return number


def _check(signing: Signing) -> None:
    problems = [
        Problem(name, "missing", MISSING)
        for name, value in (("name", signing.name), ("position", signing.position))
        if not value.strip()
    ]
    problems += named_in("name", signing.name) + named_in("position", signing.position)
    if signing.role == THIRD and signing.institution not in THIRD_INSTITUTIONS:
        problems.append(Problem("institution", "missing", MISSING))
    if problems:
        raise Invalid(problems[0].message, problems)


def _finish(session: Session, actor: Actor, clock: Clock, act: Act, site: SiteFact, country: str) -> str:
    """Draw the number and post. Raises `Invalid` before the day of the destruction has come."""
    if act.destroyed_on > clock.today():
        raise Invalid(TO_COME, [Problem("role", "in-the-future", TO_COME)])
    drawn = session.execute(_DRAW, {"year": clock.today().year}).scalar_one()
    number = f"{country}-{SERIES}-{clock.today().year}-{drawn:06d}"
    done = {"act_id": act.id, "number": number, "done_at": clock.now()}
    session.connection().execute(insert(DestructionDone), [done])
    _post(session, actor, clock, site, act.goods, act.destroyed_on, number)
    return number


def withdraw_act(session: Session, actor: Actor, clock: Clock, act_id: int, reason: str) -> None:
    """Take back a draft that not all have signed; its site may. Raises `Conflict` later, `Invalid` without a reason."""
    act, site = act_seen(session, actor, act_id, POST)
    lock_sites(session, [site.id])
    act, _ = act_seen(session, actor, act_id, POST)
    if not reason.strip():
        raise Invalid(NO_REASON, [Problem("reason", "missing", NO_REASON)])
    require_nobody_named("reason", reason)
    if act.state is not ActState.DRAFTED:
        raise Conflict(SIGNED)
    values = {
        "act_id": act_id,
        "reason": reason.strip(),
        "withdrawn_at": clock.now(),
        "withdrawn_by": actor.username,
    }
    session.connection().execute(insert(DestructionWithdrawal), [values])
    record(session, actor, clock, "destruction.withdraw", f"act {act_id}", {"reason": reason.strip()})
