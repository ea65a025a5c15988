"""No page holds text for people that cannot be translated."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "registry").glob("**/templates/**/*.html"))
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[A-ZА-ЯЁӨҮҢ][a-zа-яёөүң]+(\s|$|[.,:!?])")
SHOWN_ATTRIBUTES = {"placeholder", "title", "alt", "aria-label", "aria-description", "summary"}
SILENT = {"script", "style", "code"}
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
HOLE = "\ue000"
# Names of things, the same in every language.
SAME_EVERYWHERE = {"XLSX", "CSV", "PDF", "JSON", "XML", "INCB", "GTIN", "CAS", "ISO"}


class Texts(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.found: list[str] = []
        self.unsafe: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in SILENT:
            self.silent += 1
        self.unsafe.extend(
            name
            for name, value in attrs
            if name == "style" or name.startswith("on") or (value or "").startswith("javascript:")
        )
        if tag == "style":
            self.unsafe.append(tag)
        shown = SHOWN_ATTRIBUTES | ({"value"} if ("type", "submit") in attrs else set())
        self.found.extend(value for name, value in attrs if name in shown and value)

    def handle_endtag(self, tag):
        if tag in SILENT:
            self.silent -= 1

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data)


def read(source: str) -> tuple[Texts, list[str]]:
    """Return the markup of a template with its holes, and the strings of its expressions outside gettext."""
    html, literals, in_trans = [], [], False
    tokens = list(Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(source))
    meaningful = [
        (kind, value)
        for _, kind, value in tokens
        if kind not in {"whitespace", "comment", "comment_begin", "comment_end"}
    ]
    for number, (kind, value) in enumerate(meaningful):
        if kind == "data":
            html.append(HOLE if in_trans else value)
        elif kind == "name" and value in {"trans", "endtrans"} and meaningful[number - 1][0] == "block_begin":
            in_trans = value == "trans"
        elif kind in {"variable_begin", "block_begin"}:
            html.append(HOLE if kind == "variable_begin" else "")
        elif kind == "string" and not _is_msgid(meaningful, number):
            literals.append(value[1:-1])
    parser = Texts()
    parser.feed("".join(html))
    return parser, literals


def untranslated(source: str) -> list[str]:
    """Return the human text of a template that stands outside gettext."""
    parser, literals = read(source)
    seen = [" ".join(text.replace(HOLE, " ").split()) for text in parser.found]
    return [text for text in seen if set(WORD.findall(text)) - SAME_EVERYWHERE] + [
        text for text in literals if SENTENCE.match(text)
    ]


def _is_msgid(tokens: list[tuple[str, str]], number: int) -> bool:
    """Say whether the string stands as an argument of a gettext function."""
    depth = 0
    for kind, value in reversed(tokens[:number]):
        if kind in {"variable_begin", "block_begin"}:
            return False
        if kind == "operator" and value in ")]}":
            depth += 1
        elif kind == "operator" and value in "([{":
            if depth == 0 and value != "(":
                return False
            depth -= 1
            continue
        if depth < 0:
            return kind == "name" and value in GETTEXT
    return False


CASES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in TEMPLATES]


@pytest.mark.parametrize("path", CASES)
def test_every_text_is_translatable(path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", CASES)
def test_no_inline_style_or_handler(path):
    assert read(path.read_text(encoding="utf-8"))[0].unsafe == []


def test_the_checker_sees_inline_style_and_handlers():
    seen = read(
        '<p style="color:red" onclick="x()"><a href="javascript:y()">{{ f(style="") }}</a><style>p{}</style></p>'
    )[0]
    assert seen.unsafe == ["style", "onclick", "href", "style"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ('<p>{{ _("Hello there") }}</p>', []),
        ('<p>{{ _("%(n)s of %(m)s", n=f("Some text"), m=1) }}</p>', ["Some text"]),
        ("<p>{% trans %}Hello there{% endtrans %}</p><p>Left</p>", ["Left"]),
        ('<input placeholder="Your name">', ["Your name"]),
        ('{{ button({"text": "Send it"}) }}', ["Send it"]),
        ('{{ button({"text": _("Send it"), "classes": "govuk-button a"}) }}', []),
        ("<script>let hello = 1</script>{# Only a remark #}", []),
        ("<p>{{ total }} : – 5</p>", []),
    ],
)
def test_the_checker_sees(source, found):
    assert untranslated(source) == found
