"""What people type on the pages of counts."""

from __future__ import annotations

from wtforms import RadioField, SelectField, StringField, TextAreaField

from registry.kernel.text import N_
from registry.web.forms import DayField, Filled, PageForm


class OpenForm(PageForm):
    """A count to be opened."""

    site = SelectField(N_("Site"), choices=[], validate_choice=False)
    frozen_on = DayField(N_("Freeze line: the book as at the close of"), validators=[Filled()])
    products = TextAreaField(N_("Codes of the products"))


class SheetForm(PageForm):
    """A sheet; its figures are named after the lines of the round."""


class WithdrawForm(PageForm):
    """A count that was opened by mistake."""

    reason = StringField(N_("Reason"))


class CaseForm(PageForm):
    """A case to be closed."""

    cause = RadioField(N_("Cause"), choices=[], validate_choice=False)
    explanation = TextAreaField(N_("What was found out"))
    occurred_on = DayField(N_("Day of the entry"))
