"""A case in sentences: what is asked, what was proposed, what has changed since, what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import FIRM_ROLES
from registry.kernel.fields import scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.permits.domain.changes import OF_LINE, Change
from registry.permits.domain.checks import CheckLine, frozen
from registry.permits.domain.kinds import PERMIT_KINDS, REFUSAL_GROUNDS, Way
from registry.permits.domain.transitions import (
    HAND_OVER,
    PROPOSE,
    PROPOSE_REFUSAL,
    SEND_BACK,
    TRANSITIONS,
    State,
    told_of,
)
from registry.permits.pages.check_view import about_text, result_text
from registry.permits.pages.shared import Names
from registry.permits.queries.cases import ApplicationRow, CaseEventFact, cuts_of
from registry.permits.service.notices import cut_told
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.products import revisions_of_products
from registry.web.locale import country_name, format_moment, say, translate

AUTHORITY = N_("authority")
PROPOSALS = frozenset({PROPOSE.step, PROPOSE_REFUSAL.step})
INTERNAL = PROPOSALS | {SEND_BACK.step}
"""Steps whose texts are words between officers, not for the applicant."""
ASKED: Mapping[Way, str] = MappingProxyType(
    {
        Way.IMPORT: N_("%(organisation)s asks to bring in %(goods)s from %(partner)s, %(country)s, on %(day)s."),
        Way.EXPORT: N_("%(organisation)s asks to send out %(goods)s to %(partner)s, %(country)s, on %(day)s."),
        Way.TRANSIT: N_("%(organisation)s asks to let %(goods)s pass to %(partner)s, %(country)s, on %(day)s."),
        Way.USE: N_("%(organisation)s asks to use %(goods)s here from %(day)s on."),
    }
)
"""The sentence on top of a case, by what the goods do."""
PERMITTED: Mapping[Way, str] = MappingProxyType(
    {
        Way.IMPORT: N_(
            "%(organisation)s was permitted to bring in %(goods)s from %(partner)s, %(country)s, on %(day)s."
        ),
        Way.EXPORT: N_("%(organisation)s was permitted to send out %(goods)s to %(partner)s, %(country)s, on %(day)s."),
        Way.TRANSIT: N_(
            "%(organisation)s was permitted to let %(goods)s pass to %(partner)s, %(country)s, on %(day)s."
        ),
        Way.USE: N_("%(organisation)s was permitted to use %(goods)s here from %(day)s on."),
    }
)
"""The same once the permit is issued."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the second person decides on: who proposed what and when, with what words, and the checks that changed since.

    `compared`: the checks of the proposal were kept, so that `changed` being empty means that none has.
    """

    told: str
    by: str
    at: str
    note: str
    less: str
    compared: bool
    changed: tuple[tuple[str, str, str, str], ...]


def asked_text(row: ApplicationRow, names: Names) -> str:
    """Say in one sentence who asks for how much of what, from where and when; of a permit, what was permitted."""
    asked = row.asked
    goods = "; ".join(
        f"{names.product(row.revision_ids[product])} – {names.quantity_told(row, product, units)}"
        for product, units in asked.lines
    )
    said = {
        "organisation": names.organisation(asked.organisation_id),
        "goods": goods,
        "partner": asked.partner,
        "country": country_name(asked.partner_country),
        "day": asked.planned_on,
    }
    told = ASKED if row.permit_id is None else PERMITTED
    return translate(Message(told[PERMIT_KINDS[asked.kind].way], said))


def proposed_of(
    row: ApplicationRow,
    events: Sequence[CaseEventFact],
    people: Mapping[str, str],
    less: Mapping[int, str],
    lines: Sequence[CheckLine],
) -> Proposed | None:
    """Return the proposal that waits for a second person, None where none does."""
    found = [(version, one) for version, one in enumerate(events, 1) if one.transition in PROPOSALS]
    if row.state not in (State.PROPOSED, State.REFUSAL_PROPOSED) or not found:
        return None
    version, event = found[-1]
    changed = _changed(event.checks, frozen(lines)) if event.checks else ()
    return Proposed(
        say(told_of(event.transition)),
        people[event.actor],
        format_moment(event.at),
        event.note or "",
        less.get(version, ""),
        bool(event.checks),
        tuple(changed),
    )


def _changed(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Return (rule, about, result then, result now) of every check that came out otherwise."""
    known = Counter(_outcome(one) for one in before)
    earlier = {(one["rule"], one["about"]): one for one in before}
    found = []
    for one in now:
        if known[_outcome(one)]:
            known[_outcome(one)] -= 1
            continue
        was = earlier.get((one["rule"], one["about"]))
        found.append((one["rule"], about_text(one["about"]), result_text(was) if was else "–", result_text(one)))
    return found


