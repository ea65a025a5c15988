"""What the applicant corrected, as everybody reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from registry.kernel.text import N_, Message
from registry.permits.apply_form import COMMON
from registry.permits.domain.changes import OF_LINE, Change
from registry.permits.domain.particulars import PARTICULARS
from registry.permits.pages.shared import particular_text
from registry.web.locale import country_name, format_day, say, translate


def change_rows(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    """Return what was corrected as people read it: what, before, after; a dash where there was nothing."""
    return [(_name(one.field), _shown(one.field, one.before), _shown(one.field, one.after)) for one in changes]


def _name(field: str) -> str:
    if field.startswith(OF_LINE):
        return translate(Message(N_("Quantity of %(product)s"), {"product": field.removeprefix(OF_LINE)}))
    return say(COMMON[field][0] if field in COMMON else PARTICULARS[field].name)


def _shown(field: str, value: str | None) -> str:
    if not value:
        return "–"
    if field == "planned_on":
        return format_day(date.fromisoformat(value))
    if field == "partner_country":
        return country_name(value)
    return value if field in COMMON or field.startswith(OF_LINE) else particular_text(field, value)
