"""The start page: what this person can do now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from flask import render_template
from sqlalchemy.orm import Session

from forms.catalogue import all_editions
from registry.accounts import policy
from registry.accounts.domain import FIRM_ROLES, Role
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.audit.queries import entries
from registry.deeds.queries import waiting_count
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.licences.domain import STOP_CAUSES
from registry.licences.queries import licences_of
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import main_sites, sites_by_ids, sites_of
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.transitions import STATE_NAMES, State, told_outside
from registry.permits.queries.desk import waiting_for
from registry.permits.queries.permits import stopped_permits
from registry.permits.service.stops import LICENCE_STOP
from registry.stock.queries.journal import JournalEntry, arrivals
from registry.stock.queries.receipts import count_disputed, count_unconfirmed
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.supervision.domain import Standing, returns_due
from registry.supervision.pages.blueprint import blueprint, first_link, link, quoted, rows
from registry.supervision.pages.sites import site_blocks
from registry.supervision.queries import counts
from registry.supervision.queries.positions import standings_on
from registry.web.locale import NO_BREAK, current_language, format_day, format_quantity

READ_LINES = "stock.lines.read"
SHOWN_POSITIONS = 4
SHOWN_DUE = 6
SHOWN_ARRIVALS = 10
ARRIVAL_DAYS = 14
ARRIVAL_COLUMNS = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Day")},
    {"label": N_("Sender")},
    {"label": N_("Site")},
    {"label": N_("Product")},
    {"label": N_("Batch"), "kind": "code"},
    {"label": N_("Quantity"), "kind": "number"},
)


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person can start now; shown to `roles` where the page at the first of `paths` that exists is theirs."""

    label: str
    paths: tuple[str, ...]
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits, with its number, shown to `roles`; `path` leads to the list where there is one."""

    label: str
    path: str
    roles: frozenset[Role]
    count: Callable[[Session, Actor, Clock], int]


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


STEPS: tuple[Step, ...] = (
    Step(N_("Start an application"), ("/applications/new",), _roles(Role.IMPORTER)),
    Step(N_("Propose a quota line"), ("/quotas/new",), _roles(Role.OFFICER)),
    Step(N_("Enter a movement"), ("/stock/enter",), FIRM_ROLES),
    Step(N_("Upload a file"), ("/files", "/uploads", "/upload", "/exchange"), FIRM_ROLES | {Role.ADMINISTRATOR}),
    Step(N_("Read the audit log"), ("/audit",), _roles(Role.AUDITOR)),
    Step(N_("Check a permit at the border"), ("/customs",), _roles(Role.CUSTOMS)),
    Step(N_("Build a return"), ("/returns",), _roles(Role.STATISTICIAN)),
    Step(N_("Keep accounts"), ("/accounts",), _roles(Role.ADMINISTRATOR)),
    Step(N_("State of the system"), ("/health",), _roles(Role.ADMINISTRATOR)),
)


def _own(actor: Actor) -> int:
    """Return the firm's organisation; no row has number 0, so that a firm without one sees nothing."""
    return actor.organisation_id or 0


WAITING: tuple[Waiting, ...] = (
    Waiting(
        N_("Open flags"),
        "/flags",
        _roles(Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR),
        lambda session, _actor, _clock: counts.flags_open(session),
    ),
    Waiting(
        N_("Quota lines that wait for a second person"),
        "/quotas/proposals",
        _roles(Role.APPROVER),
        lambda session, actor, _clock: counts.lines_proposed(session, not_by=actor.username),
    ),
    Waiting(
        N_("Deeds that wait for a second person"),
        "/deeds",
        _roles(Role.APPROVER),
        lambda session, _actor, _clock: waiting_count(session),
    ),
    Waiting(
        N_("Permits that wait for their goods"),
        "/permits",
        _roles(Role.OFFICER, Role.APPROVER),
        lambda session, _actor, clock: counts.permits_waiting(session, clock.today()),
    ),
    Waiting(
        N_("Own permits that wait for their goods"),
        "/permits",
        _roles(Role.IMPORTER),
        lambda session, actor, clock: counts.permits_waiting(session, clock.today(), _own(actor)),
    ),
    Waiting(
        N_("Lines to be confirmed as received"),
        "/stock/arriving",
        FIRM_ROLES,
        lambda session, actor, _clock: count_unconfirmed(session, _own(actor)),
    ),
    Waiting(
        N_("Open differences between sites"),
        "/stock/arriving?show=different",
        _roles(Role.OFFICER, Role.APPROVER),
        lambda session, _actor, _clock: count_disputed(session),
    ),
)


