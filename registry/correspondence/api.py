"""The exchange with other authorities for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import current_app

from registry.accounts.sessions import settings_of
from registry.api.bodies import Bytes, One
from registry.api.cursors import Listed, page_of, paging, size_of
from registry.api.endpoints import Call, Endpoints
from registry.api.schemas import listed
from registry.correspondence import queries
from registry.correspondence.catalogue import format_named, official_named
from registry.correspondence.domain.differences import Difference
from registry.correspondence.domain.letters import ISSUED, PURPOSES
from registry.correspondence.schemas import (
    ComparedSchema,
    CounterpartSchema,
    PermitFileSchema,
    PermitLettersSchema,
)
from registry.correspondence.service.exporting import READ, export_permit
from registry.correspondence.service.receiving import RECEIVE, ComingFile, compared, receive
from registry.correspondence.service.sending import SEND, Sending, send
from registry.correspondence.writing import JSON, XML
from registry.db import unit_of_work
from registry.kernel.fields import Column, as_code, as_name, as_text, choice
from registry.web.schema import schema_of

SEE = "correspondence.read"
FORMAT = Column("format", as_code, required=False, note="xml (as when it is left out), json, or an official schema")
SCHEMA = Column("schema", as_code, required=False, note="official schema of the file; left out: our own")
ABOUT = Column("about", as_code, required=False, note="our permit or application; left out: the numbers decide")
NAME = Column("name", as_name, required=False, note="what people know the file by")
LETTER_BODY = schema_of(
    (
        Column("purpose", choice(PURPOSES), required=False, choices=tuple(PURPOSES)),
        Column("reason", as_text, required=False, note="why it goes again; needed after the first letter"),
    )
)

endpoints = Endpoints("correspondence")


@endpoints.get("/permit-files/<path:number>", READ, PermitFileSchema(), query=(FORMAT,))
def permit_file(call: Call, number: str) -> Mapping[str, object]:
    """One permit as a file for other systems; its digest goes into the audit log."""
    written = format_named(current_app, call.query["format"] or XML.name)
    with unit_of_work(call.session) as session:
        made = export_permit(session, call.actor, call.clock, settings_of(current_app), number, written)
    return {
        "number": number,
        "format": written.name,
        "name": made.name,
        "media_type": made.media_type,
        "sha256": made.sha256,
        "content": made.content.decode(),
    }


@endpoints.get("/counterparts", SEE, listed(CounterpartSchema()), query=paging(int))
def counterparts(call: Call) -> Listed[Mapping[str, object]]:
    """Every permit of another authority that came in a file, the newest first."""
    below, size = call.query["cursor"], size_of(call.query)
    found = queries.received_page(call.session, size + 1, below=below[0] if below else None)
    page = page_of(found, size, lambda one: (one.id,))
    return Listed([_told(one) for one in page.items], page.next)


@endpoints.get("/counterparts/<int:counterpart_id>", SEE, ComparedSchema())
def counterpart(call: Call, counterpart_id: int) -> Mapping[str, object]:
    """One of them, with what of ours it belongs to and where the two differ today."""
    received = queries.received_by_id(call.session, counterpart_id)
    ours = queries.ours_of(call.session, received)
    facts = queries.facts_of(call.session, [received.id])[received.id]
    return _compared(received, ours, compared(call.session, ours, facts, settings_of(current_app), call.today))


@endpoints.post(
    "/counterparts",
    RECEIVE,
    ComparedSchema(),
    query=(SCHEMA, ABOUT, NAME),
    body=Bytes((XML.media_type, JSON.media_type)),
    status=201,
)
def take_in(call: Call) -> Mapping[str, object]:
    """Take in the permit of another authority; the same file again changes nothing."""
    name = call.query["schema"]
    coming = ComingFile(
        call.query["name"] or "api",
        call.body,
        call.query["about"] or "",
        official_named(current_app, name) if name else None,
    )
    taken = receive(call.session, call.actor, call.clock, settings_of(current_app), coming)
    return _compared(taken.received, taken.ours, taken.differences)


@endpoints.get("/permit-letters/<path:number>", SEE, PermitLettersSchema())
def letters(call: Call, number: str) -> Mapping[str, object]:
    """Every letter about a permit to the authority of the other country, and where each stands."""
    return _letters(call, number)


@endpoints.post("/permit-letters/<path:number>", SEND, PermitLettersSchema(), body=One(LETTER_BODY), status=201)
def send_letter(call: Call, number: str) -> Mapping[str, object]:
    """Queue a letter about a permit, with the signed document and the file; 503 without a key, and nothing is queued."""
    asked = Sending(number, call.body["purpose"] or ISSUED.code, call.body["reason"] or "")
    send(call.session, call.actor, call.clock, settings_of(current_app), asked)
    return _letters(call, number)


def _letters(call: Call, number: str) -> Mapping[str, object]:
    permit = queries.require_permit(call.session, number)
    return {
        "letters": [
            asdict(one)
            | {
                "state": one.letter.state.value if one.letter else None,
                "sent_at": one.letter.sent_at if one.letter else None,
            }
            for one in queries.letters_of(call.session, permit.id)
        ]
    }


def _told(received: queries.Received) -> dict[str, Any]:
    return asdict(received) | {"filed_under": received.filed_under or None}


def _compared(received: queries.Received, ours: queries.Ours, found: Sequence[Difference]) -> Mapping[str, object]:
    told = [
        {"what": one.code, "about": one.about or None, "ours": one.ours or None, "theirs": one.theirs or None}
        for one in found
    ]
    return _told(received) | {"ours": ours.number or None, "differences": told}