def _outcome(one: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(one[part] for part in ("rule", "about", "passed", "severity", "observed", "limit"))


def refusal_of(row: ApplicationRow, *, inside: bool) -> tuple[Message, bool] | None:
    """Return how a refusal is headed and whether it is decided; before that only the authority reads it."""
    decided = row.state == State.REFUSED
    if row.refusal_ground is None or not (decided or (inside and row.state == State.REFUSAL_PROPOSED)):
        return None
    said = {"ground": Message(REFUSAL_GROUNDS[row.refusal_ground].name)}
    head = N_("Refused: %(ground)s") if decided else N_("Refusal proposed, not decided: %(ground)s")
    return Message(head, said), decided


def less_of(
    session: Session, row: ApplicationRow, names: Names, changes: Mapping[int, Sequence[Change]]
) -> dict[int, str]:
    """Return version -> what the proposal that made it gave less of, those sent back included.

    `changes`: what the applicant has corrected, by version: a proposal was about what was asked for until then.
    """
    made = cuts_of(session, row.id)
    gone = {product for cuts in made.values() for product in cuts} - row.revision_ids.keys()
    known = {revision.product_id: revision for revision in names.revisions.values()}
    if gone:
        of_gone = revisions_of_products(session, gone, names.today)
        known |= {product: revision_on(each, names.today) for product, each in of_gone.items()}
    return {
        version: " ".join(
            translate(cut_told(known[product], _asked_at(version, row, known[product], changes), cut))
            for product, cut in cuts.items()
        )
        for version, cuts in made.items()
    }


def _asked_at(
    version: int, row: ApplicationRow, revision: RevisionFact, changes: Mapping[int, Sequence[Change]]
) -> int:
    """Return the units of a product that were asked for when the case had this version."""
    for later in sorted(each for each in changes if each > version):
        for one in changes[later]:
            if one.field == OF_LINE + revision.code:
                return scaled_quantity(one.before or "0", UNITS_OF_ACCOUNT[Unit(revision.unit)].places, positive=False)
    return dict(row.asked.lines)[revision.product_id]


def event_told(event: CaseEventFact, people: Mapping[str, str], less: str, *, inside: bool) -> tuple[str, str, str]:
    """Return an event as the timeline shows it: moment, what was done with its text, by whom.

    `less`: what a proposal gave less of.
    `inside` False: for the applicant, who reads what is meant for it, and of the authority no names.
    """
    if event.transition == HAND_OVER.step:
        colleague = f": {people[event.note]}" if inside and event.note else ""
        return (
            format_moment(event.at),
            say(told_of(event.transition)) + colleague,
            people[event.actor] if inside else say(AUTHORITY),
        )
    step = TRANSITIONS.get(event.transition)
    done = say(step.told) if step else event.transition
    note = event.note if inside or event.transition not in INTERNAL else None
    said = " ".join(part for part in (less, note) if part)
    own = step is not None and bool(policy.ACTIONS[step.action].roles & FIRM_ROLES)
    who = people[event.actor] if inside or own else say(AUTHORITY)
    return format_moment(event.at), f"{done}: {said}" if said else done, who
