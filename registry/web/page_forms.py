"""What pages with forms share: forms that filter a list, and a refusal shown in the form that caused it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import request

from registry.kernel.errors import Invalid, Problem, RegistryError, RuleRefused
from registry.kernel.fields import BadCell, Column
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.web.forms import PageForm
from registry.web.locale import translate

UNREADABLE = 422
"""The status of a page that shows a form again because of what was typed."""


MISSING = Message(N_("This field is required."))


class QueryForm(PageForm):
    """A form whose fields stand in the address: it changes nothing and needs no token."""

    class Meta(PageForm.Meta):
        """Drops the token, which would only stand in every address."""

        csrf = False

    @classmethod
    def asked(cls) -> QueryForm:
        """Return the form filled from the address of this request."""
        return cls(formdata=request.args)

    def word(self, name: str) -> str:
        """Return what was typed or chosen, trimmed; a choice that is not offered is empty."""
        field = self._fields[name]
        value = str(field.data or "").strip()
        choices = getattr(field, "choices", None)
        if choices is not None and value not in {str(choice[0]) for choice in field.iter_choices()}:
            return ""
        return value


def show_refusal(form: PageForm, error: RegistryError) -> Sequence[Finding]:
    """Show `error` in `form`: beside the fields its problems name, else above; return its findings for the panel."""
    if isinstance(error, RuleRefused):
        return error.findings
    rest = form.add_problems(error.problems) if isinstance(error, Invalid) else []
    texts = [problem.message for problem in rest] if isinstance(error, Invalid) and error.problems else [error.message]
    form.form_errors.extend(translate(text) for text in texts)
    return ()


def read_cells(
    columns: Sequence[Column], typed: Mapping[str, object], row: int | None = None
) -> tuple[dict[str, object], list[Problem]]:
    """Read what was typed exactly as the cells of a file are read; return the values and every problem.

    An empty or bad cell is None. `row` is kept under ``row`` and in the problems.
    """
    values: dict[str, object] = {"row": row}
    problems: list[Problem] = []
    for column in columns:
        text = str(typed.get(column.name) or "").strip()
        values[column.name] = None
        if not text:
            if column.required:
                problems.append(Problem(column.name, "missing", MISSING, row))
            continue
        try:
            values[column.name] = column.read(text)
        except BadCell as bad:
            problems.append(Problem(column.name, bad.code, bad.message, row))
    return values, problems
