"""What people type on the pages of substances and products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import FieldList, Form, FormField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.kernel.errors import Problem
from registry.kernel.mass import Unit
from registry.kernel.text import N_
from registry.substances.domain.facts import Control, Treaty
from registry.substances.domain.schedule_three import Answer
from registry.substances.domain.scope import SCHEDULES
from registry.substances.files import COMPONENT_COLUMNS, PRODUCT_COLUMNS
from registry.web.forms import PageForm
from registry.web.locale import translate
from registry.web.page_forms import QueryForm, read_cells

COMPONENT_ROWS = 6

TREATY_NAMES: Mapping[str, str] = {
    Treaty.NARCOTIC: N_("narcotic drugs, 1961 Convention"),
    Treaty.PSYCHOTROPIC: N_("psychotropic substances, 1971 Convention"),
    Treaty.PRECURSOR: N_("precursors, 1988 Convention"),
    Treaty.NATIONAL: N_("national list only"),
}
CONTROL_NAMES: Mapping[str, str] = {
    Control.AUTO: N_("worked out from the composition"),
    Control.SCHEDULE_III_1961: N_("preparation of Schedule III of the 1961 Convention"),
    Control.EXEMPT_1971: N_("exempted preparation, 1971 Convention"),
    Control.NONE: N_("not controlled"),
}
UNIT_NAMES: Mapping[str, str] = {
    Unit.PIECE: N_("piece"),
    Unit.MILLILITRE: N_("ml"),
    Unit.LITRE: N_("l"),
    Unit.GRAM: N_("g"),
    Unit.KILOGRAM: N_("kg"),
}
DECISIONS: Mapping[str, str] = {Answer.UNDECIDED: N_("Schedule III undecided")}

_ANY = SelectChoice("", N_("all"))
_TERMS = [SelectChoice(f"{treaty}:{one}", f"{treaty}: {one}") for treaty, all_ in SCHEDULES.items() for one in all_]


class SubstanceFilter(QueryForm):
    """Which substances to list."""

    q = StringField(N_("Name, code, CAS number or trade name"))
    treaty = SelectField(N_("Convention"), choices=[_ANY, *(SelectChoice(k, v) for k, v in TREATY_NAMES.items())])
    schedule = SelectField(N_("Schedule or table"), choices=[_ANY, *_TERMS])


class ProductFilter(QueryForm):
    """Which products to list."""

    q = StringField(N_("Name, code, GTIN or substance"))
    decision = SelectField(N_("Control"), choices=[_ANY, *(SelectChoice(k, v) for k, v in DECISIONS.items())])


class ComponentForm(Form):
    """One controlled substance of a product."""

    substance = StringField(N_("Substance code"))
    salt = StringField(N_("Salt"))
    amount_mg = StringField(N_("Amount, mg"))

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was typed in this row."""
        return not any(str(field.data or "").strip() for field in self)


class ProductForm(PageForm):
    """A product as its next revision states it. Cells are read exactly as those of a file."""

    name = StringField(N_("Name"), [Length(max=300)], description=N_("As on the package, with the strength."))
    name_ru = StringField(N_("Name in Russian"), [Length(max=300)])
    name_ky = StringField(N_("Name in Kyrgyz"), [Length(max=300)])
    form = StringField(
        N_("Dosage form"),
        [Length(max=120)],
        description=N_("Tablet, solution for injection; “substance” for the substance itself."),
    )
    other_ingredients = TextAreaField(
        N_("Other ingredients"),
        [Length(max=1000)],
        description=N_("Not empty: compounded with other ingredients, as Schedule III asks."),
    )
    gtin = StringField(N_("GTIN"))
    manufacturer = StringField(N_("Manufacturer"), [Length(max=300)])
    country = StringField(N_("Country of the manufacturer"), description=N_("Two letters, such as DE."))
    control = SelectField(N_("Control"), choices=[SelectChoice(k, v) for k, v in CONTROL_NAMES.items()])
    components = FieldList(FormField(ComponentForm), min_entries=COMPONENT_ROWS, max_entries=COMPONENT_ROWS)

    def product_row(self, code: str, unit: str) -> tuple[dict[str, object], list[Problem]]:
        """Return the row as `service.record_products` takes it, and every cell that cannot be read."""
        typed = {name: field.data for name, field in self._fields.items() if name != "components"}
        return read_cells(PRODUCT_COLUMNS, {**typed, "code": code, "unit": unit}, 0)

    def component_rows(self, code: str) -> tuple[list[dict[str, object]], list[Problem]]:
        """Return the filled rows as `service.record_components` takes them, and every cell that cannot be read."""
        rows, problems = [], []
        for number, entry in enumerate(self.components):
            if not entry.form.is_empty:
                row, wrong = read_cells(COMPONENT_COLUMNS, {**entry.form.data, "product": code}, number)
                row["amount_ng"] = row.pop("amount_mg")
                rows.append(row)
                problems.extend(wrong)
        return rows, problems

    def add_component_problems(self, problems: Sequence[Problem]) -> None:
        """Show problems beside the cell of the component they name, those of no cell above the form."""
        for problem in problems:
            cells = dict(enumerate(entry.form._fields for entry in self.components))
            field = cells.get(problem.row, {}).get(problem.column) if problem.row is not None else None
            if field is None:
                self.form_errors.append(translate(problem.message))
            else:
                field.errors = [*field.errors, translate(problem.message)]


class NewProductForm(ProductForm):
    """A product that is not recorded yet; code and unit never change afterwards."""

    code = StringField(N_("Code"), description=N_("Your own code of the product, unique in the country."))
    unit = SelectField(
        N_("Unit"),
        choices=[SelectChoice(k, v) for k, v in UNIT_NAMES.items()],
        description=N_("Stock is counted in this unit. It cannot be changed later."),
    )


class ControlForm(PageForm):
    """The officer's decision where the composition alone does not decide."""

    control = SelectField(
        N_("Control"), choices=[SelectChoice(k, v) for k, v in CONTROL_NAMES.items() if k != Control.AUTO]
    )


class FactorsForm(PageForm):
    """Take the factors of today: a button and nothing to type."""
