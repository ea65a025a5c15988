"""What people type on the pages of parameters."""

from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.fields import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.kernel.fields import TEXT_LENGTH
from registry.kernel.parameters import Parameter
from registry.kernel.text import N_
from registry.web.forms import DayField, PageForm

LONGEST_NOTE = 2000
LONGEST_ACT = 300


class ValueForm(PageForm):
    """A value somebody proposes, typed as a number or a day."""

    value = StringField(N_("New value"), [Length(max=TEXT_LENGTH)])
    effective_on = DayField(N_("Counts from"), description=N_("Today or a later day: a change never reaches back."))
    act = StringField(
        N_("Number of the act"), [Length(max=LONGEST_ACT)], description=N_("The act that sets the value.")
    )
    act_date = DayField(N_("Day of the act"))
    note = TextAreaField(N_("Note"), [Length(max=LONGEST_NOTE)])


class WordForm(ValueForm):
    """A value that is one of a few words."""

    value = SelectField(N_("New value"))  # type: ignore[assignment]  # the same name in another guise


def form_for(parameter: Parameter, now: str) -> ValueForm:
    """Return the form for a value of this kind; `now` is chosen where the value is one of a few words."""
    if not parameter.words:
        return ValueForm()
    form = WordForm(value=now)
    form.value.choices = [SelectChoice(word, name) for word, name in parameter.words]
    return form


class DecisionForm(PageForm):
    """Approve, reject or withdraw; rejecting asks why."""

    note = TextAreaField(N_("Why the value is rejected"), [Length(max=LONGEST_NOTE)])
