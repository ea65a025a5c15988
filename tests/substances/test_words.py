"""What the lists spell in English is said in the reader's language; what stays English says so."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import text

from registry.kernel.text import Message
from registry.substances.domain.vocabulary import (
    DOSAGE_FORMS,
    LIST_PHRASES,
    SALTS,
    form_words,
    phrase_words,
    salt_words,
)
from registry.web.locale import translate_in
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]


def _say(language: str, name: str) -> str:
    return translate_in(language, Message(name))


@pytest.mark.parametrize("language", ["ru", "ky"])
@pytest.mark.parametrize("words", [DOSAGE_FORMS, SALTS, LIST_PHRASES])
def test_every_word_has_a_translation(language: str, words: tuple[str, ...]) -> None:
    assert len(set(words)) == len(words)
    assert [word for word in words if _say(language, word) == word] == []


@pytest.mark.parametrize(
    ("salt", "said"),
    [
        ("Hydrochloride", "Гидрохлорид"),
        ("sulfate pentahydrate", "сульфат пентагидрат"),
        ("hydrochloride anhydrous", "гидрохлорид безводный"),
        ("Sulfate (2 mol. base)", "Сульфат (2 моль основания)"),
        ("base", "основание"),
        ("Yohimbine", "Yohimbine"),
        ("", ""),
    ],
)
def test_salts_in_words(salt: str, said: str) -> None:
    assert salt_words(salt, partial(_say, "ru")) == said
    assert salt_words(salt, str) == salt


def test_forms_and_conditions_in_words() -> None:
    say = partial(_say, "ru")
    assert form_words(" Solution  for injection", say) == "раствор для инъекций"
    assert form_words("nebuliser", say) == "nebuliser"
    assert phrase_words("one or more other ingredients", say) == "один или несколько других ингредиентов"
    assert phrase_words("something else", say) == "something else"


@pytest.mark.parametrize(
    ("language", "form", "salt"),
    [("ru", "таблетки", "Сульфат"), ("ky", "таблетка", "Сульфат"), ("en", "tablet", "Sulfate")],
)
def test_pages_say_forms_and_salts(office: Office, language: str, form: str, salt: str) -> None:
    office.browser("asel")
    with office.work() as session:
        session.execute(text("UPDATE account SET language = :language"), {"language": language})
    client = office.browser("asel")
    page = text_of(client.get("/products/MOR10"))
    assert form in page
    assert salt in page
    listed = client.get("/substances/NM 009")
    assert form in text_of(listed)
    assert salt in text_of(listed)
    assert ('<span lang="en">' in listed.text) == (language != "en")
    assert ('<span lang="en">' in client.get("/substances/editions").text) == (language != "en")


def test_why_schedule_three_applies_is_said_in_russian(office: Office) -> None:
    office.browser("asel")
    with office.work() as session:
        session.execute(text("UPDATE account SET language = 'ru'"))
    page = text_of(office.browser("asel").get("/products/CODPAR"))
    assert "кодеин: 5,92 мг основания" in page
    assert "codeine:" not in page
