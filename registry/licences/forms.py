"""What people type on the pages of licences."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.text import N_
from registry.licences.domain import ACTS
from registry.web.page_forms import QueryForm

VALID, ENDING, ENDED = "valid", "ending", "ended"
_ANY = SelectChoice("", N_("all"))


class LicenceFilter(QueryForm):
    """Which licences to list."""

    q = StringField(N_("Number"))
    organisation = StringField(N_("Code of the organisation"))
    state = SelectField(
        N_("State"),
        choices=[
            _ANY,
            SelectChoice(VALID, N_("valid")),
            SelectChoice(ENDING, N_("ends soon")),
            SelectChoice(ENDED, N_("ended")),
        ],
    )
    act = SelectField(N_("Act"), choices=[_ANY, *(SelectChoice(act.code, act.name) for act in ACTS.values())])
