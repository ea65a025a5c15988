"""A batch followed back to its permit and forwards to every shelf; a firm sees what touched its own sites."""

from __future__ import annotations

import pytest

from tests.pages import PEOPLE, Office, cheap_hashes, office, text_of
from tests.world import move

__all__ = ["cheap_hashes", "office"]

PAGE = "/stock/batch?product=MOR10&batch=A1"


@pytest.fixture
def country(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """One batch: imported, supplied to the wholesaler, from there to two pharmacies, one line of which was taken back."""
    monkeypatch.setitem(PEOPLE, "wanda", ("wholesaler", "E-WHO"))
    with office.rows() as session:
        assert move(
            session,
            "T-1,2024-02-10,import,E-IMP,,MOR10,A1,1000,P-1,IN,,,",
            "T-2,2024-02-20,supply,E-IMP,E-WHO,MOR10,A1,800,,,,,",
            "T-3,2024-03-01,supply,E-WHO,E-PH1,MOR10,A1,100,,,,,",
            "T-4,2024-03-02,supply,E-WHO,E-PH1,MOR10,A1,50,,,,,",
            "T-5,2024-03-03,supply,E-WHO,E-PH2,MOR10,A1,30,,,,,",
            "T-7,2024-03-09,dispense,E-PH1,,MOR10,A1,12,,,,RX-1,",
            clock=office.clock,
        ).written
        assert move(session, "T-6,2024-03-04,reverse,E-WHO,,MOR10,A1,30,,,T-5,,", clock=office.clock).written
    return office


def test_the_authority_sees_the_whole_way(country: Office) -> None:
    page = country.browser("asel").get(PAGE)
    told = text_of(page)
    assert page.status_code == 200
    assert "Where it lies now: 988 pcs" in told
    assert "/permits/P-1" in page.text
    assert "1 Mar 2024 – 2 Mar 2024" in told, "two supplies to one pharmacy are one line"
    assert "150 pcs" in told
    assert "E-PH2" not in told, "what was taken back never went there"
    assert "12 pcs" in told


def test_a_firm_sees_what_touched_its_own_sites(country: Office) -> None:
    told = text_of(country.browser("polina").get(PAGE))
    assert "Where it lies now: 138 pcs" in told
    assert "150 pcs" in told
    assert "Your sites had it from others." in told
    assert "E-IMP" not in told
    assert "800" not in told
    assert country.browser("maksat").get(PAGE).status_code == 404, "it never had any of it"


def test_what_is_no_batch_is_not_found_and_links_lead_here(country: Office) -> None:
    officer = country.browser("asel")
    for query in ("product=MOR10&batch=NONE", "product=NOPE&batch=A1", "batch=A1", ""):
        assert officer.get(f"/stock/batch?{query}").status_code == 404
    for page in ("/stock/movements/T-3", "/stock/?site=E-PH1"):
        assert "/stock/batch?product=MOR10&amp;batch=A1" in officer.get(page).text, page


def test_the_statements_do_not_grow_with_the_way(country: Office) -> None:
    officer = country.browser("asel")
    few = country.statements(officer, PAGE)
    with country.rows() as session:
        more = [f"N-{n},2024-04-{n:02d},supply,E-WHO,E-PH{1 + n % 2},MOR10,A1,1,,,,," for n in range(1, 20)]
        assert move(session, *more, clock=country.clock).written
    assert country.statements(officer, PAGE) == few
