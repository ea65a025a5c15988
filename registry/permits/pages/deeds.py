"""Pages that ask for a deed on a permit: suspend, revoke, mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

from flask import Flask, abort, current_app, request, url_for
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db
from registry.deeds.asking import Answer, Asking, asking_page, typed_day
from registry.deeds.domain import DeedFact
from registry.deeds.effects import Details, Effect
from registry.kernel.mass import stated
from registry.kernel.text import N_, Message
from registry.permits.domain.deeds import PERMIT_DEEDS, PROPOSES, QUANTITY
from registry.permits.domain.facts import PermitFact
from registry.permits.pages.permits import blueprint
from registry.permits.queries import permits_by_numbers
from registry.permits.service import stops
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import country_name, say, translate

LABELS = {
    "partner_country": N_("Partner country"),
    "partner": N_("Partner abroad"),
    "counterpart_number": N_("Number of the other country's permit"),
    "expires_on": N_("Valid to"),
    "purpose": N_("Purpose"),
    "customs_office": N_("Customs office"),
}


@blueprint.route("/permits/deeds/<code>/<path:number>", methods=["GET", "POST"])
@asks(PROPOSES)
def deed(code: str, number: str) -> Answer:
    """Ask for one deed on one permit."""
    known = PERMIT_DEEDS.get(code)
    if known is None:
        abort(404)
    session = db.session()
    permit = stops.require_permit(session, number)
    policy.require(current_actor(), known.kind.proposes, permit.organisation_id)
    country = settings_of(current_app).country

    def take(unit: Session, reason: str, day: date, payload: Mapping[str, str]) -> DeedFact:
        asked = stops.Asked(number, code, reason, day, payload)
        return stops.ask(unit, current_actor(), current_clock(), asked, country)

    return asking_page(
        Asking(
            known.kind,
            number,
            translate(Message(N_("Permit %(number)s"), {"number": number})),
            url_for("permits.permit", number=number),
            _mends(permit, _revisions(session, [permit])) if known.replaces and known.cause == "error" else {},
            take,
        ),
        request.form,
    )


def _revisions(session: Session, permits: Iterable[PermitFact]) -> Mapping[int, RevisionFact]:
    return revisions_by_ids(
        session, {line.revision_id for permit in permits for line in permit.lines.values()}, current_clock().today()
    )


def _mends(permit: PermitFact, revisions: Mapping[int, RevisionFact]) -> dict[str, tuple[str, str]]:
    found = {}
    for name in stops.MENDS:
        value = getattr(permit, name)
        found[name] = say(LABELS[name]), typed_day(value) if isinstance(value, date) else value or ""
    for line in permit.lines.values():
        revision = revisions[line.revision_id]
        label = f"{say(N_('Quantity'))}, {revision.code} ({revision.unit})"
        found[QUANTITY + revision.code] = label, stated(line.units, revision.unit)
    return found


def _details(deeds: Sequence[DeedFact]) -> Details:
    """Return what each permit should have said, beside what it says, for the second person."""
    session = db.session()
    permits = permits_by_numbers(session, {deed.subject for deed in deeds if deed.payload})
    revisions = _revisions(session, permits.values())
    now = {number: _mends(permit, revisions) for number, permit in permits.items()}
    return {deed.id: _changes(deed, now[deed.subject]) for deed in deeds if deed.subject in now}


def _changes(deed: DeedFact, now: Mapping[str, tuple[str, str]]) -> Sequence[tuple[str, str]]:
    told = [(name, now[name], value) for name, value in deed.payload.items() if name in now]
    return [(label, f"{_read(name, before)} → {_read(name, value)}") for name, (label, before), value in told]


def _read(name: str, typed: str) -> str:
    """Return a value as people read it: a country by its name."""
    return (country_name(typed.upper()) if name == "partner_country" else typed) or "–"


def effects(app: Flask) -> list[Effect]:
    """Return how each deed on a permit is carried out once decided."""
    carry_out = partial(stops.carry_out, country=settings_of(app).country)
    return [
        Effect(each.kind, carry_out, lambda number: url_for("permits.permit", number=number), _details)
        for each in PERMIT_DEEDS.values()
    ]
