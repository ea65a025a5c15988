"""Pages that merge two records of one thing and separate them again; what a record's own page tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, Flask, abort, current_app, redirect, render_template, url_for
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.deeds.asking import Answer
from registry.deeds.domain import DeedFact
from registry.deeds.effects import Details, Effect
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Forbidden, NotFound, RegistryError
from registry.kernel.text import N_, Message
from registry.mergers import service
from registry.mergers.domain import MERGE, PROPOSES, SEPARATE, Asked, MergerFact, Trait
from registry.mergers.forms import MergeForm, SeparateForm
from registry.mergers.kinds import Mergeable, hanging_on, registered
from registry.mergers.queries import mergers_around
from registry.web.locale import say
from registry.web.page_forms import UNREADABLE, show_refusal

blueprint = Blueprint("mergers", __name__, template_folder="templates")

AnyForm = TypeVar("AnyForm", bound=SeparateForm)
COLUMNS = ({"label": N_("What")}, {"label": N_("How many"), "kind": "number"}, {"label": N_("What to do first")})


@dataclass(frozen=True, slots=True)
class Told:
    """What the page of a record says of its mergers; `into`: the one it resolves to now.

    `inside`: for the authority, which reads why and who decided; a firm reads neither.
    """

    kind: str
    code: str
    into: MergerFact | None
    into_href: str
    rows: Sequence[tuple[MergerFact, str, str]]
    inside: bool
    may_propose: bool


def told_of(session: Session, kind: str, code: str) -> Told:
    """Return the mergers around one record, each with the address of the other and who decided; three statements."""
    found = mergers_around(session, kind, [code])
    address = registered(current_app)[kind].address
    people = people_named(session, {each.recorded_by for each in found})
    inside = policy.holds(current_actor(), "deeds.read")
    into = next((each for each in found if each.duplicate == code and each.ended_on is None), None)
    return Told(
        kind,
        code,
        into,
        address(into.survivor) if into else "",
        [
            (
                each,
                address(each.survivor if each.duplicate == code else each.duplicate),
                people[each.recorded_by] if inside else say(N_("authority")),
            )
            for each in found
        ],
        inside,
        policy.allows(current_actor(), PROPOSES),
    )


def _mergeable(kind: str) -> Mergeable:
    found = registered(current_app).get(kind)
    if found is None:
        abort(404)
    return found


def _room(kind: str) -> service.Room:
    return room_of(current_app, _mergeable(kind))


def room_of(app: Flask, mergeable: Mergeable) -> service.Room:
    """Return what the service asks of the rooms for one kind of record."""
    return service.Room(mergeable.kind, mergeable.describe, hanging_on(app, mergeable.kind))


@blueprint.route("/mergers/<kind>/<path:code>", methods=["GET", "POST"])
@asks(PROPOSES)
def merge(kind: str, code: str) -> Answer:
    """Propose to merge one record into another; the page says first what hinders it."""

    def take(session: Session, form: MergeForm) -> None:
        survivor = str(form.survivor.data or "").strip()
        service.ask_merge(session, *_me(), _room(kind), code, survivor, str(form.reason.data or ""))

    return _asked(kind, code, MergeForm(), take, Asked(code, current_clock().today()))


@blueprint.route("/separations/<kind>/<path:code>", methods=["GET", "POST"])
@asks(PROPOSES)
def separate(kind: str, code: str) -> Answer:
    """Propose to separate two records again; the page says first what was recorded since."""

    def take(session: Session, form: SeparateForm) -> None:
        service.ask_separate(session, *_me(), _room(kind), code, str(form.reason.data or ""))

    into = told_of(db.session(), _mergeable(kind).kind, code).into
    if into is None:
        raise NotFound(Message(N_("“%(code)s” is not merged into another record"), {"code": code}))
    return _asked(kind, code, SeparateForm(), take, Asked(into.survivor, current_clock().today(), into.recorded_at))


def _me() -> tuple[Actor, Clock]:
    return current_actor(), current_clock()


def _asked(kind: str, code: str, form: AnyForm, take: Callable[[Session, AnyForm], None], asked: Asked) -> Answer:
    room = _room(kind)
    traits = room.describe(db.session(), [code], asked.today).get(code)
    if traits is None:
        raise NotFound(Message(N_("there is no record with the code “%(code)s”"), {"code": code}))
    deed = SEPARATE if asked.since else MERGE
    if not form.is_submitted():
        return _page(kind, code, form, traits, asked)
    if not form.validate_on_submit():
        return _page(kind, code, form, traits, asked), UNREADABLE
    try:
        with unit_of_work(db.session()) as session:
            take(session, form)
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, deed.proposes, service.subject_of(kind, code))
        show_refusal(form, error)
        return _page(kind, code, form, traits, asked), UNREADABLE
    return redirect(url_for("deeds.deeds"), 303)


def _page(kind: str, code: str, form: SeparateForm, traits: list[Trait], asked: Asked) -> str:
    mergeable, session = _mergeable(kind), db.session()
    typed = form.survivor.data if isinstance(form, MergeForm) else asked.code
    named = str(typed or "").strip()
    other = mergeable.describe(session, [named], asked.today).get(named) if named else None
    return render_template(
        "mergers/ask.html",
        form=form,
        deed=SEPARATE if asked.since else MERGE,
        code=code,
        other_code=named if other else None,
        back=mergeable.address(code),
        kind_name=mergeable.name,
        traits=[(own, their) for own, their in zip(traits, other or traits, strict=True)],
        hanging=room_of(current_app, mergeable).hangs(session, asked),
        columns=COLUMNS,
    )


def _beside(traits: Mapping[str, list[Trait]], code: str, survivor: str) -> list[tuple[str, str]]:
    """Return the fields of both records beside each other."""
    pairs = [
        (say(mine.label), f"{mine.value or '–'} | {theirs.value or '–'}")
        for mine, theirs in zip(traits.get(code, []), traits.get(survivor, []), strict=False)
    ]
    return [(say(N_("Code of the record that stays")), survivor), *pairs]


def effects(app: Flask) -> list[Effect]:
    """Return how mergers and separations are carried out once decided."""

    def carry_out(session: Session, actor: Actor, clock: Clock, deed: DeedFact) -> None:
        mergeable = registered(app)[service.read_subject(deed.subject)[0]]
        act = service.carry_out_merge if deed.kind == MERGE.code else service.carry_out_separate
        act(session, actor, clock, room_of(app, mergeable), deed)

    def address(subject: str) -> str:
        kind, code = service.read_subject(subject)
        return registered(app)[kind].address(code)

    def details(deeds: Sequence[DeedFact]) -> Details:
        named: dict[str, dict[int, tuple[str, str]]] = {}
        for deed in deeds:
            kind, code = service.read_subject(deed.subject)
            named.setdefault(kind, {})[deed.id] = code, deed.payload["survivor"]
        told: dict[int, Sequence[tuple[str, str]]] = {}
        for kind, pairs in named.items():
            codes = {code for pair in pairs.values() for code in pair}
            traits = registered(app)[kind].describe(db.session(), codes, current_clock().today())
            told |= {number: _beside(traits, *pair) for number, pair in pairs.items()}
        return told

    return [Effect(kind, carry_out, address, details) for kind in (MERGE, SEPARATE)]
