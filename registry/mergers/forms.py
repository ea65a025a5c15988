"""What somebody types to merge two records, or to separate them."""

from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from registry.deeds.asking import LONGEST
from registry.kernel.fields import CODE_LENGTH
from registry.kernel.text import N_
from registry.web.forms import Filled, PageForm


class SeparateForm(PageForm):
    """Why."""

    reason = TextAreaField(N_("Why"), [Length(max=LONGEST)])


class MergeForm(SeparateForm):
    """Which record stands for both from now on, and why."""

    survivor = StringField(
        N_("Code of the record that stays"),
        [Filled(), Length(max=CODE_LENGTH)],
        description=N_("New entries that name the other one are recorded under it."),
    )
