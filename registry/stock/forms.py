"""What people type on the pages of the ledger.

Cells of an entry are plain text here: how each is read, and what would be right, is declared
once in `registry.stock.domain.lines.COLUMNS`.
"""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.text import N_
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.stock.domain.receipts import REASONS
from registry.web.forms import DayField, Filled, PageForm
from registry.web.page_forms import QueryForm


class BalanceFilter(QueryForm):
    """Which shelves to list."""

    site = SelectField(N_("Site"), choices=[], validate_choice=False)
    q = StringField(N_("Code or name of the product"))
    expiring = BooleanField(N_("Only what expires within 90 days"))
    expired = BooleanField(N_("Only what has expired"))


class SiteFilter(QueryForm):
    """Which site to look at, for people of the authority."""

    q = StringField(N_("Code or name of the site"))


class MovementFilter(QueryForm):
    """Which entries to list."""

    site = StringField(N_("Code of the site"))
    product = StringField(N_("Code of the product"))
    kind = SelectField(
        N_("Kind"),
        choices=[
            SelectChoice("", N_("all")),
            *(SelectChoice(kind.code, kind.name) for kind in MOVEMENT_KINDS.values()),
        ],
    )
    first = DayField(N_("From"))
    last = DayField(N_("To"))


class EntryForm(PageForm):
    """One movement; the names of the fields are those of the columns of a file."""

    kind = HiddenField(N_("Kind of movement"))
    site = HiddenField(N_("Site"))
    product = HiddenField(N_("Product"))
    occurred_on = StringField(N_("Day it happened"))
    quantity = StringField(N_("Quantity"))
    counterparty = StringField(N_("The other site"))
    batch = StringField(N_("Batch"))
    expires_on = StringField(N_("Expiry date of the batch"))
    permit = StringField(N_("Permit"))
    country = StringField(N_("Partner country"))
    document = StringField(N_("Document"))
    prescription = StringField(N_("Prescription or daily sheet"))
    note = TextAreaField(N_("Note"))
    reference = StringField(N_("Reference of the entry"))


class ReversalForm(PageForm):
    """The reversal of one entry."""

    occurred_on = StringField(N_("Day of the correction"))
    note = TextAreaField(N_("Reason"))
    reference = StringField(N_("Reference of the entry"))


class ReceiptFilter(QueryForm):
    """Which lines between sites to list."""

    site = StringField(N_("Code of the site"))
    show = SelectField(
        N_("Show"),
        choices=[
            SelectChoice("waiting", N_("what waits for confirmation")),
            SelectChoice("different", N_("open differences")),
            SelectChoice("all", N_("everything, the latest first")),
        ],
    )


class ConfirmForm(PageForm):
    """Everything that is ticked came as sent."""

    received_on = StringField(N_("Day the goods arrived"))


class AnswerForm(PageForm):
    """What of one line differs: a quantity for each reason, the names of which are those of the reasons."""

    received_on = StringField(N_("Day the goods arrived"))
    batch = StringField(N_("Batch that came instead"))
    note = TextAreaField(N_("Note"))


for _reason in REASONS.values():
    field = BooleanField(_reason.name) if _reason.whole else StringField(_reason.name)
    setattr(AnswerForm, _reason.code, field)


class SettleForm(PageForm):
    """The entry that corrects a difference."""

    reason = HiddenField(N_("Reason"))
    entry = SelectField(N_("Entry that corrects it"), choices=[], validate_choice=False)


class RulingForm(PageForm):
    """The ruling of the authority on a difference."""

    reason = HiddenField(N_("Reason"))
    text = TextAreaField(N_("Ruling"))
    document = StringField(N_("Document of the ruling"))


class LotForm(PageForm):
    """What is decided of a lot in quarantine."""

    decision = RadioField(
        N_("Decision"),
        choices=[
            SelectChoice("release", N_("release for use")),
            SelectChoice("refuse", N_("refuse: back abroad or to destruction")),
        ],
        validators=[Filled()],
    )
    decided_on = DayField(N_("Day of the decision"), validators=[Filled()])
    document = StringField(N_("Number of the document"), validators=[Filled()])
    note = TextAreaField(N_("Note"))


class DestructionForm(PageForm):
    """The destruction of what a patient brought back."""

    destroyed_on = StringField(N_("Day of the destruction"))
    document = StringField(N_("Number of the act"))
    note = TextAreaField(N_("How it was done"))
