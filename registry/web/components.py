"""What the component macros need worked out before they write markup: widths, kinds of fields, tones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from flask import Flask, g
from markupsafe import Markup, escape
from wtforms import Field, fields
from wtforms.fields.choices import SelectFieldBase
from wtforms.form import BaseForm

from registry.kernel.mass import fixed_text, rounded
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_
from registry.web.locale import current_language, say

Amount = str | int | Fraction

SEVERITY_LABELS: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.REFUSE: N_("Not allowed"),
        Severity.FLAG: N_("To be looked into"),
        Severity.NOTE: N_("For your information"),
    }
)
SEVERITY_TONES: Mapping[Severity, str] = MappingProxyType(
    {Severity.REFUSE: "red", Severity.FLAG: "orange", Severity.NOTE: "blue"}
)
TONES = frozenset({"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"})

COLUMN_LOOKS: Mapping[str, str] = MappingProxyType({"number": " registry-number", "code": " registry-code"})

# From the most special class to the most general: the first that fits counts.
FIELD_KINDS: tuple[tuple[type[Field], str], ...] = (
    (fields.HiddenField, "hidden"),
    (fields.PasswordField, "password"),
    (fields.MultipleFileField, "file"),
    (fields.FileField, "file"),
    (fields.TextAreaField, "textarea"),
    (fields.RadioField, "radios"),
    (fields.SelectMultipleField, "checkboxes"),
    (fields.SelectField, "select"),
    (fields.BooleanField, "checkbox"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """Positions in a quota bar, as percentages of its width with three decimals, written as text."""

    used: str
    reserved_from: str
    reserved: str
    asked_from: str
    asked: str
    limit: str
    bound_percent: str | None
    is_over: bool
    over_from: str
    over: str


def _percent(part: Fraction, whole: Fraction) -> str:
    thousandths = part * 100_000 / whole // 1 if whole else 0
    whole_part, rest = divmod(int(thousandths), 1000)
    return f"{whole_part}.{rest:03d}%"


def bar(used: Amount, reserved: Amount, limit: Amount, asked: Amount = 0) -> Bar:
    """Return where the parts of a quota bar lie; the bar grows beyond the limit where more is bound than allowed.

    `asked`: what one permit would take beside what is reserved. `bound_percent` is all of them together, rounded to
    one decimal; None without a limit.
    Negative amounts draw nothing. What lies beyond the limit is drawn once more on top, so that it shows.
    """
    zero = Fraction(0)
    used_part, reserved_part, asked_part, limit_part = (
        max(zero, Fraction(amount)) for amount in (used, reserved, asked, limit)
    )
    bound = used_part + reserved_part + asked_part
    whole = max(limit_part, bound)
    over = max(zero, bound - limit_part)
    return Bar(
        used=_percent(used_part, whole),
        reserved_from=_percent(used_part, whole),
        reserved=_percent(reserved_part, whole),
        asked_from=_percent(used_part + reserved_part, whole),
        asked=_percent(asked_part, whole),
        limit=_percent(limit_part, whole),
        bound_percent=fixed_text(rounded(bound * 100 / limit_part, 1), 1) if limit_part else None,
        is_over=over > 0,
        over_from=_percent(limit_part, whole),
        over=_percent(over, whole),
    )


def share(part: Amount, whole: Amount) -> int:
    """Return `part` of `whole` in whole per cent, rounded down; 0 of nothing."""
    return int(Fraction(part) * 100 // Fraction(whole)) if Fraction(whole) > 0 else 0


def field_kind(field: Field) -> str:
    """Return which component shows `field`; anything not listed is a text input."""
    return next((kind for cls, kind in FIELD_KINDS if isinstance(field, cls)), "input")


def field_items(field: SelectFieldBase) -> list[dict[str, object]]:
    """Return the choices of a select, radio or checkbox field as the components take them."""
    return [
        {
            "value": "" if choice[0] is None else str(choice[0]),
            "text": say(choice[1]),
            "selected": bool(choice[2]),
            "checked": bool(choice[2]),
        }
        for choice in field.iter_choices()
    ]


def form_errors(form: BaseForm) -> list[dict[str, str]]:
    """Return the errors of `form` with links to their fields, in the order of the fields; general ones first."""
    general = [{"text": say(text)} for text in getattr(form, "form_errors", ())]
    listed: list[dict[str, str]] = []
    for field in form:
        listed.extend(
            {"text": f"{say(field.label.text)}: {text}", "href": f"#{field.id}"} for text in _texts(field.errors)
        )
    return general + listed


def _texts(errors: object) -> list[str]:
    if isinstance(errors, Mapping):
        return [text for inner in errors.values() for text in _texts(inner)]
    if isinstance(errors, Iterable) and not isinstance(errors, str):
        return [text for inner in errors for text in _texts(inner)]
    return [say(errors)]


def weightiest(findings: Iterable[Finding]) -> str:
    """Return the weightiest severity among `findings` (``refuse``, ``flag``, ``note``)."""
    present = {finding.severity for finding in findings}
    return next((severity.value for severity in Severity if severity in present), Severity.NOTE.value)


def tone(name: str) -> str:
    """Return the class of a tag's colour; an unknown tone is grey."""
    return f"govuk-tag--{name if name in TONES else 'grey'}"


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a table, worked out once and not again in every cell: translated caption, classes."""

    caption: Markup
    look: str


def table_heads(columns: Iterable[Mapping[str, object]]) -> list[Head]:
    """Return the heads of `columns`, each a mapping with ``label`` and, if need be, ``kind``."""
    return [Head(escape(say(column["label"])), COLUMN_LOOKS.get(str(column.get("kind")), "")) for column in columns]


def as_english(text: object) -> Markup | None:
    """Return text that stands in English whatever the reader's language, so that it is read out and hyphenated as such."""
    if text is None or text == "":
        return None
    return escape(text) if current_language() == "en" else Markup('<span lang="en">{}</span>').format(text)


def next_id(prefix: str) -> str:
    """Return an id for an element that is used once on the page: ``bar-1``, ``bar-2``."""
    g.registry_ids = getattr(g, "registry_ids", 0) + 1
    return f"{prefix}-{g.registry_ids}"


def as_heading(text: str) -> str:
    """Return words as a heading begins: the first letter large, all others as they are (``Schedule III``)."""
    return text[:1].upper() + text[1:]


def init_app(app: Flask) -> None:
    """Hand the helpers to the templates."""
    app.jinja_env.filters.update(english=as_english, heading=as_heading)
    app.jinja_env.globals.update(
        bar_of=bar,
        field_items=field_items,
        field_kind=field_kind,
        form_errors=form_errors,
        next_id=next_id,
        severity_labels=SEVERITY_LABELS,
        severity_tones=SEVERITY_TONES,
        share_of=share,
        table_heads=table_heads,
        tag_tone=tone,
        weightiest=weightiest,
    )