CASES: tuple[tuple[str, State, Role], ...] = (
    (N_("Cases to take up"), State.SUBMITTED, Role.OFFICER),
    (N_("Cases under review"), State.UNDER_REVIEW, Role.OFFICER),
    (N_("Cases that wait for information"), State.INFORMATION_REQUESTED, Role.OFFICER),
    (N_("Cases proposed for issue that wait for a second person"), State.PROPOSED, Role.APPROVER),
    (N_("Cases proposed for refusal that wait for a second person"), State.REFUSAL_PROPOSED, Role.APPROVER),
)
"""What stands in the work basket, by the state of the case and who takes the next step."""


@blueprint.get("/")
@asks("home")
def home() -> str:
    """Show what the person can start, what waits for them, and what goes well or badly in their work."""
    session, actor, clock = rows(), current_actor(), current_clock()
    near, under = _positions(session, actor, clock)
    last = entries(session, limit=1) if policy.holds(actor, "audit.read") else []
    return render_template(
        "supervision/home.html",
        steps=_steps(actor),
        mine=_mine(session, actor, clock),
        stopped=_stopped(session, actor, clock),
        waiting=_cases(session, actor) + _waiting(session, actor, clock),
        near=near,
        under=under,
        year=clock.today().year,
        due=_due(actor, clock),
        last_event=last[0] if last else None,
        sites=site_blocks(session, actor, clock),
        organisation=_organisation(session, actor, clock),
        arrivals=(ARRIVAL_COLUMNS, _arrivals(session, actor, clock)),
        arrival_days=ARRIVAL_DAYS,
        link=link,
    )


def _steps(actor: Actor) -> list[tuple[str, str]]:
    found = []
    for step in STEPS:
        href = first_link(*step.paths)
        if href is not None and actor.has(*step.roles):
            found.append((step.label, href))
    return found


def _cases(session: Session, actor: Actor) -> list[tuple[str | Message, int, str | None]]:
    """Return the cases that wait for this person; a firm sees its own by state."""
    if actor.has(Role.IMPORTER):
        own: Counter[str] = Counter()
        for state, many in counts.cases_by_state(session, _own(actor)).items():
            own[told_outside(state).value] += many
        names = [(Message(N_("Own applications: %(state)s"), {"state": Message(STATE_NAMES[s])}), s) for s in State]
        return [(name, own[state], link(f"/applications?state={state}")) for name, state in names if state in own]
    if not actor.has(*(role for _, _, role in CASES)):
        return []
    found = counts.cases_by_state(session)
    return [
        (label, found.get(state, 0), link(f"/cases?state={state}")) for label, state, role in CASES if actor.has(role)
    ]


@dataclass(frozen=True, slots=True)
class Stopped:
    """A licence of the firm that does not count today: what stopped it, since when, why, and the permits that stopped with it."""

    number: str
    href: str | None
    cause: str
    since: date
    why: str
    permits: tuple[tuple[str, str | None], ...]


def _stopped(session: Session, actor: Actor, clock: Clock) -> list[Stopped]:
    """Return the licences of the person's firm that are stopped today."""
    if not actor.has(*FIRM_ROLES):
        return []
    today = clock.today()
    own = licences_of(session, [_own(actor)]).get(_own(actor), ())
    found = [(one, stop) for one in own if one.superseded_on is None and (stop := one.stopped_on(today)) is not None]
    if not found:
        return []
    permits = tuple(
        (permit.number, link(f"/permits/{quoted(permit.number)}"))
        for permit in stopped_permits(session, LICENCE_STOP, today, _own(actor))
    )
    return [
        Stopped(
            one.number,
            link(f"/licences/{quoted(one.number)}"),
            STOP_CAUSES[stop.cause].name,
            stop.from_on,
            stop.note,
            permits,
        )
        for one, stop in found
    ]


