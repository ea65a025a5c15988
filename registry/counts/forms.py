"""What people type on the pages of counts."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.counts.domain.acts import GROUNDS, METHODS, THIRD_INSTITUTIONS
from registry.counts.domain.losses import SORTS
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


class NoticeForm(PageForm):
    """A loss or theft as its site tells it."""

    site = SelectField(N_("Site"), choices=[], validate_choice=False)
    sort = RadioField(
        N_("What it is"), choices=[SelectChoice(code, name) for code, name in SORTS.items()], validators=[Filled()]
    )
    discovered_on = DayField(N_("Day of the discovery"), validators=[Filled()])
    discovered_time = StringField(N_("Hour of the discovery"))
    happened_on = DayField(N_("Day it happened, if it is known"))
    what = TextAreaField(N_("What is known of it"))
    entries = TextAreaField(N_("Entries of the ledger"))
    product = StringField(N_("Code of the product"))
    batch = StringField(N_("Batch"))
    quantity = StringField(N_("Quantity"))


class TieForm(PageForm):
    """An entry of the ledger that goes with a notice."""

    entry = StringField(N_("Entry of the ledger"))


class StepForm(PageForm):
    """What follows a notice."""

    number = StringField(N_("Number of the document"))
    text = TextAreaField(N_("What was found out"))


def _choices(names: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in names.items()]


class ActForm(PageForm):
    """An act of destruction as its site drafts it; the quantities are named after the shelves."""

    destroyed_on = DayField(N_("Day of the destruction"), validators=[Filled()])
    venue = StringField(N_("Place"))
    ground = SelectField(N_("Ground"), choices=_choices(GROUNDS))
    method = SelectField(N_("Method"), choices=_choices(METHODS))
    note = TextAreaField(N_("Note"))


class SignForm(PageForm):
    """One of the three signatures."""

    name = StringField(N_("Name"))
    position = StringField(N_("Position"))
    institution = SelectField(N_("Institution"), choices=_choices(THIRD_INSTITUTIONS), validate_choice=False)
