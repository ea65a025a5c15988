"""The form of an application: what one kind of permit asks, several lines, every cell read as that of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.kernel.codes import COUNTRIES
from registry.kernel.errors import Problem
from registry.kernel.fields import as_country, as_text
from registry.kernel.persons import as_note
from registry.kernel.text import N_, Message
from registry.permits.cells import (
    HEAD,
    LINE_CELL,
    PRODUCT,
    QUANTITY,
    cells_of,
    filled_lines,
    line_cell,
    line_count,
    read_application,
)
from registry.permits.domain.kinds import PermitKind, Way
from registry.permits.domain.particulars import PARTICULARS, Particular
from registry.permits.schemas import LINE, MOST_LINES
from registry.permits.service import Submission
from registry.web.forms import PageForm
from registry.web.locale import country_name, say, translate

LONGEST_NOTE = 2000
CHOOSE = SelectChoice("", N_("choose"))
OPTIONAL = N_("%(label)s (optional)")
ABROAD = ("partner_country", "partner")
"""What an application without trade abroad is not asked: it says its own country and name."""

COMMON: Mapping[str, tuple[str, str]] = {
    "reference": (N_("Your reference"), N_("A number of your own, used once.")),
    "partner_country": (N_("Partner country"), ""),
    "partner": (N_("Partner abroad"), N_("Name of the firm on the other side.")),
    "planned_on": (
        N_("Day the consignment is planned for"),
        N_("The quota of that day's year counts; written like 31.12.2026"),
    ),
    "counterpart_number": (N_("Number of the other country's permit"), N_("As soon as it is known.")),
    "purpose": (N_("Purpose"), N_("Medical, veterinary, scientific, forensic.")),
    "justification": (N_("Justification"), ""),
}
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("The other side"),
        ("partner_country", "partner", "partner_address", "contract_number", "consignee", "consignee_address",
         "consignee_place", "origin_country", "diverted_from"),
    ),
    (
        N_("Papers"),
        ("counterpart_number", "counterpart_issuer", "counterpart_issued_on", "counterpart_expires_on",
         "counterpart_seen", "origin_permit", "original_permit"),
    ),
    (
        N_("The journey"),
        ("planned_on", "planned_arrival", "customs_office", "entry_point", "exit_point", "transport", "route",
         "unloading"),
    ),
    (
        N_("What it is for"),
        ("purpose", "process", "product_made", "premises", "emergency", "relief_agency", "consignments",
         "stock_on_hand", "stock_on", "justification", "exception"),
    ),
)  # fmt: skip
"""Where on the page each question stands; a kind shows of them what it asks."""
ANEW = frozenset(
    {"planned_on", "planned_arrival", "counterpart_number", "counterpart_issuer", "counterpart_issued_on",
     "counterpart_expires_on", "counterpart_seen", "stock_on_hand", "stock_on", "contract_number"}
)  # fmt: skip
"""What belongs to one consignment and is not carried into an application made like an earlier one."""
_LINE_PATH = re.compile(r"lines\.(\d+)\.(product|quantity)")


def with_line(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells with one more line, empty; no more than an application may have."""
    number = line_count(cells) + 1
    return dict(cells) if number > MOST_LINES else {**cells, **{line_cell(name, number): "" for name in LINE}}


