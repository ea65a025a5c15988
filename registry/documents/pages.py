"""Pages of documents: choose the languages and download; the public page that says what a permit is today."""

from __future__ import annotations

import hashlib
from datetime import date
from http import HTTPStatus

from flask import Blueprint, Flask, abort, current_app, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor, public
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db
from registry.documents import queries
from registry.documents.contents import permit_goods
from registry.documents.domain import (
    CERTIFICATE,
    DOCUMENT_KINDS,
    PAIRS,
    PERMIT_DOCUMENT,
    PUBLIC_DETAILS,
    DocumentKind,
    NotSigned,
)
from registry.documents.forms import CompareForm
from registry.documents.handing import issue, readable
from registry.documents.rate import Rate
from registry.documents.signing import working_key
from registry.documents.wording import word
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import main_sites
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES, PermitState
from registry.permits.queries.tokens import permit_by_token
from registry.settings import Settings
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import current_language, format_moment, say, translate

blueprint = Blueprint("documents", __name__, template_folder="templates")

READ = "permits.read"
"""Everybody who may read any document may read permits; each document asks for its own action and organisation."""
LOOKS, COMPARISONS = 20, 10
"""How often one address may look at public pages, and send files, within a minute."""
RATES = "registry.documents.rates"
NO_PERMIT = N_("there is no document with this address")
LANGUAGE_PAIRS = {
    "ky-ru": N_("Kyrgyz and Russian"),
    "ky-en": N_("Kyrgyz and English"),
    "ru-en": N_("Russian and English"),
}
COLUMNS = (
    {"label": N_("Document")},
    {"label": N_("Languages")},
    {"label": N_("Made")},
    {"label": N_("SHA-256 of the file"), "kind": "code"},
)
GOODS_COLUMNS = ({"label": N_("Product")}, {"label": N_("Quantity"), "kind": "number"})
PERMIT_CODES = (PERMIT_DOCUMENT.code, CERTIFICATE.code)
TONES = {PermitState.VALID: "green", PermitState.EXPIRED: "grey", PermitState.RETURNED: "grey"}


@blueprint.get("/documents/<kind>/<path:subject>")
@asks(READ)
def documents(kind: str, subject: str) -> str:
    """Offer the documents of one permit, refusal or licence in every pair of languages, and list what was made."""
    session, settings = db.session(), settings_of(current_app)
    chosen = readable(session, current_actor(), settings, kind, subject)[0]
    kinds = queries.kinds_beside(session, chosen, subject)
    kept = [one for each in kinds for one in queries.kept_documents(session, each.code, subject)]
    people = people_named(session, {one.made_by for one in kept})
    return render_template(
        "documents/documents.html",
        subject=subject,
        kinds=[(say(each.name), _links(each, subject)) for each in kinds],
        no_key=_why_no_key(settings),
        columns=COLUMNS,
        rows=[
            [
                say(DOCUMENT_KINDS[one.kind].name),
                say(LANGUAGE_PAIRS[one.languages]),
                f"{format_moment(one.made_at)}, {people[one.made_by]}",
                one.sha256,
            ]
            for one in kept
        ],
    )


@blueprint.get("/documents/<kind>/<languages>/file/<path:subject>")
@asks(READ)
def file(kind: str, languages: str, subject: str) -> Response:
    """Hand the signed document out; made and signed when it is asked for first. Raises `NotSigned` without a key."""
    actor, clock = current_actor(), current_clock()
    handed = issue(db.session(), actor, clock, settings_of(current_app), kind, languages, subject)
    response = make_response(handed.data)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{handed.name}"'
    return response


def _links(kind: DocumentKind, subject: str) -> list[tuple[str, str]]:
    order = sorted(PAIRS, key=lambda pair: pair != kind.languages)
    return [
        (say(LANGUAGE_PAIRS[pair]), url_for("documents.file", kind=kind.code, languages=pair, subject=subject))
        for pair in order
    ]


def _why_no_key(settings: Settings) -> str | None:
    """Return why no document can be made now, None where the key works."""
    try:
        with working_key(settings, current_clock().now()):
            return None
    except NotSigned as refusal:
        return translate(refusal.message)


@blueprint.route("/verify/<token>", methods=["GET", "POST"])
@public
def verify(token: str) -> Response:
    """Say to anybody what a permit is today, and whether a file is the one that was issued. Keeps nothing."""
    _within_rate()
    session, today = db.session(), current_clock().today()
    permit = permit_by_token(session, token)
    if permit is None:
        raise NotFound(Message(NO_PERMIT))
    form = CompareForm()
    compared = None
    if request.method == "POST":
        data = form.sent()
        compared = _compared(session, permit, data) if data is not None else None
    page = _verify_page(session, permit, today, form, compared)
    response = make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY if form.file.errors else HTTPStatus.OK)
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _verify_page(session: Session, permit: PermitFact, today: date, form: CompareForm, compared: bool | None) -> str:  # noqa: FBT001
    """Return the page: state, substances and validity; more only where the country has switched it on (NC-P14)."""
    state = permit.state_on(today)
    revisions = revisions_by_ids(session, {line.revision_id for line in permit.lines.values()}, permit.issued_on)
    parts = {(part.substance_code, part.substance_name) for one in revisions.values() for part in one.components}
    is_open = parameters_on(session, today).switch(PUBLIC_DETAILS)
    kept = [one for code in PERMIT_CODES for one in queries.kept_documents(session, code, permit.number)]
    language = current_language()
    goods = [[word(value, language) for value in row] for row in permit_goods(permit, revisions)] if is_open else []
    return render_template(
        "documents/verify.html",
        permit=permit,
        kind=PERMIT_KINDS[permit.kind].name,
        state=(state.value, PERMIT_STATE_NAMES[state], TONES.get(state, "red")),
        stands=state is PermitState.VALID and permit.issued_on <= today,
        today=today,
        substances=sorted(parts),
        digests=sorted({one.digest for one in kept}),
        details=_details(session, permit) if is_open else [],
        goods=(GOODS_COLUMNS, goods),
        form=form,
        compared=compared,
    )


def _compared(session: Session, permit: PermitFact, data: bytes) -> bool:
    """Say whether a file is, byte for byte, a document we issued for this permit."""
    kept = queries.kept_by_sha256(session, hashlib.sha256(data).hexdigest())
    return kept is not None and kept.kind in PERMIT_CODES and kept.subject == permit.number


def _details(session: Session, permit: PermitFact) -> list[tuple[str, str]]:
    holder = main_sites(session, [permit.organisation_id])[permit.organisation_id]
    return [
        (say(N_("Organisation")), holder.name_in(current_language(), permit.issued_on)),
        (say(N_("Partner abroad")), permit.partner),
    ]


def _within_rate() -> None:
    """Stop who asks too often: a page for anybody is also a page for guessing machines."""
    looks, comparisons = rates(current_app._get_current_object())  # type: ignore[attr-defined]
    now, address = current_clock().now(), request.remote_addr or ""
    rate = comparisons if request.method == "POST" else looks
    if not rate.allows(address, now):
        abort(HTTPStatus.TOO_MANY_REQUESTS)


def rates(app: Flask) -> tuple[Rate, Rate]:
    """Return how often one address may look and compare; one pair for each application."""
    found: tuple[Rate, Rate] = app.extensions.setdefault(RATES, (Rate(LOOKS), Rate(COMPARISONS)))
    return found
