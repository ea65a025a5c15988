"""What people type about endorsements."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.endorsements.domain.facts import DIRECTION_NAMES, REASONS
from registry.endorsements.domain.waiting import AWAITED, FROM_NAMES
from registry.kernel.fields import Column, as_code, as_name
from registry.kernel.text import N_
from registry.web.forms import DayField, Filled, PageForm
from registry.web.page_forms import QueryForm

_ANY = SelectChoice("", N_("all"))
CELLS = (
    Column("number", as_code),
    Column("foreign_number", as_code, required=False),
    Column("customs_office", as_name, required=False),
)
"""The fields of the form that are read as cells of a file are."""


class EndorsementFilter(QueryForm):
    """Which endorsements to list."""

    q = StringField(N_("Number of the endorsement or of a permit"))
    direction = SelectField(
        N_("Whose"), choices=[_ANY, *(SelectChoice(code.value, name) for code, name in DIRECTION_NAMES.items())]
    )


class WaitingFilter(QueryForm):
    """Which of what is waited for to list; the countries are those of the permits."""

    kind = SelectField(N_("What"), choices=[_ANY, *(SelectChoice(one.code, one.name) for one in AWAITED.values())])
    of = SelectField(
        N_("From whom"), choices=[_ANY, *(SelectChoice(code.value, name) for code, name in FROM_NAMES.items())]
    )
    country = SelectField(N_("Partner country"), choices=[_ANY])
    late = SelectField(N_("How late"), choices=[_ANY, SelectChoice("late", N_("only what is late"))])

    def offer(self, countries: Iterable[tuple[str, str]]) -> None:
        """Offer these countries, code and name."""
        self.country.choices = [_ANY, *(SelectChoice(code, name) for code, name in countries)]


class EndorsementForm(PageForm):
    """One endorsement; `form_for` adds three fields for each line of the permit."""

    number = StringField(N_("Number of the endorsement"))
    foreign_number = StringField(N_("Number of the other country's permit"))
    arrived_on = DayField(N_("Goods arrived on"), [Filled()])
    endorsed_on = DayField(N_("Endorsed on"), [Filled()])
    customs_office = StringField(N_("Customs office"))


def form_for(lines: Iterable[tuple[int, str]]) -> EndorsementForm:
    """Return the form with quantity, reason and words for each line: id and name of its product."""
    reasons = [SelectChoice("", N_("no difference")), *(SelectChoice(one.code, one.name) for one in REASONS.values())]
    fields: dict[str, object] = {}
    for line, name in lines:
        fields[f"quantity_{line}"] = StringField(name, [Filled()])
        fields[f"reason_{line}"] = SelectField(N_("Why it differs"), choices=reasons)
        fields[f"text_{line}"] = StringField(N_("In words"))
    form: EndorsementForm = type("LinesForm", (EndorsementForm,), fields)()
    return form
