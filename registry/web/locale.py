"""Languages, numbers and days as the reader writes them.

Everything is formatted on the server: browsers cannot format Kyrgyz. Quantities keep every
digit they have; rounding happens elsewhere, once, where a figure leaves the system.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from babel import Locale, dates, numbers
from babel.support import NullTranslations
from flask import Flask, current_app, has_app_context, has_request_context, request
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]

from registry.kernel.mass import NG_PER_G, decimal_text, fixed_text, rounded
from registry.kernel.text import N_, Message
from registry.settings import Settings
from registry.web import hooks
from registry.web.catalogue import translations

# In the order of the switch on every page.
LANGUAGES: Mapping[str, str] = MappingProxyType({"ky": "Кыргызча", "ru": "Русский", "en": "English"})
LOCALES: Mapping[str, str] = MappingProxyType({"ky": "ky_KG", "ru": "ru_KG", "en": "en_GB"})
COOKIE = "registry_language"
SETTINGS = "registry.settings"

# CLDR's short Kyrgyz day reads 22/11/26; offices of the country write 22.11.2026.
DAY_PATTERNS: Mapping[str, str] = MappingProxyType({"ky": "dd.MM.y", "ru": "dd.MM.y", "en": "d MMM y"})
# CLDR's Russian name of the country is not the official one.
COUNTRY_NAMES: Mapping[tuple[str, str], str] = MappingProxyType({("ru", "KG"): "Кыргызстан"})

NOTHING = "–"
NO_BREAK = "\u00a0"
ENDLESS_PLACES = 9
DIGITS = 100

# What a blank holds, by its name: a sentence may come back from the database with text for parameters.
WORD_BLANKS = frozenset({"kind", "side", "substance", "unit"})
DAY_BLANKS = frozenset({"day", "first", "last"})
AMOUNT_BLANKS = frozenset({"free", "granted", "missing", "need", "over", "rest", "share", "together", "used"})
# What the subject of a finding begins with.
SUBJECT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "application": N_("application"),
        "estimates": N_("estimates"),
        "licence": N_("licence"),
        "movement": N_("movement"),
        "organisation": N_("organisation"),
        "originals": N_("originals"),
        "permit": N_("permit"),
        "quota": N_("quota"),
        "report": N_("report"),
        "return": N_("return"),
    }
)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")


class CatalogueDomain(Domain):  # type: ignore[misc]
    """Flask-Babel's gettext, reading our catalogue."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the reader's language."""
        return translations(current_language())


def init_app(app: Flask) -> None:
    """Set up Flask-Babel with our languages, catalogue and filters."""
    babel = Babel(app, default_locale="en", locale_selector=_select)
    babel.domain_instance = CatalogueDomain()
    app.jinja_env.filters.update(
        say=say,
        subject=say_subject,
        fact=format_fact,
        quantity=format_quantity,
        grams=format_grams,
        number=format_number,
        day=format_day,
        moment=format_moment,
        country=country_name,
    )


def _settings() -> Settings:
    settings = current_app.extensions.get(SETTINGS) if has_app_context() else None
    return settings if isinstance(settings, Settings) else Settings()


def _select() -> str:
    """Choose: the profile, the cookie, the browser's wish, the country's setting."""
    fallback = _settings().language
    if not has_request_context():
        return LOCALES.get(fallback, LOCALES["en"])
    wished = (
        hooks.profile_language() or request.cookies.get(COOKIE) or request.accept_languages.best_match(list(LANGUAGES))
    )
    return LOCALES.get(wished or fallback, LOCALES.get(fallback, LOCALES["en"]))


def current_language() -> str:
    """Return ``ky``, ``ru`` or ``en``; outside an application the default of the settings."""
    locale = get_locale() if has_app_context() else None
    return str(locale.language) if locale is not None else _settings().language


def _locale(language: str | None) -> Locale:
    return Locale.parse(LOCALES[language or current_language()])


def translate(message: Message) -> str:
    """Return `message` in the reader's language."""
    return translate_in(current_language(), message)


def translate_in(language: str, message: Message) -> str:
    """Return `message` in `language`, blanks filled: inner messages translated, days formatted.

    A kept sentence has its parameters as text, so days, amounts, units and substances are known
    by the name of their blank; other parameters stay as they are. A translation whose
    blanks do not fit falls back to the English sentence: a slip of the catalogue must not
    hide what the rule said.
    """
    sentence = str(translations(language).gettext(message.msgid))
    if not message.params:
        return sentence
    values = {name: _parameter(language, name, value) for name, value in message.params.items()}
    try:
        return sentence % values
    except (KeyError, ValueError, TypeError):
        return message.msgid % values


