"""The form with which an officer proposes a permit: what is given of every line, why less, the conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Length

from registry.kernel.errors import Problem
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.permits.domain.proposals import CUT_REASONS, LANGUAGES, LONGEST_TEXT, Cut, Proposal
from registry.permits.forms import StepForm
from registry.permits.queries.cases import ApplicationRow
from registry.substances.domain.facts import RevisionFact
from registry.web.locale import say, translate

CONDITIONS = {
    "ky": N_("Conditions of the permit, in Kyrgyz"),
    "ru": N_("Conditions of the permit, in Russian"),
    "en": N_("Conditions of the permit, in English"),
}
NO_REASON = SelectChoice("", N_("all that was asked for"))
_PATH = re.compile(r"cuts\.(\d+)\.(quantity|reason|text)")
_CONDITION = "conditions-"


@dataclass(frozen=True, slots=True)
class GivenLine:
    """The fields of one line: what is given, the coded reason, the text."""

    product: str
    quantity: Field
    reason: Field
    text: Field


class ProposeForm(StepForm):
    """A proposal as it is typed; made by `propose_form`."""

    codes: Sequence[str]

    @property
    def lines(self) -> list[GivenLine]:
        """Return the fields of every line."""
        return [
            GivenLine(code, *(self._fields[f"{name}-{number}"] for name in ("quantity", "reason", "text")))
            for number, code in enumerate(self.codes, 1)
        ]

    @property
    def conditions(self) -> list[Field]:
        """Return the fields of the conditions, one for each language."""
        return [self._fields[_CONDITION + language] for language in LANGUAGES]

    @property
    def proposal(self) -> Proposal:
        """Return what was typed; a line of which nothing was typed is given as asked."""
        cuts = [
            Cut(line.product, *(str(field.data or "").strip() for field in (line.quantity, line.reason, line.text)))
            for line in self._filled()
        ]
        typed = {language: str(self._fields[_CONDITION + language].data or "") for language in LANGUAGES}
        return Proposal(tuple(cuts), typed)

    def _filled(self) -> list[GivenLine]:
        return [line for line in self.lines if str(line.quantity.data or "").strip()]

    def add_problems(self, problems: Iterable[Problem]) -> list[Problem]:
        """Show problems beside their fields: ``cuts.0.quantity`` and ``conditions.ky`` are paths of the interface."""
        names = {line.product: number for number, line in enumerate(self.lines, 1)}
        filled = [names[line.product] for line in self._filled()]
        placed = []
        for problem in problems:
            path = _PATH.fullmatch(problem.column)
            column = f"{path[2]}-{filled[int(path[1])]}" if path else problem.column.replace("conditions.", _CONDITION)
            placed.append(replace(problem, column=column))
        return super().add_problems(placed)


def propose_form(
    row: ApplicationRow, revisions: Mapping[int, RevisionFact], typed: MultiDict[str, str] | None = None
) -> ProposeForm:
    """Return the form for one case, filled with what was `typed`, else with all that was asked for."""
    form = ProposeForm(formdata=None)
    form.codes = [revisions[row.revision_ids[product]].code for product, _ in row.asked.lines]
    present: dict[str, str] = {}
    for number, (product, units) in enumerate(row.asked.lines, 1):
        revision = revisions[row.revision_ids[product]]
        asked = stated(units, revision.unit)
        said = {"product": revision.code, "asked": asked, "unit": Message(UNIT_NAMES[Unit(revision.unit)])}
        present[f"quantity-{number}"] = asked
        _ask(
            form,
            f"quantity-{number}",
            StringField(
                translate(Message(N_("Quantity of %(product)s to be given"), said)),
                description=translate(
                    Message(N_("Asked for: %(asked)s %(unit)s (never more; 0 leaves the line out)."), said)
                ),
            ),
        )
        reasons = [NO_REASON, *(SelectChoice(each.code, each.name) for each in CUT_REASONS.values())]
        _ask(form, f"reason-{number}", SelectField(N_("Why less"), choices=reasons, validate_choice=False))
        _ask(
            form,
            f"text-{number}",
            TextAreaField(
                N_("In words"),
                [Length(max=LONGEST_TEXT)],
                description=N_("Needed where less is given: the applicant reads it."),
            ),
        )
    for language in LANGUAGES:
        present[_CONDITION + language] = row.conditions.get(language, "")
        _ask(form, _CONDITION + language, TextAreaField(say(CONDITIONS[language]), [Length(max=LONGEST_TEXT)]))
    form.process(typed if typed is not None else None, data=present)
    return form


def _ask(form: ProposeForm, name: str, field: object) -> None:
    form._fields[name] = form.meta.bind_field(form, field, {"name": name, "prefix": ""})
