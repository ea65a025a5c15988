"""What people type on the pages of quotas."""

from __future__ import annotations

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import Column, as_day, as_name
from registry.kernel.persons import as_note
from registry.kernel.text import N_, Message
from registry.quotas.domain.cycle import Decision
from registry.quotas.domain.kinds import ITEMS, QUOTA_KINDS
from registry.quotas.files import COLUMNS
from registry.web.forms import PageForm
from registry.web.page_forms import QueryForm, read_cells

VERSION_DIGITS = 9
UNREADABLE_STEP = Message(N_("something that was typed cannot be read"))
NOTE = Column("note", as_note, required=False)
STEP_COLUMNS = (
    Column("act", as_name, required=False),
    Column("act_date", as_day, required=False),
    Column("effective_on", as_day, required=False),
    NOTE,
)
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
    note = TextAreaField(
        N_("Reason or note"), description=N_("A supplement and a later state quota need their reason.")
    )
    version = HiddenField()

    def read(self, substance: str) -> tuple[dict[str, object], list[Problem]]:
        """Return the cells as the service takes them, `substance` as its code, and every one that cannot be read."""
        typed = {name: field.data for name, field in self._fields.items()}
        return read_cells((*COLUMNS, NOTE), {**typed, "substance": substance})


class StepForm(PageForm):
    """What goes with a step of a line: the version that was looked at, a reason, the act of an approval."""

    version = HiddenField()
    act = StringField(N_("Number of the act"), description=N_("Empty: as proposed. A state quota needs one."))
    act_date = StringField(N_("Day of the act"))
    effective_on = StringField(N_("Counts from"), description=N_("Empty: as proposed, else the day of the act."))
    note = TextAreaField(N_("Reason or remark"), description=N_("A rejection needs a reason."))

    def decision(self) -> Decision:
        """Return what was typed. Raises `Invalid` with every cell that cannot be read."""
        typed = {name: field.data for name, field in self._fields.items()}
        row, problems = read_cells(STEP_COLUMNS, typed)
        if problems or not self.validate_on_submit():
            raise Invalid(UNREADABLE_STEP, problems)
        row.pop("row")
        return Decision(version=seen_version(self), **row)  # type: ignore[arg-type]


def seen_version(form: PageForm) -> int | None:
    """Return the version of the line that the person saw, None where the form does not say."""
    text = str(form["version"].data or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS else None
