"""What people type and choose on the pages of reports."""

from __future__ import annotations

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.text import N_
from registry.reporting.domain.calendar import STATE_NAMES
from registry.web.forms import Filled, PageForm
from registry.web.page_forms import QueryForm

OPEN = "open"


class ReportFilter(QueryForm):
    """Which reports to list; nothing chosen is what the sites have to see to."""

    q = StringField(N_("Code or name of the site"))
    period = SelectField(N_("Period"), choices=[], validate_choice=False)
    state = SelectField(
        N_("Show"),
        choices=[
            SelectChoice(OPEN, N_("due, late or changed")),
            *(SelectChoice(state.value, name) for state, name in STATE_NAMES.items()),
            SelectChoice("all", N_("all")),
        ],
    )


class PeriodForm(QueryForm):
    """Which period is closed or reopened."""

    site = StringField(N_("Code of the site"))
    period = StringField(N_("Period"))


class StateForm(PageForm):
    """A report; `seen`: the digest of the sheet that was shown."""

    seen = HiddenField()


class DiscardForm(PageForm):
    """Why a refused file is discarded."""

    reason = TextAreaField(N_("Why"), [Filled()])
