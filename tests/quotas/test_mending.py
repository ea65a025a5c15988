"""A line recorded in error: mended on a page by two persons, struck through ever after, the position follows."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from registry.deeds.queries import waiting_deeds
from registry.quotas.domain.deeds import mended
from registry.quotas.domain.lines import LineFact
from registry.quotas.queries import line_by_id, lines_until
from tests.conftest import BISHKEK
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]

G = 10**9
LINE = LineFact(7, 2024, 1, "state_quota", None, None, 2800 * G, date(2024, 1, 1), "100", date(2023, 12, 20))


def the_line(office: Office) -> int:
    """Return the state quota of morphine of the example year: 2,800 g."""
    query = "SELECT l.id FROM quota_line l JOIN substance s ON s.id = l.substance_id WHERE s.code = 'NM 009'"
    with office.rows() as session:
        return int(session.scalars(text(query + " AND l.kind = 'state_quota' ORDER BY l.id")).first())


def propose(client: FlaskClient, number: int, **typed: str) -> object:
    form = {"reason": "a figure of another act", "effective_on": "15.06.2024"}
    return client.post(f"/quotas/lines/{number}/correct", data=form | typed)


def decide(office: Office, who: FlaskClient) -> object:
    with office.rows() as session:
        [deed] = waiting_deeds(session)
    return who.post(f"/deeds/{deed.id}", data={"decision": "approve"})


def test_it_is_mended_by_two_persons_and_the_error_stays_visible(office: Office) -> None:
    office.at(datetime(2026, 12, 1, 9, 0, tzinfo=BISHKEK))
    officer, approver, number = office.browser("asel"), office.browser("bakyt"), the_line(office)
    page = text_of(officer.get(f"/quotas/lines/{number}/correct"))
    assert 'name="quantity_g" value="2800"' in page
    assert propose(officer, number, quantity_g="2600", act="101", effective_on="01.12.2026").status_code == 303
    waiting = text_of(approver.get("/deeds"))
    assert "2800 → 2600" in waiting
    assert "100 → 101" in waiting
    assert decide(office, officer).status_code == 403
    office.later(minutes=1)
    assert decide(office, approver).status_code == 303
    old = text_of(officer.get(f"/quotas/lines/{number}"))
    assert "recorded in error" in old
    assert "<s>morphine, 2024: 2,800 g</s>" in old or "<s>NM 009 morphine, 2024: 2,800 g</s>" in old
    assert "a figure of another act" in old
    with office.rows() as session:
        new = int(session.scalars(text("SELECT MAX(id) FROM quota_line")).one())
        line = line_by_id(session, new)
        assert line is not None
        assert (line.quantity_ng, line.act, line.proposed_by, line.approved_by) == (2600 * G, "101", "asel", "bakyt")
        counting = [one.quantity_ng for one in lines_until(session, 2024)[line.substance_id] if one.kind == line.kind]
        assert counting == [2600 * G]
        # Whoever asks what was known before the error was found is told what counted then.
        known = lines_until(session, 2024, known_before=office.clock.now())[line.substance_id]
        assert [one.quantity_ng for one in known if one.kind == line.kind] == [2800 * G]
    assert f'href="/quotas/lines/{new}"' in old
    replacement = text_of(officer.get(f"/quotas/lines/{new}"))
    assert f'href="/quotas/lines/{number}"' in replacement
    assert "<s>2,800 g</s>" in text_of(officer.get("/quotas/2024/NM 009"))
    assert officer.post(f"/quotas/lines/{number}/correct", data={"reason": "again"}).status_code == 422


def test_a_line_that_should_not_stand_is_taken_out(office: Office) -> None:
    officer, approver, number = office.browser("asel"), office.browser("bakyt"), the_line(office)
    assert propose(officer, number, quantity_g="").status_code == 303
    assert decide(office, approver).status_code == 303
    with office.rows() as session:
        line = line_by_id(session, number)
        assert line is not None
        assert (line.state, line.version) == ("error", 2)
        assert "state_quota" not in {one.kind for one in lines_until(session, 2024)[line.substance_id]}
    page = text_of(officer.get(f"/quotas/lines/{number}"))
    assert "Another line stands in its place" not in page
    assert "Recorded in error?" not in page


def test_what_is_wrong_is_told_and_nothing_waits(office: Office) -> None:
    officer, number = office.browser("asel"), the_line(office)
    for typed, sentence in (
        ({}, "say what the line should have said"),
        ({"quantity_g": "a lot"}, "a lot"),
        ({"act_date": ""}, "rests on an act"),
        ({"quantity_g": "2600", "effective_on": "16.06.2024"}, "write today"),
        ({"quantity_g": "2600", "reason": ""}, "say why"),
    ):
        told = propose(officer, number, **typed)
        assert told.status_code == 422, typed
        assert sentence in text_of(told), typed
    assert office.browser("bakyt").get(f"/quotas/lines/{number}/correct").status_code == 403
    with office.rows() as session:
        assert waiting_deeds(session) == []


@pytest.mark.parametrize(
    ("said", "quantity", "problems"),
    [
        ({"quantity_g": "2600"}, 2600 * G, 0),
        ({"quantity_g": "0"}, 0, 0),
        ({"quantity_g": ""}, None, 0),
        ({}, None, 1),
        ({"act": ""}, None, 1),
        ({"act_date": "31.02.2024", "quantity_g": "x"}, None, 2),
        ({"counts_from": f"{LINE.year}-12-31"}, LINE.quantity_ng, 0),
        ({"counts_from": f"{LINE.year + 1}-01-01"}, None, 1),
    ],
)
def test_what_a_mended_line_says(said: dict[str, str], quantity: int | None, problems: int) -> None:
    told = mended(LINE, said)
    assert (told.line.quantity_ng if told.line else None, len(told.problems)) == (quantity, problems)