def without_line(cells: Mapping[str, str], gone: int) -> dict[str, str]:
    """Return the cells without line `gone`; the later ones move up. The last line that is left is emptied."""
    lines = [[cells.get(line_cell(name, number), "") for name in LINE] for number in range(1, line_count(cells) + 1)]
    rest = [line for number, line in enumerate(lines, 1) if number != gone] or [["", ""]]
    kept = {name: text for name, text in cells.items() if not LINE_CELL.fullmatch(name)}
    for number, line in enumerate(rest, 1):
        kept |= {line_cell(name, number): text for name, text in zip(LINE, line, strict=True)}
    return kept


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: its title and its fields."""

    title: str
    fields: Sequence[Field]


class ApplicationForm(PageForm):
    """An application as the importer states it; its fields are those of one kind, see `form_for`."""

    kind: PermitKind
    count: int

    @property
    def lines(self) -> list[tuple[Field, Field]]:
        """Return product and quantity of every line."""
        return [
            (self._fields[line_cell(PRODUCT, number)], self._fields[line_cell(QUANTITY, number)])
            for number in range(1, self.count + 1)
        ]

    @property
    def sections(self) -> list[Section]:
        """Return what is asked beside the lines, part by part."""
        parts = (Section(title, [self._fields[n] for n in names if n in self._fields]) for title, names in SECTIONS)
        return [part for part in parts if part.fields]

    @property
    def cells(self) -> dict[str, str]:
        """Return what stands in the form, as a draft keeps it."""
        return {name: str(field.data or "") for name, field in self._fields.items() if name != "csrf_token"}

    def ask(self, name: str, field: object) -> None:
        """Ask one thing more. It is no attribute: a particular may bear the name of a method of forms."""
        self._fields[name] = self.meta.bind_field(self, field, {"name": name, "prefix": ""})

    def read(self, organisation: str, home: Mapping[str, str]) -> Submission | list[Problem]:
        """Return the application, or every cell that cannot be read; see `cells.read_application`."""
        return read_application(self.kind, self.cells, organisation, home)

    def add_problems(self, problems: Iterable[Problem]) -> list[Problem]:
        """Show problems beside their fields; those of a line (``lines.1.quantity``) beside the line's."""
        filled = filled_lines(self.cells)
        placed = []
        for problem in problems:
            path = _LINE_PATH.fullmatch(problem.column)
            column = line_cell(path[2], filled[int(path[1])]) if path else problem.column
            placed.append(replace(problem, column=column))
        return super().add_problems(placed)


def form_for(
    kind: PermitKind, cells: Mapping[str, str], products: Sequence[tuple[str, str]], token: str | None = None
) -> ApplicationForm:
    """Return the form of one kind of permit, filled with `cells`. `products`: (code, text) to choose from."""
    count = line_count(cells)
    fields: dict[str, object] = {"reference": _common("reference")}
    for number in range(1, count + 1):
        fields[line_cell(PRODUCT, number)] = SelectField(
            N_("Product") if count == 1 else translate(Message(N_("Product of line %(number)s"), {"number": number})),
            choices=[CHOOSE, *(SelectChoice(*product) for product in products)],
            validate_choice=False,
        )
        fields[line_cell(QUANTITY, number)] = StringField(
            N_("Quantity") if count == 1 else translate(Message(N_("Quantity of line %(number)s"), {"number": number})),
            description=N_("In the unit of the product, such as 1200 or 12.5."),
        )
    countries = [SelectChoice(code, name) for name, code in sorted((country_name(code), code) for code in COUNTRIES)]
    for _, names in SECTIONS:
        for name in names:
            if name in COMMON and not (kind.way is Way.USE and name in ABROAD):
                fields[name] = _common(name, countries)
            elif name in kind.asks:
                fields[name] = _particular(PARTICULARS[name], countries, required=name in kind.needs)
    typed = MultiDict(cells_of(cells, kind))
    if token:
        typed["csrf_token"] = token
    form = ApplicationForm(formdata=None)
    form.kind, form.count = kind, count
    for name, field in fields.items():
        form.ask(name, field)
    form.process(typed)
    return form


def _common(name: str, countries: Sequence[SelectChoice] = ()) -> object:
    label, hint = COMMON[name]
    required = any(column.required for column in HEAD if column.name == name)
    shown = label if required else _optional(label)
    if name == "partner_country":
        return SelectField(shown, choices=[CHOOSE, *countries], validate_choice=False)
    if name == "justification":
        return TextAreaField(shown, [Length(max=LONGEST_NOTE)])
    return StringField(shown, description=hint)


def _particular(particular: Particular, countries: Sequence[SelectChoice], *, required: bool) -> object:
    label = particular.name if required else _optional(particular.name)
    if particular.words:
        words = [SelectChoice(word.code, word.name) for word in particular.words.values()]
        return SelectField(label, description=particular.hint, choices=[CHOOSE, *words], validate_choice=False)
    if particular.read is as_country:
        return SelectField(label, description=particular.hint, choices=[CHOOSE, *countries], validate_choice=False)
    kind = TextAreaField if particular.read in (as_text, as_note) else StringField
    return kind(label, description=particular.hint)


def _optional(label: str) -> str:
    return translate(Message(OPTIONAL, {"label": say(label)}))
