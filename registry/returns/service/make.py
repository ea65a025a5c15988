"""Making a return, and handing it out in the format asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from exports.catalogue import format_named
from forms.document import document_of
from forms.figures import Return, as_json, build
from registry.kernel.clock import Clock
from registry.kernel.period import Period
from registry.kernel.text import Message
from registry.returns.service.facts import facts_of
from registry.returns.service.requirements import AHEAD, requirement_facts
from registry.settings import Settings

LOCALES = {"ky": "ky_KG", "ru": "ru_KG", "en": "en"}
JSON = "json"


def make_return(
    session: Session,
    clock: Clock,
    settings: Settings,
    form: str,
    period: Period,
    as_of: date | None = None,
    *,
    with_prepared: bool = False,
) -> Return:
    """Return the draft of `form` for `period`, from ledger and quotas as known on `as_of` (default: now).

    `with_prepared` counts drafted and proposed lines into the forms that look ahead (B, B/P).
    Raises `NotFound` for a form without an edition, `Invalid` when a quarter is missing or too many.
    """
    if form in AHEAD:
        facts = requirement_facts(session, clock, settings, form, period, as_of, with_prepared=with_prepared)
        return build(form, facts)
    return build(form, facts_of(session, clock, settings, period, as_of))


def as_bytes(
    return_: Return,
    format_name: str,
    translate: Callable[[Message], str],
    language: str,
    country_name: Callable[[str], str] = str,
) -> bytes:
    """Return the file of a return: the contract's JSON, or a document as XLSX, PDF, CSV or XML.

    The same facts give the same bytes. Raises `NotFound` for an unknown format.
    """
    if format_name == JSON:
        return (json.dumps(as_json(return_, translate), ensure_ascii=False, indent=1) + "\n").encode()
    document = document_of(return_, translate, LOCALES.get(language, language), country_name)
    return format_named(format_name).render(document)
