"""What people type on the pages of quotas."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.kernel.errors import Problem
from registry.kernel.text import N_
from registry.quotas.domain.kinds import ITEMS, QUOTA_KINDS
from registry.quotas.files import COLUMNS
from registry.web.forms import PageForm
from registry.web.page_forms import QueryForm, read_cells

LONGEST_NOTE = 2000
_ANY = SelectChoice("", N_("all"))
_KINDS = [SelectChoice(kind.code, kind.name) for kind in QUOTA_KINDS.values()]


class QuotaFilter(QueryForm):
    """Which lines of a year to list."""

    q = StringField(N_("Substance"))
    kind = SelectField(N_("Kind"), choices=[_ANY, *_KINDS])


class ProposalForm(PageForm):
    """A line as the officer proposes it. Cells are read exactly as those of a file."""

    year = StringField(N_("Year"))
    substance = StringField(N_("Substance"), description=N_("Code of the list, or any name: near matches are offered."))
    kind = SelectField(N_("Kind"), choices=_KINDS)
    item = SelectField(
        N_("Item of the estimate"),
        choices=[SelectChoice("", N_("none")), *(SelectChoice(one.code, one.name) for one in ITEMS.values())],
        description=N_("Only for estimates and supplements of narcotic drugs."),
    )
    organisation = StringField(
        N_("Code of the organisation"), description=N_("For an allocation or the manufacture of a synthetic drug.")
    )
    quantity_g = StringField(N_("Quantity, g"), description=N_("Grams of anhydrous base."))
    act = StringField(N_("Number of the act"))
    act_date = StringField(N_("Day of the act"))
    effective_on = StringField(
        N_("Counts from"), description=N_("Empty: the day of the act, but not before 1 January of the year.")
    )
    note = TextAreaField(N_("Note"), [Length(max=LONGEST_NOTE)])

    def read(self, substance: str) -> tuple[dict[str, object], list[Problem]]:
        """Return the cells as the service takes them, `substance` as its code, and every one that cannot be read."""
        typed = {name: field.data for name, field in self._fields.items()}
        return read_cells(COLUMNS, {**typed, "substance": substance})


class DecisionForm(PageForm):
    """Approve, reject or withdraw: a button and nothing to type."""
