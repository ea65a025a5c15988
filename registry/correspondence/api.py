"""The exchange with other authorities for programs."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app

from registry.accounts.sessions import settings_of
from registry.api.endpoints import Call, Endpoints
from registry.correspondence.catalogue import format_named
from registry.correspondence.schemas import PermitFileSchema
from registry.correspondence.service.exporting import READ, export_permit
from registry.correspondence.writing import XML
from registry.db import unit_of_work
from registry.kernel.fields import Column, as_code

FORMAT = Column("format", as_code, required=False, note="xml (as when it is left out), json, or an official schema")

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
