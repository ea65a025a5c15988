"""What people type on the pages of applications, cases and permits."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.kernel.codes import COUNTRIES
from registry.kernel.errors import Problem
from registry.kernel.text import N_
from registry.permits.domain.kinds import IMPORT, PERMIT_KINDS, PERMIT_STATE_NAMES, REFUSAL_GROUNDS, PermitState
from registry.permits.domain.transitions import STATE_NAMES, State
from registry.permits.files import APPLICATION_COLUMNS
from registry.web.forms import PageForm
from registry.web.locale import country_name
from registry.web.page_forms import QueryForm, read_cells

_ANY = SelectChoice("", N_("all"))
LONGEST_NOTE = 2000


class CaseFilter(QueryForm):
    """Which cases to list."""

    state = SelectField(
        N_("State"), choices=[_ANY, *(SelectChoice(state.value, name) for state, name in STATE_NAMES.items())]
    )

    @property
    def chosen(self) -> State | None:
        """Return the state asked for, None for all."""
        word = self.word("state")
        return State(word) if word else None


class PermitFilter(QueryForm):
    """Which permits to list."""

    q = StringField(N_("Number"))
    organisation = StringField(N_("Code of the organisation"))
    state = SelectField(
        N_("State"), choices=[_ANY, *(SelectChoice(state.value, name) for state, name in PERMIT_STATE_NAMES.items())]
    )
    kind = SelectField(N_("Kind"), choices=[_ANY, *(SelectChoice(k.code, k.name) for k in PERMIT_KINDS.values())])

    @property
    def chosen(self) -> PermitState | None:
        """Return the state asked for, None for all."""
        word = self.word("state")
        return PermitState(word) if word else None


class ApplicationForm(PageForm):
    """An application as the importer states it. Cells are read exactly as those of a file."""

    reference = StringField(N_("Your reference"), description=N_("A number of your own, used once."))
    kind = SelectField(
        N_("Kind of permit"),
        choices=[SelectChoice(IMPORT.code, IMPORT.name)],
    )
    product = SelectField(N_("Product"), choices=[], validate_choice=False)
    quantity = StringField(N_("Quantity"), description=N_("In the unit of the product, such as 1200 or 12.5."))
    partner_country = SelectField(N_("Partner country"), choices=[], validate_choice=False)
    partner = StringField(N_("Partner abroad"), description=N_("Name of the exporting firm."))
    planned_on = StringField(
        N_("Day the consignment is planned for"), description=N_("The quota of that day's year counts. 31.03.2026")
    )
    counterpart_number = StringField(
        N_("Number of the other country's permit"), description=N_("As soon as it is known.")
    )
    purpose = StringField(N_("Purpose"), description=N_("Medical, veterinary, scientific, forensic."))
    justification = TextAreaField(N_("Justification"), [Length(max=LONGEST_NOTE)])

    def offer(self, products: Iterable[tuple[str, str]]) -> None:
        """Offer these products (code, text) and every country by its name in the reader's language."""
        self.product.choices = [SelectChoice("", N_("choose")), *(SelectChoice(code, text) for code, text in products)]
        countries = sorted((country_name(code), code) for code in COUNTRIES)
        self.partner_country.choices = [
            SelectChoice("", N_("choose")),
            *(SelectChoice(code, name) for name, code in countries),
        ]

    def read(self, organisation: str) -> tuple[dict[str, object], list[Problem]]:
        """Return the cells as the service takes them, and every one that cannot be read."""
        typed = {name: field.data for name, field in self._fields.items()}
        return read_cells(APPLICATION_COLUMNS, {**typed, "organisation": organisation})


class StepForm(PageForm):
    """One step of a case: the version that was read, a text, and for a refusal its ground."""

    version = HiddenField()
    note = TextAreaField(N_("Text"), [Length(max=LONGEST_NOTE)])
    ground = SelectField(
        N_("Ground of refusal"),
        choices=[SelectChoice(ground.code, ground.name) for ground in REFUSAL_GROUNDS.values()],
        validate_choice=False,
    )
    appeal = TextAreaField(N_("How to appeal"), [Length(max=LONGEST_NOTE)])

    @property
    def read_version(self) -> int:
        """Return the version of the case the person has read, 0 for anything unreadable."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - an int column