def _parameter(language: str, name: str, value: object) -> object:
    if isinstance(value, Message):
        return translate_in(language, value)
    if isinstance(value, str) and value and language != "en":  # English is what logs and guides quote word for word
        return _parameter_text(language, name, value)
    if isinstance(value, datetime):
        return format_moment(value, language=language)
    if isinstance(value, date):
        return format_day(value, language=language)
    return value


def _parameter_text(language: str, name: str, text: str) -> str:
    """Write what a blank of this name is known to hold the reader's way; anything else stays as it is."""
    if name in WORD_BLANKS:
        return str(translations(language).gettext(text))
    if name in DAY_BLANKS and ISO_DAY.fullmatch(text):
        with suppress(ValueError):
            return format_day(date.fromisoformat(text), language=language)
    if name in AMOUNT_BLANKS and DECIMAL.fullmatch(text):
        return format_quantity(text, language=language)
    return text


def say(text: object) -> str:
    """Translate a `Message` or an English msgid marked elsewhere with ``N_``; None is empty."""
    if text is None:
        return ""
    if isinstance(text, Message):
        return translate(text)
    if type(text) is str and text:
        return str(translations(current_language()).gettext(text))
    return str(text)


def say_subject(text: str | None) -> str:
    """Write the subject of a finding the reader's way: ``permit KG-1, quota 2026 NM 009``; its codes stay."""
    parts = [part.partition(" ") for part in (text or "").split(", ")]
    return ", ".join(f"{say(SUBJECT_WORDS.get(word, word))}{blank}{rest}" for word, blank, rest in parts)


def format_quantity(
    value: str | int | Fraction | Decimal | None,
    unit: str | Message | None = None,
    *,
    places: int | None = None,
    language: str | None = None,
) -> str:
    """Write an exact quantity the reader's way, with its unit: ``1234.5`` -> ``1 234,5 г``.

    Takes a decimal string, a whole number or a fraction. Every digit is kept unless `places`
    asks for rounding. A fraction without a finite decimal is cut to nine places behind "≈".
    """
    if value is None or value == "":
        return NOTHING
    text, sign = _exact_text(value, places)
    with decimal.localcontext() as context:
        context.prec = DIGITS
        written = numbers.format_decimal(Decimal(text), locale=_locale(language), decimal_quantization=False)
    name = _unit_name(unit, language or current_language())
    return sign + str(written) + (NO_BREAK + name if name else "")


def format_fact(value: str | None, unit: str | Message | None = None) -> str:
    """Write what a rule observed or its limit: a quantity with its unit, a day as people write it, words as they are."""
    if value is None:
        return ""
    if ISO_DAY.fullmatch(value):
        with suppress(ValueError):
            return format_day(date.fromisoformat(value))
    return format_quantity(value, unit) if DECIMAL.fullmatch(value) else value


def _exact_text(value: str | int | Fraction | Decimal, places: int | None) -> tuple[str, str]:
    number = Fraction(value)
    if places is not None:
        return fixed_text(rounded(number, places), places), ""
    try:
        return decimal_text(number), ""
    except ValueError:
        return fixed_text(rounded(number, ENDLESS_PLACES), ENDLESS_PLACES), "≈" + NO_BREAK


def _unit_name(unit: str | Message | None, language: str) -> str:
    if not unit:
        return ""
    return translate_in(language, unit if isinstance(unit, Message) else Message(unit))


def format_grams(nanograms: Fraction | int | None, *, places: int | None = None, language: str | None = None) -> str:
    """Write a mass in nanograms as grams with the unit: 896250000000 -> ``896,25 г``."""
    if nanograms is None:
        return NOTHING
    return format_quantity(Fraction(nanograms) / NG_PER_G, N_("g"), places=places, language=language)


def format_number(value: int, *, language: str | None = None) -> str:
    """Write a count with the reader's grouping of digits."""
    return str(numbers.format_decimal(value, locale=_locale(language)))


def format_day(day: date | None, *, language: str | None = None) -> str:
    """Write a day: 22.11.2026 in Kyrgyz and Russian, 22 Nov 2026 in English."""
    if day is None:
        return NOTHING
    chosen = language or current_language()
    return str(dates.format_date(day, format=DAY_PATTERNS[chosen], locale=_locale(chosen)))


def format_moment(moment: datetime | None, zone: tzinfo | None = None, *, language: str | None = None) -> str:
    """Write a moment (aware) as day and time in `zone`, by default the country's."""
    if moment is None:
        return NOTHING
    local = moment.astimezone(zone or _settings().zone)
    return f"{format_day(local.date(), language=language)}, {local:%H:%M}"


def country_name(iso2: str | None, *, language: str | None = None) -> str:
    """Return a country's name; a code unknown to CLDR comes back as it is."""
    if not iso2:
        return NOTHING
    chosen = language or current_language()
    override = COUNTRY_NAMES.get((chosen, iso2))
    return override or str(_locale(chosen).territories.get(iso2, iso2))
