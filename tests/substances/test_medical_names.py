"""Names of substances in Russian and Kyrgyz: every one translated, and found again from what is typed."""

from __future__ import annotations

from functools import partial

import pytest

from registry.kernel.text import Message
from registry.substances.domain.medical_names import MEDICAL_NAMES, listed_name
from registry.web.locale import translate_in


def _say(language: str, name: str) -> str:
    return translate_in(language, Message(name))


def test_no_name_stands_twice() -> None:
    assert len(set(MEDICAL_NAMES)) == len(MEDICAL_NAMES)


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_every_name_has_a_translation_and_leads_back_to_its_substance(language: str) -> None:
    say = partial(_say, language)
    assert [name for name in MEDICAL_NAMES if say(name) == name] == []
    assert [name for name in MEDICAL_NAMES if listed_name(say(name).upper(), say) != name] == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [("морф", "morphine"), ("ме", "ме"), ("дезоморфин", "дезоморфин"), ("", ""), ("MX-1", "MX-1")],
)
def test_a_beginning_counts_only_where_it_fits_one_name(typed: str, found: str) -> None:
    assert listed_name(typed, partial(_say, "ru")) == found
