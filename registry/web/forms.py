"""The base of every form on a page, and the fields people of this trade need.

A form reads values and shows what is wrong; rules live in the rooms. What a service refuses
with paths comes back to its fields through `PageForm.add_problems`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError
from wtforms.validators import StopValidation

from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, as_day, scaled_quantity
from registry.kernel.mass import fixed_text
from registry.web.catalogue import WTFormsTranslations
from registry.web.locale import current_language, translate

GRAM_PLACES = 6


class PageForm(FlaskForm):  # type: ignore[misc]
    """A form with protection against forged requests and messages from our own catalogue."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Hands WTForms our translations: its own have no Kyrgyz."""

        def get_translations(self, _form: object) -> WTFormsTranslations:
            """Return the catalogue of the reader's language."""
            return WTFormsTranslations(current_language())

    def add_problems(self, problems: Iterable[Problem]) -> list[Problem]:
        """Show `problems` beside the fields of the same name; return those no field stands for."""
        rest: list[Problem] = []
        for problem in problems:
            field = self._fields.get(problem.column)
            if field is None:
                rest.append(problem)
            else:
                field.errors = [*field.errors, translate(problem.message)]
        return rest


class _TypedField(StringField):
    """A text field that keeps what was typed, so that a mistake can be corrected and not retyped."""

    data: Any

    def _read(self, text: str) -> object:
        raise NotImplementedError

    def _write(self, value: object) -> str:
        raise NotImplementedError

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self._write(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed; an empty field is None."""
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        if text:
            self.data = self._read(text)


class DayField(_TypedField):
    """A day in one text field: 31.03.2026 or 2026-03-31; `data` is a date or None."""

    def _read(self, text: str) -> object:
        try:
            return as_day(text)
        except BadCell as error:
            raise ValueError(translate(error.message)) from None

    def _write(self, value: object) -> str:
        return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)


class QuantityField(_TypedField):
    """An exact quantity; `data` is the whole number of its `places`-th decimal (6 for grams), or None."""

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401 - handed on to WTForms unread
        places: int = GRAM_PLACES,
        positive: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **options)
        self.places = places
        self.positive = positive

    def _read(self, text: str) -> object:
        try:
            return scaled_quantity(text, self.places, positive=self.positive)
        except BadCell as error:
            raise ValueError(translate(error.message)) from None

    def _write(self, value: object) -> str:
        return scaled_text(int(str(value)), self.places)


def scaled_text(scaled: int, places: int) -> str:
    """Print the whole number of the `places`-th decimal: 12500, 3 -> ``"12.5"``."""
    return fixed_text(Fraction(scaled, 10**places), places)


class Filled:
    """Validator: the field must be filled in. Unlike WTForms' own it lets a reading error speak first."""

    def __call__(self, _form: object, field: Field) -> None:
        """Stop with one message: the reading error if there is one, else that the field is required."""
        if field.errors:
            raise StopValidation
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(field.gettext("This field is required."))


__all__ = ["DayField", "Filled", "PageForm", "QuantityField", "ValidationError", "scaled_text"]
