"""The sentences in the readers' languages, read straight from the translators' files.

``registry/translations/<language>/LC_MESSAGES/*.po`` are merged in the order of their names.
There is no compiled copy that could be out of date; reading takes place once per process.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).resolve().parent.parent / "translations"


def read_catalogue(language: str, folder: Path = FOLDER) -> Catalog:
    """Return all messages of `language`, without those marked fuzzy."""
    merged = Catalog(locale=Locale.parse(language), domain="messages")
    for path in sorted((folder / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and not message.fuzzy:
                    merged.add(message.id, message.string, context=message.context)
    return merged


@cache
def translations(language: str) -> NullTranslations:
    """Return gettext's view of the catalogue of `language`; English needs none."""
    catalogue = read_catalogue(language)
    if not len(catalogue):
        return NullTranslations()
    packed = BytesIO()
    write_mo(packed, catalogue)
    packed.seek(0)
    return Translations(packed)


class WTFormsTranslations:
    """Hands WTForms our catalogue: its own has no Kyrgyz."""

    def __init__(self, language: str) -> None:
        self._translations = translations(language)

    def gettext(self, string: str) -> str:
        """Translate one of WTForms' messages."""
        return str(self._translations.gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Translate one of WTForms' messages that counts."""
        return str(self._translations.ngettext(singular, plural, n))
