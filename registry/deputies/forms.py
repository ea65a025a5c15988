"""What an administrator types to name a deputy."""

from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from registry.deeds.asking import LONGEST
from registry.kernel.text import N_
from registry.web.forms import DayField, PageForm

LONGEST_ACT = 300
USERNAME = N_("The user name, as the list of accounts shows it.")


class DeputyForm(PageForm):
    """Who stands in for whom, by which act, in which days."""

    away = StringField(N_("Who is away"), description=USERNAME)
    deputy = StringField(N_("Deputy"), description=USERNAME)
    act = StringField(N_("Number of the act"), [Length(max=LONGEST_ACT)])
    act_date = DayField(N_("Day of the act"))
    from_on = DayField(N_("First day"))
    to_on = DayField(N_("Last day"), description=N_("The deputy’s time ends by itself after it."))
    reason = TextAreaField(N_("Why"), [Length(max=LONGEST)])
