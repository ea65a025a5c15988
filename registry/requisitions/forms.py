"""What people type on the pages of requisitions."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField

from registry.kernel.text import N_
from registry.web.forms import DayField, Filled, PageForm


class AskForm(PageForm):
    """What a ward asks for."""

    ward = SelectField(N_("Ward"), choices=[], validate_choice=False)
    pharmacy = SelectField(N_("Asked of"), choices=[], validate_choice=False)
    product = StringField(N_("Code of the product"), [Filled()])
    quantity = StringField(N_("Quantity"), [Filled()])
    asked_on = DayField(N_("Day"), [Filled()])
    purpose = TextAreaField(N_("What it is meant for"))
    reference = StringField(N_("Number of the requisition"), [Filled()])


class IssueForm(PageForm):
    """What is issued of it."""

    quantity = StringField(N_("Quantity"))
    batch = StringField(N_("Batch"))
    occurred_on = StringField(N_("Day"))


class RefuseForm(PageForm):
    """Why what is left is refused."""

    reason = TextAreaField(N_("Reason"))
