"""Contents put into words: every text in the two languages of a paper."""

from __future__ import annotations

from datetime import date

from exports.paper import Block, Both, Field, Grid, Paper
from registry.documents.domain import PAIRS, Amount, Content, Country, Listing, Named, Section, Several, Value
from registry.kernel.text import N_, Message
from registry.web.locale import country_name, format_day, format_quantity, translate_in

FOOTER = "SHA-256 %s"
CODE_NOTE = N_(
    "Scan the code to see on the public page of the registry what this document is today. Its text can also be "
    "checked without a network with the public key of the authority. A copy of the file is genuine only "
    "with its electronic signature."
)
SIGNED_BY = N_("Signed electronically by: %(name)s")


def paper_of(content: Content, languages: str, signer: str, code: str, stamp: str = "") -> Paper:
    """Return the paper of a content in a pair of languages. `signer`: the name on the certificate."""
    pair = PAIRS[languages]
    signed = Message(SIGNED_BY, {"name": signer})
    return Paper(
        language=pair[0],
        authority=_both(content.authority, pair),
        title=_both(Message(content.title), pair),
        number=content.subject,
        parts=tuple(_part(part, pair) for part in content.parts),
        notes=(*(_both(each, pair) for each in content.notes), _both(signed, pair)),
        footer=f"{stamp} {FOOTER % content.digest}".lstrip(),
        code=code,
        code_note=_both(Message(CODE_NOTE), pair),
        stamp=stamp,
    )


def _part(part: Section | Listing, pair: Both) -> Block | Grid:
    heading = _both(Message(part.heading), pair)
    if isinstance(part, Section):
        fields = (Field(_both(Message(entry.label), pair), _both(entry.value, pair)) for entry in part.entries)
        return Block(heading, tuple(fields))
    captions = tuple(_both(Message(caption), pair) for caption in part.captions)
    return Grid(heading, captions, part.shares, [[_both(value, pair) for value in row] for row in part.rows])


def _both(value: Value, pair: Both) -> Both:
    return tuple(word(value, language) for language in pair)


def word(value: Value, language: str) -> str:
    """Write one value in a language."""
    if isinstance(value, Several):
        return value.between.join(word(each, language) for each in value.values)
    return _one(value, language)


def _one(value: str | Message | date | Country | Named | Amount, language: str) -> str:
    match value:
        case str():
            told = value
        case Message():
            text = translate_in(language, value)
            told = text[:1].upper() + text[1:]
        case date():
            told = format_day(value, language=language)
        case Country():
            told = country_name(value.code, language=language)
        case Named():
            told = value.in_language(language)
        case Amount():
            told = format_quantity(value.value, value.unit or None, language=language)
    return told
