"""What the pages of this room share: names of organisations and products, quantities, steps a person may take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import FIRM_ROLES, ROLES
from registry.accounts.guard import current_actor
from registry.accounts.people import people_named
from registry.kernel.actor import Actor
from registry.kernel.fields import as_country, as_day
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.parties import queries as parties
from registry.parties.domain import SiteFact
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.particulars import PARTICULARS, as_countries
from registry.permits.domain.transitions import (
    STATE_NAMES,
    TAKE_UP,
    State,
    Transition,
    steps_from,
    told_outside,
)
from registry.permits.queries.cases import ApplicationRow
from registry.permits.queries.desk import Waiting
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import country_name, current_language, format_day, format_quantity, say, translate

READ, APPLY = "permits.read", "permits.apply"
STATE_TONES: Mapping[State, str] = {
    State.SUBMITTED: "blue",
    State.UNDER_REVIEW: "teal",
    State.INFORMATION_REQUESTED: "orange",
    State.PROPOSED: "purple",
    State.REFUSAL_PROPOSED: "purple",
    State.ISSUED: "green",
    State.REFUSED: "red",
    State.WITHDRAWN: "grey",
}
UNIT_WORDS: Mapping[str, str] = {
    Unit.PIECE: N_("pcs"),
    Unit.MILLILITRE: N_("ml"),
    Unit.LITRE: N_("l"),
    Unit.GRAM: N_("g"),
    Unit.KILOGRAM: N_("kg"),
}
GIVEN_OF = N_("%(given)s (of %(asked)s asked for)")
CASE_COLUMNS = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Organisation")},
    {"label": N_("Product")},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("Planned for")},
    {"label": N_("State")},
)
DESK_COLUMNS = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Kind")},
    {"label": N_("Organisation")},
    {"label": N_("Product")},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("State")},
    {"label": N_("Taken up by")},
    {"label": N_("Due")},
)


@dataclass(frozen=True, slots=True)
class Names:
    """Organisations and product revisions that a page of rows names, read at once."""

    sites: Mapping[int, SiteFact]
    revisions: Mapping[int, RevisionFact]
    today: date

    def organisation(self, organisation_id: int) -> str:
        """Return code and name of an organisation."""
        site = self.sites.get(organisation_id)
        return f"{site.organisation_code} {site.name_in(current_language(), self.today)}" if site else ""

    def product(self, revision_id: int) -> str:
        """Return the name of a product in the reader's language."""
        return product_name(self.revisions[revision_id])

    def products(self, row: ApplicationRow) -> Markup:
        """Return the names of the products an application asks for, each in a line."""
        return in_lines(self.product(revision) for revision in row.revision_ids.values())

    def quantities(self, row: ApplicationRow) -> Markup:
        """Return the quantities of an application, in the order of its products, each in a line; see `quantity_told`."""
        return in_lines(self.quantity_told(row, product, units) for product, units in row.asked.lines)

    def quantity_told(self, row: ApplicationRow, product: int, asked: int) -> str:
        """Return how much of a product an application asks for; once it is decided, how much of that was given."""
        revision, cut = row.revision_ids[product], row.cuts.get(product)
        if row.permit_id is None or cut is None:
            return self.quantity(revision, asked)
        said = {"given": self.quantity(revision, cut.units), "asked": self.quantity(revision, asked)}
        return translate(Message(GIVEN_OF, said))

    def quantity(self, revision_id: int, units: int) -> str:
        """Return whole units of account as a quantity in the product's unit."""
        return quantity_of(self.revisions[revision_id], units)


def in_lines(texts: Iterable[str]) -> Markup:
    """Return texts one below the other, so that a table of many lines stays as wide as its screen."""
    return Markup("<br>").join(texts)


def names_for(session: Session, organisations: Iterable[int], revisions: Iterable[int], today: date) -> Names:
    """Read the names that rows need; five statements, however many rows."""
    return Names(
        parties.main_sites(session, set(organisations)), revisions_by_ids(session, set(revisions), today), today
    )


def product_name(revision: RevisionFact) -> str:
    """Return the name of a product in the reader's language, the main name where none is recorded."""
    return {"ru": revision.name_ru, "ky": revision.name_ky}.get(current_language()) or revision.name


def quantity_of(revision: RevisionFact, units: int) -> str:
    """Return whole units of account as a quantity with its unit: 12500 microlitres -> ``12.5 ml``."""
    unit = Unit(revision.unit)
    return format_quantity(Fraction(units, UNITS_OF_ACCOUNT[unit].per_unit), UNIT_WORDS[unit])


