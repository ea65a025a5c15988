"""Signed documents for programs."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from flask import current_app

from registry.accounts.sessions import settings_of
from registry.api.endpoints import Call, Endpoints
from registry.documents.handing import issue
from registry.documents.schemas import DocumentSchema

READ = "permits.read"
"""As for the pages; each document asks for its own action and organisation."""
PDF = "application/pdf"

endpoints = Endpoints("documents")


@endpoints.get("/documents/<kind>/<languages>/<path:subject>", READ, DocumentSchema(), needs_key=True)
def document(call: Call, kind: str, languages: str, subject: str) -> Mapping[str, object]:
    """The signed PDF of a permit, certificate, refusal or licence in two languages (`ky-ru`, `ky-en`, `ru-en`).

    It is made and signed when it is asked for first. 503 without a working key: no key, no document.
    """
    settings = settings_of(current_app)
    handed = issue(call.session, call.actor, call.clock, settings, kind, languages, subject)
    return {
        "kind": kind,
        "subject": subject,
        "languages": languages,
        "name": handed.name,
        "media_type": PDF,
        "sha256": handed.sha256,
        "content": base64.b64encode(handed.data).decode(),
    }
