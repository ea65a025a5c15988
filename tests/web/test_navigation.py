"""Each role sees what it does, and where it is."""

from __future__ import annotations

import pytest

from registry.web.navigation import items_for
from tests.web.gallery import Officer, make_app


@pytest.fixture
def app():
    return make_app(person=Officer())


def labels(app, roles, endpoint="gallery"):
    with app.test_request_context("/"):
        return [(entry.label, entry.href, entry.current) for entry in items_for(roles, endpoint)]


def test_by_role(app):
    assert [label for label, _, _ in labels(app, {"officer"})] == ["Work", "Permits", "Stock", "Returns"]
    assert [label for label, _, _ in labels(app, {"pharmacist"})] == ["Work", "Stock"]
    assert labels(app, set()) == []
    assert [label for label, _, _ in labels(app, {"administrator"})] == ["Work"]


def test_a_group_has_a_second_row(app):
    with app.test_request_context("/permits/mine"):
        permits = items_for({"officer"}, "permits.mine")[1]
    assert (permits.label, permits.href, permits.current) == ("Permits", "/permits", True)
    assert [(entry.label, entry.current) for entry in permits.inner] == [("Cases", False), ("My cases", True)]


def test_a_page_without_an_item_marks_its_room(app):
    assert [label for label, _, current in labels(app, {"officer"}, "stock.detail") if current] == ["Stock"]
    assert [label for label, _, current in labels(app, {"officer"}, "nowhere") if current] == []


def test_applications_do_not_share_items(app):
    other = make_app()
    assert len(app.extensions["registry.navigation"]) == len(other.extensions["registry.navigation"]) == 6


def test_the_layout_for_signed_in_and_others(app):
    page = app.test_client().get("/permits/mine").text
    assert 'aria-current="page">My cases</a>' in page
    assert 'action="/search"' in page
    assert 'action="/sign-out"' in page
    assert "Айгүл Өмүрбекова" in page
    public = make_app().test_client().get("/stock").text
    assert "registry-menu" not in public
    assert 'action="/sign-out"' not in public


def test_the_banner_only_when_there_is_text():
    assert "registry-practice" in make_app(banner="Practice").test_client().get("/stock").text
    assert "registry-practice" not in make_app().test_client().get("/stock").text
