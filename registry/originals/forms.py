"""What people type about drawn originals."""

from __future__ import annotations

from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.text import N_
from registry.originals.domain import OUTCOMES
from registry.web.forms import DayField, Filled, PageForm
from registry.web.page_forms import QueryForm


class OriginalsFilter(QueryForm):
    """Which drawn originals to list."""

    state = SelectField(
        N_("State"),
        choices=[SelectChoice("", N_("all")), SelectChoice("open", N_("still waited for"))],
    )


class ResultForm(PageForm):
    """What was seen."""

    outcome = SelectField(
        N_("What came of it"), choices=[SelectChoice(one.code, one.name) for one in OUTCOMES.values()]
    )
    seen_on = DayField(N_("Day"), [Filled()])
    note = TextAreaField(N_("What differs, or why nothing was shown"))
