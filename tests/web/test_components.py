"""The components as a reader or a screen reader meets them."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from html.parser import HTMLParser

import pytest
from flask import render_template_string

from registry.web.components import bar, field_kind, share, tone
from tests.web.gallery import FINDINGS, Officer, SampleForm, make_app

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "rect", "line", "path"}


class Tree(HTMLParser):
    """Checks nesting and collects ids, references and labels."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.wanted: set[str] = set()
        self.headings: list[int] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        values = dict(attrs)
        if "id" in values:
            self.ids[values["id"]] += 1
        self.wanted |= {
            part for name in ("for", "aria-describedby", "aria-controls") for part in (values.get(name) or "").split()
        }
        if values.get("href", "").startswith("#"):
            self.wanted.add(values["href"][1:])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


@pytest.fixture(scope="module")
def app():
    return make_app(person=Officer(), banner="Practice country")


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


@pytest.mark.parametrize(("method", "data"), [("get", None), ("post", {"quantity": "1O", "kind": "import"})])
def test_the_gallery_is_well_formed(client, method, data):
    tree = Tree()
    page = getattr(client, method)("/", data=data) if data else client.get("/")
    tree.feed(page.text)
    assert tree.faults == []
    assert tree.open == []
    assert [name for name, count in tree.ids.items() if count > 1] == []
    assert tree.wanted <= set(tree.ids)
    assert Counter(tree.headings)[1] <= 2


def post(app, **data):
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        return app.test_client().post("/", data={"kind": "import", "way": "air", **data}).text
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


def test_errors_stand_in_the_summary_and_beside_the_field(app):
    page = post(app, quantity="1O", day="31.02.2026", purpose="x")
    assert page.count("“1O” is not a number we can hold exactly") == 2
    assert page.count("“31.02.2026” is not a day: write") == 2
    assert 'href="#quantity"' in page
    assert 'value="1O"' in page
    assert "This field is required" not in page


def test_a_missing_value_is_said_once_per_place(app):
    page = post(app, quantity="1", day="1.3.2026")
    assert page.count("This field is required.") == 2


def test_nothing_written_by_people_becomes_markup(client):
    page = client.get("/").text
    assert "<b>Codeine</b>" not in page
    assert "&lt;b&gt;Codeine&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("used", "reserved", "limit", "shares", "over", "percent"),
    [
        ("7000", "2500", "10500", ("66.666%", "23.809%"), False, "90.5"),
        ("8000", "2500", "10500", ("76.190%", "23.809%"), False, "100"),
        ("8000.000000001", "2500", "10500", ("76.190%", "23.809%"), True, "100"),
        (0, 0, 0, ("0.000%", "0.000%"), False, None),
        (5, 0, 0, ("100.000%", "0.000%"), True, None),
        (Fraction(-5), 5, 10, ("0.000%", "50.000%"), False, "50"),
    ],
)
def test_geometry_of_the_bar(used, reserved, limit, shares, over, percent):
    shape = bar(used, reserved, limit)
    assert (shape.used, shape.reserved) == shares
    assert shape.is_over is over
    assert shape.bound_percent == percent


def test_one_permit_stands_beside_what_is_reserved():
    shape = bar("50", "20", "100", "40")
    assert (shape.asked_from, shape.asked, shape.bound_percent) == ("63.636%", "36.363%", "110")
    assert shape.is_over


def test_the_bar_says_everything_in_text(client):
    page = client.get("/").text
    for text in ("7,000", "2,500", "10,500", "9,000.123456789", "-1,000.123456789", "Over the limit", "Hardly used"):
        assert text in page
    assert len(re.findall(r"registry-badge--over", page)) == len(re.findall(r"registry-badge--under", page)) == 1


def test_shares_and_tones():
    assert [share(1, 3), share(3, 3), share(4, 3), share(1, 0)] == [33, 100, 133, 0]
    assert tone("red") == "govuk-tag--red"
    assert tone("red x") == "govuk-tag--grey"


def test_kinds_of_fields(app):
    with app.test_request_context("/"):
        kinds = {field.name: field_kind(field) for field in SampleForm()}
    assert kinds == {
        "csrf_token": "hidden",
        "quantity": "input",
        "day": "input",
        "purpose": "input",
        "kind": "select",
        "way": "radios",
        "acts": "checkboxes",
        "agreed": "checkbox",
        "note": "textarea",
        "file": "file",
        "secret": "password",
    }


def test_the_panel_says_rule_ground_figures_and_what_would_fit(app):
    with app.test_request_context("/"):
        html = render_template_string(
            '{% from "components/findings.html" import findings_panel %}{{ findings_panel(f) }}', f=FINDINGS
        )
        nothing = render_template_string(
            '{% from "components/findings.html" import findings_panel %}{{ findings_panel(()) }}'
        )
    assert "registry-panel--refuse" in html
    for text in (
        "XXX-01",
        "1961 Convention, art. 21",
        "2,500",
        "1,500",
        "150,000",
        "Row 40",
        "Not allowed",
        "To be looked into",
    ):
        assert text in html
    assert nothing.strip() == ""
