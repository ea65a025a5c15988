"""Sentences of WTForms and marshmallow, listed so that our catalogue holds them.

Neither library speaks Kyrgyz; a test compares the first list with WTForms' own template.
"""

from __future__ import annotations

from registry.kernel.text import N_

WTFORMS = (
    N_("Invalid field name '%s'."),
    N_("Field must be equal to %(other_name)s."),
    N_("Field must be between %(min)d and %(max)d characters long."),
    N_("Number must be at least %(min)s."),
    N_("Number must be at most %(max)s."),
    N_("Number must be between %(min)s and %(max)s."),
    N_("Date must be at least %(min)s."),
    N_("Date must be at most %(max)s."),
    N_("Date must be between %(min)s and %(max)s."),
    N_("This field is required."),
    N_("Invalid input."),
    N_("Invalid email address."),
    N_("Invalid IP address."),
    N_("Invalid Mac address."),
    N_("Invalid URL."),
    N_("Invalid UUID."),
    N_("Invalid value, must be one of: %(values)s."),
    N_("Invalid value, can't be any of: %(values)s."),
    N_("This field cannot be edited."),
    N_("This field is disabled and cannot have a value."),
    N_("Invalid CSRF Token."),
    N_("CSRF token missing."),
    N_("CSRF failed."),
    N_("CSRF token expired."),
    N_("Invalid Choice: could not coerce."),
    N_("Choices cannot be None."),
    N_("Not a valid choice."),
    N_("Invalid choice(s): one or more data inputs could not be coerced."),
    N_("Not a valid datetime value."),
    N_("Not a valid date value."),
    N_("Not a valid time value."),
    N_("Not a valid week value."),
    N_("Not a valid integer value."),
    N_("Not a valid decimal value."),
    N_("Not a valid float value."),
)


def NP_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 - the counting sister of N_
    """Mark a sentence that counts and return both forms unchanged."""
    return singular, plural


WTFORMS_COUNTING = (
    NP_("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long."),
    NP_("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters."),
    NP_("Field must be exactly %(max)d character long.", "Field must be exactly %(max)d characters long."),
    NP_(
        "'%(value)s' is not a valid choice for this field.",
        "'%(value)s' are not valid choices for this field.",
    ),
)

FLASK_WTF = (
    N_("The CSRF token is missing."),
    N_("The CSRF session token is missing."),
    N_("The CSRF token has expired."),
    N_("The CSRF token is invalid."),
    N_("The CSRF tokens do not match."),
    N_("File does not have an approved extension."),
)

# marshmallow's sentence, and the stable code we answer it with.
MARSHMALLOW = {
    N_("Missing data for required field."): "missing",
    N_("Field may not be null."): "missing",
    N_("Unknown field."): "unknown-field",
    N_("Not a valid string."): "not-text",
    N_("Not a valid integer."): "not-an-integer",
    N_("Not a valid boolean."): "not-true-or-false",
    N_("Not a valid list."): "not-a-list",
    N_("Not a valid mapping type."): "not-an-object",
    N_("Invalid input type."): "not-an-object",
    N_("Not a valid UUID."): "not-a-uuid",
}
