"""Search from any page: numbers, names and codes of all rooms, each hit with its page where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.kernel.text import N_, Message
from registry.licences.queries import find_licences
from registry.mergers.domain import PRODUCT, SITE
from registry.mergers.queries import survivors_of
from registry.parties.queries import find_sites
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.transitions import STATE_NAMES, State, told_outside
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.substances.domain.medical_names import listed_name
from registry.substances.queries import Match, find_products, find_substances
from registry.supervision.pages.blueprint import blueprint, first_link, quoted, rows
from registry.supervision.queries.search import (
    MOST,
    find_applications,
    find_batches,
    find_movements,
    find_permits,
    is_question,
)
from registry.web.locale import current_language, format_day, say, translate

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the answer: what was found, what it is, where its page is (None: it has none)."""

    title: str
    about: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one sort; `more`: there are others beyond those shown."""

    name: str
    hits: list[Hit]
    more: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the words, the day, the organisation whose records alone may be shown (None: all)."""

    session: Session
    words: str
    day: date
    organisation_id: int | None


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of record: which action the reader must hold, and how it is found."""

    name: str
    action: str
    find: Callable[[Asked], list[Hit]]


def _permits(asked: Asked) -> list[Hit]:
    return [
        Hit(
            hit.number,
            f"{say(PERMIT_KINDS[hit.kind].name)}, {format_day(hit.issued_on)} – {format_day(hit.expires_on)}",
            first_link(f"/permits/{quoted(hit.number)}"),
        )
        for hit in find_permits(asked.session, asked.words, asked.organisation_id)
    ]


def _read_state(asked: Asked, state: str) -> State:
    return State(state) if asked.organisation_id is None else told_outside(state)


def _applications(asked: Asked) -> list[Hit]:
    return [
        Hit(
            hit.reference,
            f"{say(PERMIT_KINDS[hit.kind].name)}: {say(STATE_NAMES[_read_state(asked, hit.state)])}",
            first_link(
                f"/cases/{hit.id}",
                f"/cases/{quoted(hit.reference)}",
                f"/applications/{hit.id}",
                f"/applications/{quoted(hit.reference)}",
            ),
        )
        for hit in find_applications(asked.session, asked.words, asked.organisation_id)
    ]


def _batches(asked: Asked) -> list[Hit]:
    found = find_batches(asked.session, asked.words, asked.organisation_id)
    return [
        Hit(
            hit.label,
            hit.product + (f", {_expires(hit.expires_on)}" if hit.expires_on else ""),
            first_link(f"/stock/batches/{hit.id}", f"/products/{quoted(hit.product)}"),
        )
        for hit in found
    ]


def _expires(day: date) -> str:
    return translate(Message(N_("expires on %(day)s"), {"day": day}))


def _products(asked: Asked) -> list[Hit]:
    language = current_language()
    found = find_products(asked.session, asked.words, MOST + 1, asked.day)
    names = {"ru": "name_ru", "ky": "name_ky"}
    merged = survivors_of(asked.session, PRODUCT, [one.code for one in found])
    return [
        Hit(
            getattr(one, names.get(language, "name")) or one.name,
            _with_survivor(one.code, merged),
            first_link(f"/products/{quoted(one.code)}"),
        )
        for one in found
    ]


def _substances(asked: Asked) -> list[Hit]:
    return [
        Hit(say(match.substance.name), _found_by(match), first_link(f"/substances/{quoted(match.substance.code)}"))
        for match in find_substances(asked.session, listed_name(asked.words, say), MOST + 1, asked.day)
    ]


def _found_by(match: Match) -> str:
    """Return the code, and the name the substance was found by where that is another one; trade names say so."""
    if match.suggestion:
        return f"{match.substance.code}, {say(N_('trade name'))}: {match.name}"
    known = match.name in (match.substance.name, match.substance.code)
    return match.substance.code if known else f"{match.substance.code}, {match.name}"


def _sites(asked: Asked) -> list[Hit]:
    found = find_sites(asked.session, asked.words, organisation_id=asked.organisation_id, limit=MOST + 1)
    merged = survivors_of(asked.session, SITE, [site.code for site in found.sites])
    return [
        Hit(
            site.name_in(current_language(), asked.day),
            _with_survivor(site.code, merged),
            first_link(f"/organisations/{quoted(site.organisation_code)}"),
        )
        for site in found.sites
    ]


def _with_survivor(about: str, merged: Mapping[str, str]) -> str:
    """Say of a record that was merged which one stands for it."""
    into = merged.get(about)
    return (
        about
        if into is None
        else translate(Message(N_("%(name)s (merged into %(into)s)"), {"name": about, "into": into}))
    )


def _licences(asked: Asked) -> list[Hit]:
    found = find_licences(asked.session, asked.words, organisation_id=asked.organisation_id, limit=MOST + 1)
    return [
        Hit(
            licence.number,
            f"{format_day(licence.valid_from)} – {format_day(licence.valid_to)}",
            first_link(f"/licences/{quoted(licence.number)}"),
        )
        for licence in found.licences
    ]


def _movements(asked: Asked) -> list[Hit]:
    return [
        Hit(
            hit.reference,
            f"{say(MOVEMENT_KINDS[hit.kind].name)}, {format_day(hit.occurred_on)}, {hit.site}"
            + (f", {hit.document}" if hit.document else ""),
            first_link(f"/stock/movements/{quoted(hit.reference)}"),
        )
        for hit in find_movements(asked.session, asked.words, asked.organisation_id)
    ]


SORTS = (
    Sort(N_("Permits"), "permits.read", _permits),
    Sort(N_("Applications"), "permits.read", _applications),
    Sort(N_("Substances"), "substances.read", _substances),
    Sort(N_("Products"), "products.read", _products),
    Sort(N_("Batches"), "stock.read", _batches),
    Sort(N_("Organisations and sites"), "parties.read", _sites),
    Sort(N_("Licences"), "licences.read", _licences),
    Sort(N_("Entries of the ledger"), "stock.lines.read", _movements),
)


@blueprint.get("/search")
@asks("search")
def search() -> str:
    """Show what the words stand for, by sort; nothing the reader may not see."""
    words = request.args.get("q", "")[:LONGEST]
    groups = _groups(words) if is_question(words) else []
    return render_template("supervision/search.html", words=words, groups=groups, asked=is_question(words))


def _groups(words: str) -> list[Group]:
    actor, day = current_actor(), current_clock().today()
    found = []
    for sort in SORTS:
        if policy.holds(actor, sort.action):
            hits = sort.find(Asked(rows(), words, day, policy.scope(actor, sort.action)))
            if hits:
                found.append(Group(sort.name, hits[:MOST], len(hits) > MOST))
    return found