def _mine(session: Session, actor: Actor, clock: Clock) -> tuple[int, str, str, date | None] | None:
    """Return how many cases this person carries on, and of the one due first reference, address, day of the answer."""
    days = parameters_on(session, clock.today()).number(PROCESSING_DAYS)
    found = waiting_for(session, actor, clock.zone, days)
    href = link(f"/{'applications' if actor.has(*FIRM_ROLES) else 'cases'}/{found[0].row.id}") if found else None
    return (len(found), found[0].row.asked.reference, href, found[0].row.reply_by) if href else None


def _waiting(session: Session, actor: Actor, clock: Clock) -> list[tuple[str | Message, int, str | None]]:
    return [
        (each.label, each.count(session, actor, clock), link(each.path)) for each in WAITING if actor.has(*each.roles)
    ]


def _positions(session: Session, actor: Actor, clock: Clock) -> tuple[list[Standing], list[Standing]]:
    """Return the positions nearest to their ceiling and those used least, of this year."""
    if not actor.has(Role.OFFICER, Role.APPROVER):
        return [], []
    found = standings_on(session, clock, clock.today().year)
    near = sorted((each for each in found if each.is_near), key=lambda each: -(each.bound_percent or 0))
    under = sorted((each for each in found if each.is_under_used), key=lambda each: each.position.used / each.granted)
    return near[:SHOWN_POSITIONS], under[:SHOWN_POSITIONS]


def _due(actor: Actor, clock: Clock) -> list[Mapping[str, object]]:
    if not actor.has(Role.STATISTICIAN, Role.OFFICER):
        return []
    current = [editions[-1] for editions in all_editions().values() if editions]
    return [
        MappingProxyType({"due": each, "href": link(_return_path(each.form, each.period.year, each.period.quarter))})
        for each in returns_due(clock.today(), current)[:SHOWN_DUE]
    ]


def _return_path(form: str, year: int, quarter: int | None) -> str:
    return f"/returns/{form}/{year}" + (f"/Q{quarter}" if quarter is not None else "")


def _organisation(session: Session, actor: Actor, clock: Clock) -> str | None:
    """Return the name of the firm's own organisation in the reader's language."""
    if actor.organisation_id is None:
        return None
    main = main_sites(session, [actor.organisation_id]).get(actor.organisation_id)
    return main.name_in(current_language(), clock.today()) if main else None


def _arrivals(session: Session, actor: Actor, clock: Clock) -> list[list[object]]:
    """Return what others entered to the firm's shelves of late, so that the receiver is told of it."""
    own = policy.scope(actor, READ_LINES) if policy.holds(actor, READ_LINES) else None
    if own is None:
        return []
    shelves = [site.id for site in sites_of(session, own)]
    entries = arrivals(session, shelves, clock.now() - timedelta(days=ARRIVAL_DAYS), SHOWN_ARRIVALS)
    if not entries:
        return []
    ids = {number for entry in entries for number in (entry.site_id, entry.counterparty_id) if number is not None}
    sites = sites_by_ids(session, ids)
    revisions = revisions_by_ids(session, {entry.revision_id for entry in entries}, clock.today())
    return [_arrival(entry, sites, revisions[entry.revision_id], clock.today()) for entry in entries]


def _arrival(entry: JournalEntry, sites: Mapping[int, SiteFact], product: RevisionFact, day: date) -> list[object]:
    language = current_language()
    href = link(f"/stock/movements/{quoted(entry.reference)}")
    name = {"ru": product.name_ru, "ky": product.name_ky}.get(language) or product.name
    return [
        {"text": entry.reference, "href": href} if href else entry.reference,
        format_day(entry.occurred_on).replace(" ", NO_BREAK),
        sites[entry.site_id].name_in(language, day),
        sites[entry.counterparty_id].name_in(language, day) if entry.counterparty_id is not None else None,
        f"{product.code} {name}",
        entry.label or None,
        format_quantity(stated(entry.units, product.unit), UNIT_NAMES[Unit(product.unit)]),
    ]
