"""What people type to work a need out: a few rows for each method, all optional but what makes a row whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.text import N_
from registry.quotas.domain.needs import LINE, MEAN
from registry.web.forms import PageForm

ROWS = 4
"""Groups or services that one calculation takes; more of them are added up into one row."""


class NeedForm(PageForm):
    """A calculation with a remark."""

    note = StringField(N_("Remark, such as the source of the figures"))


class TrendForm(NeedForm):
    """How the years are carried on."""

    rule = RadioField(
        N_("Carry on"),
        choices=[SelectChoice(LINE, N_("along a straight line")), SelectChoice(MEAN, N_("their mean"))],
        default=LINE,
    )


def _with_rows(name: str, captions: Mapping[str, str]) -> type[NeedForm]:
    fields = {
        f"{column}_{number}": StringField(caption)
        for number in range(1, ROWS + 1)
        for column, caption in captions.items()
    }
    return type(name, (NeedForm,), {"__doc__": f"{ROWS} rows.", "columns": tuple(captions), **fields})


MorbidityForm = _with_rows(
    "MorbidityForm",
    {
        "name": N_("Group of patients"),
        "patients": N_("Patients"),
        "mg_per_day": N_("Base a day, mg"),
        "days": N_("Days a year"),
    },
)
ServicesForm = _with_rows(
    "ServicesForm",
    {"name": N_("Service"), "units": N_("Beds, sites or operations"), "g_per_unit": N_("Base a year for each, g")},
)


class PopulationForm(NeedForm):
    """A norm and the number of people."""

    people = StringField(N_("People"))
    g_per_thousand = StringField(N_("Base a year per 1,000 people, g"))


class PickForm(PageForm):
    """Which figure counts, why, and where it goes."""

    calculation = RadioField(N_("The figure"), validate_choice=False)
    quantity_g = StringField(
        N_("Another figure, g"), description=N_("Empty: the result picked above. Grams of anhydrous base.")
    )
    justification = TextAreaField(N_("Justification"))
    kinds = SelectMultipleField(N_("Draft these lines from it"))

    def offer(self, calculations: Sequence[tuple[str, str]], kinds: Sequence[tuple[str, str]]) -> None:
        """Set what may be chosen: results, and kinds of lines; the words are in the reader's language already."""
        self.calculation.choices = [
            *(SelectChoice(*one) for one in calculations),
            SelectChoice("", N_("none of them: a figure of my own")),
        ]
        self.kinds.choices = [SelectChoice(*one) for one in kinds]
