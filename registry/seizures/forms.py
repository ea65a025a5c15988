"""What people type on the pages of seizures."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.text import N_
from registry.seizures.domain import DISPOSALS
from registry.seizures.queries import GONE, HELD, WITHDRAWN
from registry.web.forms import PageForm
from registry.web.page_forms import QueryForm


class SeizureFilter(QueryForm):
    """Which seizures to list."""

    q = StringField(N_("Reference, place or document"))
    substance = StringField(N_("Code of the substance"))
    year = StringField(N_("Year of the seizure"))
    state = SelectField(
        N_("State"),
        choices=[
            SelectChoice("", N_("all")),
            SelectChoice(HELD, N_("held")),
            SelectChoice(GONE, N_("disposed of")),
            SelectChoice(WITHDRAWN, N_("withdrawn")),
        ],
    )


class DisposalForm(PageForm):
    """What became of one seizure; the names of the fields are those of the columns of a file."""

    disposal = SelectField(
        N_("What became of the goods"),
        choices=[SelectChoice("", N_("choose")), *(SelectChoice(one.code, one.name) for one in DISPOSALS.values())],
    )
    disposed_on = StringField(N_("Day of the disposal"))
    disposal_document = StringField(N_("Court or procedural act"))


class WithdrawalForm(PageForm):
    """Why a seizure was entered by mistake."""

    reason = TextAreaField(N_("Reason"))
