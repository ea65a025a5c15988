"""Values typed on pages and sent as JSON, pages of lists, and the libraries' own sentences."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import marshmallow
import pytest
import wtforms
from babel.messages.pofile import read_po
from marshmallow import fields

from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import Column, as_country, as_day, as_truth, choices, quantity
from registry.kernel.text import Message
from registry.web.foreign_messages import WTFORMS, WTFORMS_COUNTING
from registry.web.paging import Page, asked_page, asked_size, page_href
from registry.web.schema import Day, Quantity, load, schema_of
from tests.web.gallery import SampleForm, make_app


class Line(marshmallow.Schema):
    quantity = Quantity(required=True, places=3)
    day = Day()


class Body(marshmallow.Schema):
    name = fields.String(required=True)
    lines = fields.List(fields.Nested(Line))


def test_a_body_is_read_exactly():
    body = load(Body(), {"name": "x", "lines": [{"quantity": "12,5", "day": "31.03.2026"}, {"quantity": 3}]})
    assert body["lines"] == [{"quantity": 12500, "day": date(2026, 3, 31)}, {"quantity": 3000}]
    assert Line().dump({"quantity": 12500, "day": date(2026, 3, 31)}) == {"quantity": "12.5", "day": "2026-03-31"}


@pytest.mark.parametrize("value", [1.5, True, "1e3", "-1", "1.2345", "0", "", "１２", None, [], "1_000"])
def test_a_quantity_that_is_not_exact_is_refused(value):
    with pytest.raises(Invalid) as caught:
        load(Line(), {"quantity": value})
    assert [problem.column for problem in caught.value.problems] == ["quantity"]


def test_all_problems_come_at_once_with_their_paths():
    with pytest.raises(Invalid) as caught:
        load(Body(), {"lines": [{"quantity": "1"}, {"quantity": "x", "day": "y"}], "other": 1})
    assert sorted((problem.column, problem.code) for problem in caught.value.problems) == [
        ("lines.1.day", "not-a-date"),
        ("lines.1.quantity", "not-a-quantity"),
        ("name", "missing"),
        ("other", "unknown-field"),
    ]


COLUMNS = (
    Column("quantity", quantity(6)),
    Column("day", as_day),
    Column("country", as_country, required=False),
    Column("acts", choices(["sale", "storage"]), required=False, choices=("sale", "storage")),
    Column("final", as_truth, required=False),
)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"quantity": "1,5", "day": "31.03.2026"}, (1_500_000, None, None, None)),
        (
            {"quantity": 2, "day": "2026-03-31", "country": "de", "acts": "sale;storage", "final": True},
            (2_000_000, "DE", ("sale", "storage"), True),
        ),
        ({"quantity": "2", "day": "2026-03-31", "country": "", "acts": None}, (2_000_000, None, None, None)),
    ],
)
def test_a_document_is_read_as_a_row_of_a_file_is(body, read):
    values = load(schema_of(COLUMNS), body)
    assert values["day"] == date(2026, 3, 31)
    assert (values["quantity"], values["country"], values["acts"], values["final"]) == read


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("quantity", 1.5, "not-text"),
        ("quantity", "", "missing"),
        ("quantity", "1e3", "not-a-quantity"),
        ("day", "31.02.2026", "not-a-date"),
        ("country", "XX", "unknown-country"),
        ("acts", "sale;else", "unknown-value"),
        ("day", ["x"], "not-text"),
        ("none", "x", "unknown-field"),
    ],
)
def test_a_document_is_refused_as_a_row_of_a_file_is(column, value, code):
    with pytest.raises(Invalid) as caught:
        load(schema_of(COLUMNS), {"quantity": "1", "day": "2026-03-31", column: value})
    assert [(problem.column, problem.code) for problem in caught.value.problems] == [(column, code)]


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_that_is_no_object(body):
    with pytest.raises(Invalid):
        load(Line(), body)


def test_form_fields_keep_scaled_values_and_show_them_again():
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(
        "/",
        method="POST",
        data={"quantity": "12,5", "day": "2026-03-31", "purpose": "p", "kind": "export", "way": "road"},
    ):
        form = SampleForm()
        assert form.validate_on_submit(), form.errors
        assert (form.quantity.data, form.day.data) == (12500, date(2026, 3, 31))
    with app.test_request_context("/"):
        form = SampleForm(data={"quantity": 12500, "day": date(2026, 3, 31)})
        assert (form.quantity._value(), form.day._value()) == ("12.5", "31.03.2026")


def test_problems_of_a_service_find_their_fields():
    with make_app().test_request_context("/"):
        form = SampleForm()
        rest = form.add_problems([Problem("quantity", "x", Message("too much")), Problem("none", "y", Message("else"))])
        assert list(form.quantity.errors) == ["too much"]
        assert [problem.column for problem in rest] == ["none"]


def test_our_catalogue_holds_every_sentence_of_wtforms():
    template = Path(wtforms.__file__).parent / "locale" / "wtforms.pot"
    with template.open("rb") as file:
        theirs = {message.id for message in read_po(file) if message.id}
    assert theirs == set(WTFORMS) | set(WTFORMS_COUNTING)


@pytest.mark.parametrize(
    ("total", "number", "numbers", "last"),
    [
        (0, 1, [1], 1),
        (50, 1, [1], 1),
        (51, 1, [1, 2], 2),
        (420, 1, [1, 2, None, 9], 9),
        (420, 5, [1, None, 4, 5, 6, None, 9], 9),
        (420, 3, [1, 2, 3, 4, None, 9], 9),
    ],
)
def test_page_numbers(total, number, numbers, last):
    page = Page(["x"] * min(50, total), number, 50, total)
    assert (page.numbers, page.last) == (numbers, last)


def test_rows_shown():
    assert (Page(["x"] * 20, 9, 50, 420).first_row, Page(["x"] * 20, 9, 50, 420).last_row) == (401, 420)
    assert (Page([], 1, 50, 0).first_row, Page([], 1, 50, 0).last_row) == (0, 0)


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ("", 1, 50),
        ("page=3&size=20", 3, 20),
        ("page=-1&size=0", 1, 1),
        ("page=x&size=9999", 1, 500),
        ("page=²", 1, 50),
        ("page=99999999999999999999", 1, 50),
    ],
)
def test_what_the_query_asks(query, page, size):
    app = make_app()
    with app.test_request_context(f"/stock?{query}"):
        assert (asked_page(), asked_size()) == (page, size)


def test_page_addresses_keep_the_filters():
    with make_app().test_request_context("/stock?year=2026&kind=a&kind=b&page=2"):
        assert page_href(page=3) == "/stock?year=2026&kind=a&kind=b&page=3"
        assert page_href(page=None) == "/stock?year=2026&kind=a&kind=b"
