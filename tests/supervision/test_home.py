"""The start page, by role."""

from __future__ import annotations

import pytest

from registry.accounts.domain import AUTHORITY_ROLES, FIRM_ROLES
from tests.supervision.conftest import Site


def test_without_a_sign_in_it_leads_there(site: Site) -> None:
    answer = site.app.test_client().get("/")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize("role", sorted(AUTHORITY_ROLES))
def test_everybody_of_the_authority_has_one(site: Site, role: str) -> None:
    answer = site.browser(role).get("/")
    assert answer.status_code == 200
    # Whoever only decides starts nothing here: no heading stands over nothing.
    assert ("What you can do now" in answer.text) == ("govuk-button-group" in answer.text) == (role != "approver")


@pytest.mark.parametrize("role", sorted(FIRM_ROLES))
def test_every_firm_has_one(site: Site, role: str) -> None:
    answer = site.browser(role, 7).get("/")
    assert answer.status_code == 200
    assert "What you can do now" in answer.text
    assert "Open flags" not in answer.text