def particular_rows(particulars: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what was given beyond what every kind has: (name, value), as people write it, in the order of the table."""
    return [
        (say(each.name), particular_text(code, particulars[code]))
        for code, each in PARTICULARS.items()
        if particulars.get(code)
    ]


def particular_text(code: str, value: str) -> str:
    """Return the value of one particular as people write it."""
    each = PARTICULARS[code]
    if each.words:
        return say(each.words[value].name) if value in each.words else value
    if each.read is as_day:
        return format_day(date.fromisoformat(value))
    if each.read is as_countries:
        return ", ".join(country_name(one) for one in value.split(";"))
    return country_name(value) if each.read is as_country else value


def case_address(case_id: int, done: str | None = None) -> str:
    """Return where the person finds a case: a firm among its applications, the authority among its cases.

    `done`: the step just taken; the address leads to the sentence that says so.
    """
    room = "cases.case" if policy.allows(current_actor(), READ) else "applications.application"
    return url_for(room, case_id=case_id, done=done, _anchor="done" if done else None)


def case_rows(session: Session, rows: Sequence[ApplicationRow], today: date) -> list[list[object]]:
    """Return the rows of a firm's table of its applications by `CASE_COLUMNS`."""
    revisions = (revision for row in rows for revision in row.revision_ids.values())
    names = names_for(session, (row.asked.organisation_id for row in rows), revisions, today)
    return [
        [
            {"text": row.asked.reference, "href": case_address(row.id)},
            names.organisation(row.asked.organisation_id),
            names.products(row),
            names.quantities(row),
            format_day(row.asked.planned_on),
            say(STATE_NAMES[told_outside(row.state)]),
        ]
        for row in rows
    ]


def desk_rows(session: Session, waiting: Sequence[Waiting], today: date) -> list[list[object]]:
    """Return the rows of a table of cases by `DESK_COLUMNS`."""
    rows = [each.row for each in waiting]
    revisions = (revision for row in rows for revision in row.revision_ids.values())
    names = names_for(session, (row.asked.organisation_id for row in rows), revisions, today)
    people = people_named(session, {row.officer for row in rows})
    return [
        [
            {"text": each.row.asked.reference, "href": case_address(each.row.id)},
            say(PERMIT_KINDS[each.row.asked.kind].name),
            names.organisation(each.row.asked.organisation_id),
            names.products(each.row),
            names.quantities(each.row),
            say(STATE_NAMES[State(each.row.state)]),
            people[each.row.officer] if each.row.officer else None,
            due_text(each, today),
        ]
        for each in waiting
    ]


def due_text(waiting: Waiting, today: date) -> str | None:
    """Say by when a case is to be decided, that it is late, or that its clock rests for the applicant's answer."""
    if waiting.due_on is not None:
        late = N_("overdue since %(day)s") if waiting.is_overdue(today) else N_("by %(day)s")
        return translate(Message(late, {"day": waiting.due_on}))
    if waiting.row.reply_by is not None:
        late = N_("answer overdue since %(day)s") if waiting.is_unanswered(today) else N_("rests; answer by %(day)s")
        return translate(Message(late, {"day": waiting.row.reply_by}))
    return None


def my_steps(actor: Actor, row: ApplicationRow) -> list[Transition]:
    """Return the steps the person may take on a case now: by its state, the policy and the rule of two persons."""
    return [
        step
        for step in steps_from(row.state)
        if policy.allows(actor, step.action, row.asked.organisation_id) and not _own_proposal(actor, row, step)
    ]


def taken_by_another(actor: Actor, row: ApplicationRow) -> bool:
    """Say whether a colleague has the case, and the person could go on with it had they taken it over."""
    return row.officer not in (None, actor.username) and any(
        step.action == TAKE_UP.action for step in my_steps(actor, row)
    )


def waits_for_another(actor: Actor, row: ApplicationRow) -> bool:
    """Say whether the person could decide, had they not proposed the case themselves."""
    return any(
        policy.allows(actor, step.action, row.asked.organisation_id) and _own_proposal(actor, row, step)
        for step in steps_from(row.state)
    )


def _own_proposal(actor: Actor, row: ApplicationRow, step: Transition) -> bool:
    return step.second_person and row.proposed_by == actor.username


def waited_for(row: ApplicationRow) -> list[str]:
    """Return the names of the roles whose step a case waits for; the applicant's right to withdraw is no waiting."""
    possible = steps_from(row.state)
    steps = [step for step in possible if not policy.ACTIONS[step.action].roles & FIRM_ROLES]
    steps = steps or [step for step in possible if step.needs_note]
    roles = {role for step in steps for role in policy.ACTIONS[step.action].roles}
    return [say(fact.name) for role, fact in ROLES.items() if role in roles]


def basket(actor: Actor) -> list[State]:
    """Return the states in which the person has a step to take: what can I do now."""
    return [state for state in STATE_NAMES if any(policy.holds(actor, step.action) for step in steps_from(state.value))]
