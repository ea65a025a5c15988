"""What people type on the pages of accounts."""

from __future__ import annotations

from wtforms import BooleanField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import EqualTo, Length

from registry.accounts.domain import (
    NAME_LENGTH,
    PASSWORD_LEAST,
    PASSWORD_MOST,
    ROLES,
    TOKEN_DAYS,
    TOKEN_LIVES,
    TOKEN_NAME_LENGTH,
)
from registry.kernel.text import N_, Message
from registry.web.forms import Filled, PageForm
from registry.web.locale import LANGUAGES

ROLE_CHOICES = [SelectChoice(fact.role.value, fact.name) for fact in ROLES.values()]
PERSON_LENGTH = 40
LANGUAGE_CHOICES = [SelectChoice(code, name) for code, name in LANGUAGES.items()]
LIFE_CHOICES = [SelectChoice(str(days), str(days)) for days in TOKEN_LIVES]
# Longer than any password that is taken, so that hashing never chews on a megabyte.
TYPED_MOST = 4 * PASSWORD_MOST
PASSWORD_HINT = Message(
    N_("At least %(least)s characters. Several words that have nothing to do with your work are easy to keep in mind."),
    {"least": PASSWORD_LEAST},
)


class SignInForm(PageForm):
    """User name and password."""

    username = StringField(N_("User name"), [Filled(), Length(max=NAME_LENGTH)])
    password = PasswordField(N_("Password"), [Filled(), Length(max=TYPED_MOST)])


class NewPasswordForm(PageForm):
    """A new password, twice."""

    password = PasswordField(N_("New password"), [Filled(), Length(max=TYPED_MOST)])
    again = PasswordField(N_("New password once more"), [Filled(), EqualTo("password", N_("The two differ."))])


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    current = PasswordField(N_("Present password"), [Filled(), Length(max=TYPED_MOST)])


class TokenForm(PageForm):
    """A token for a program, and the present password."""

    name = StringField(
        N_("What is it for?"), [Filled(), Length(max=TOKEN_NAME_LENGTH)], description=N_("The name of the program.")
    )
    days = SelectField(N_("Good for (days)"), choices=LIFE_CHOICES, default=str(TOKEN_DAYS))
    read_only = BooleanField(N_("It may only read"))
    current = PasswordField(N_("Present password"), [Filled(), Length(max=TYPED_MOST)])


class FirstAdministratorForm(NewPasswordForm):
    """Who will keep the accounts."""

    username = StringField(N_("User name"), [Filled()])
    name = StringField(N_("Full name"), [Filled(), Length(max=NAME_LENGTH)])


class EmailForm(PageForm):
    """Where letters go; empty: none are sent."""

    email = StringField(
        N_("E-mail address"),
        [Length(max=NAME_LENGTH)],
        description=N_("Letters tell what was decided and what is due. Empty: none are sent."),
    )


class LanguageForm(PageForm):
    """The language of the pages."""

    language = SelectField(N_("Language"), choices=LANGUAGE_CHOICES)


class AccountForm(PageForm):
    """What an administrator states of an account."""

    name = StringField(N_("Full name"), [Filled(), Length(max=NAME_LENGTH)])
    roles = SelectMultipleField(N_("Roles"), choices=ROLE_CHOICES)
    organisation = StringField(
        N_("Code of the organisation"), description=N_("Only for importers, wholesalers and pharmacies.")
    )
    person = StringField(
        N_("Code of the person"),
        [Length(max=PERSON_LENGTH)],
        description=N_(
            "Only where one employee has several accounts: give all of them the same code, such as a personnel number."
            " Then none of them can stand for the second person. Never the number of a patient."
        ),
    )
    language = SelectField(N_("Language"), choices=LANGUAGE_CHOICES)


class NewAccountForm(AccountForm):
    """A new account; the person chooses the password through a link."""

    username = StringField(
        N_("User name"), [Filled()], description=N_("Small Latin letters, digits, dots and hyphens.")
    )


class ActiveForm(PageForm):
    """Whether the account may be used."""

    active = BooleanField(N_("The account may be used"))
